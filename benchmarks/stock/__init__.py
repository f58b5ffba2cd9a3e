"""The stock twin: the same work done by TFX's own components and runner."""
