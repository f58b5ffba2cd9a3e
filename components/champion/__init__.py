"""The model that new models are compared with."""
