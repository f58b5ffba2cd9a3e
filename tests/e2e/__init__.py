"""Whole runs of the command line, few and shared."""
