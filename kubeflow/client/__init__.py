"""Pipelines on a Kubeflow cluster: uploaded, run, scheduled, watched, through `kfp.Client`."""
