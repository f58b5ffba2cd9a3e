"""The spans that a model is trained on: the newest accepted ones."""
