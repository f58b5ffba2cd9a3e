"""The pipeline as a job of Vertex AI Pipelines, by TFX's own compiler."""
