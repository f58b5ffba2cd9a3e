"""What is known about runs: the runner's own account and ML Metadata's record."""
