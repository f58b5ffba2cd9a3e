"""The local runner: a light parent that shows progress, a fork server that runs nodes."""
