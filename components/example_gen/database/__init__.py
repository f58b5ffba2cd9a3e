"""Tables and queries of SQL databases as training data."""
