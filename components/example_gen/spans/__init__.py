"""Spans and versions: which there are, which are ready, which one is taken."""
