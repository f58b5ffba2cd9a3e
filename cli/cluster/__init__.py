"""The commands of the orchestrators, each in its own module."""
