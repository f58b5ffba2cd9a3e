"""The project's own code: found, checked, watched, and its failures told."""
