"""What runs in a container: ``python -m kubeflow.entrypoint`` runs one node of a pipeline."""
