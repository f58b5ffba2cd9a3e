"""The names that the exported model's signatures and outputs bear; without TensorFlow."""

from __future__ import annotations

from preprocessing.label import Task

SERVING_DEFAULT = "serving_default"
SERVING_RAW = "serving_raw"
TRANSFORM_FEATURES = "transform_features"


def prediction_key(task: Task) -> str:
    """The serving output that TFMA's ``ModelSpec.prediction_key`` must name."""
    return {"binary": "score", "multiclass": "probabilities", "regression": "prediction"}[task]
