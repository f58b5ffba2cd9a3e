"""The task graph: what every renderer makes its file of."""
