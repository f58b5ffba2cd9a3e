"""The names in the exported model: signatures, inputs and outputs; without TensorFlow."""

from __future__ import annotations

import collections
import keyword
from collections.abc import Iterable
from typing import TYPE_CHECKING

from preprocessing.plain_names import plain_name

if TYPE_CHECKING:
    from preprocessing.label import Task

SERVING_DEFAULT = "serving_default"
SERVING_RAW = "serving_raw"
TRANSFORM_FEATURES = "transform_features"


def prediction_key(task: Task) -> str:
    """The serving output that TFMA's ``ModelSpec.prediction_key`` must name."""
    return {"binary": "score", "multiclass": "probabilities", "regression": "prediction"}[task]


def raw_input_names(columns: Iterable[str]) -> dict[str, str]:
    """The inputs of the raw signature that take some columns, by column.

    A column with a plain name gives the input its name; one whose name TensorFlow would
    not tell from another's gets a plain one with a digest: TensorFlow folds characters
    that Python names lack ("a b", "a.b") and does not tell "a" from "A"; it takes no
    input called self or like one of Python's keywords, nor one that does not begin with
    a letter.

    Args:
      columns: All columns that the model reads.
    """
    names = {column: _possible_names(column) for column in columns}
    lower = collections.Counter(name.lower() for name, _ in names.values())
    return {
        column: other if lower[name.lower()] > 1 and name != name.lower() else name
        for column, (name, other) in names.items()
    }


def columns_of_raw_inputs(columns: Iterable[str]) -> dict[str, str]:
    """The column that an input of the raw signature takes, by any name it may have.

    Args:
      columns: Columns, those that the model does not read among them.
    """
    return {name: column for column in columns for name in _possible_names(column)}


def _possible_names(column: str) -> tuple[str, str]:
    """The usual name of a column's input, and the one beside others that are alike."""
    name, other = plain_name(column), plain_name(column, with_digest=True)
    if not name[:1].isalpha() or keyword.iskeyword(name) or name == "self":
        name = other = f"column_{other}"
    return name, other
