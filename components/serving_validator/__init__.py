"""Whether a model is safe to serve: it is loaded and asked in a process of its own."""
