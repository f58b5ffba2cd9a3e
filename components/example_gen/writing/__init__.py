"""The two passes over the data: what is planned, and the examples that are written."""
