"""Runs as experiments: side by side, and done again."""
