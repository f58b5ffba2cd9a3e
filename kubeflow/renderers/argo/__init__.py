"""The task graph as an Argo Workflow."""
