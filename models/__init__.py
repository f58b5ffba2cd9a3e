"""Keras models, their inputs, training, tuning and serving signatures."""
