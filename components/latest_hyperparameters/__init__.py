"""The last tuned hyperparameters, if there are any."""
