"""Writes a task graph as a package of Kubeflow Pipelines 2."""
