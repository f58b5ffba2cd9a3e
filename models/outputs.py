"""The names in the exported model: signatures, inputs and outputs; without TensorFlow."""

from __future__ import annotations

import keyword

from preprocessing.label import Task
from preprocessing.plain_names import plain_name

SERVING_DEFAULT = "serving_default"
SERVING_RAW = "serving_raw"
TRANSFORM_FEATURES = "transform_features"


def prediction_key(task: Task) -> str:
    """The serving output that TFMA's ``ModelSpec.prediction_key`` must name."""
    return {"binary": "score", "multiclass": "probabilities", "regression": "prediction"}[task]


def raw_input_name(column: str) -> str:
    """The input of the raw signature that takes a column.

    TensorFlow folds the characters of inputs' names that Python has no room for, so that
    "a b" and "a.b" would be one; it takes no input called self or like one of Python's
    keywords, nor one that begins with anything but a letter.

    Args:
      column: The column's name. One that is a plain Python name is the input's, too.
    """
    name = plain_name(column)
    if not name[0].isalpha() or keyword.iskeyword(name) or name == "self":
        # No name of a column: those with a digest are not plain ones.
        return plain_name(f"column {name}")
    return name
