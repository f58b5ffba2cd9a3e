"""The data that the report's pictures of a model are drawn from."""
