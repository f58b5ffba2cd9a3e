"""The configuration of a pipeline: what it may say, where each value came from."""
