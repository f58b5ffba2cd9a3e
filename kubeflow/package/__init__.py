"""A package of Kubeflow Pipelines: read, checked, kept, its values filled in."""
