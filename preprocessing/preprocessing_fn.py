"""The `preprocessing_fn` that Transform calls, made from the configuration.

The same graph runs over the training data and inside the serving model. In serving
the label's columns are absent; TFT then leaves the label out, since no feature depends
on them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import UserError, nearest
from preprocessing.expression import parse_label
from preprocessing.features import (
    LABEL_KEY,
    FeatureRole,
    dump_features,
    load_features,
    raw_columns,
)
from preprocessing.label import Task, transform_label

PREPROCESSING_FN = "preprocessing.preprocessing_fn.preprocessing_fn"
"""What the Transform component is given as `preprocessing_fn`."""


def transform_config(
    features: Mapping[str, FeatureRole],
    label: str,
    task: Task,
    classes: Sequence[str] | None = None,
) -> dict[str, Any]:
    """The `custom_config` of Transform: plain JSON.

    Args:
      features: The feature map.
      label: The label expression's text.
      task: The task.
      classes: The classes' names as the data writes them, if they are given.
    """
    return {
        "features": dump_features(features),
        "label": label,
        "task": task,
        "classes": None if classes is None else list(classes),
    }


def preprocessing_fn(inputs: dict[str, Any], custom_config: dict[str, Any]) -> dict[str, Any]:
    """Turns raw columns into transformed features and the label.

    Args:
      inputs: The schema's columns: sparse [batch, any] or dense tensors.
      custom_config: What `transform_config` made.

    Returns:
      Tensors of shape [batch] (bags [batch, length]): the features that
      `preprocessing.features.transformed_features` lists, and the label.

    Raises:
      UserError: If a column is not in the schema, or its type does not fit its role.
    """
    from preprocessing.columns import raw_column
    from preprocessing.columns import raw_columns as take_columns
    from preprocessing.transforms import FeatureGraph

    features = load_features(custom_config["features"])
    label = custom_config["label"]
    wanted = {*raw_columns(features), *parse_label(label).columns}
    for name in sorted(wanted - set(inputs)):
        close = nearest(name, inputs)
        raise UserError(
            f"no column is called {name!r}",
            evidence=["columns: " + ", ".join(sorted(inputs))],
            hint=f"did you mean {close!r}?" if close else "compare the features with the data",
            code="unknown-column",
        )
    columns = take_columns(inputs, raw_columns(features))
    outputs = FeatureGraph(features, columns).build()
    for name in sorted(wanted - set(columns)):
        # Each on its own: what the label reads is absent in serving.
        columns[name] = raw_column(inputs[name])
    outputs[LABEL_KEY] = transform_label(
        label, custom_config["task"], custom_config.get("classes"), columns
    )
    return outputs
