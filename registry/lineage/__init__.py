"""Answers about where a model came from and what became of its data."""
