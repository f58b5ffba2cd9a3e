"""What the Kubeflow interface draws of a node: pages, metrics, curves."""
