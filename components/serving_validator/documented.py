"""The outputs that the models of this project document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from models.outputs import prediction_key

if TYPE_CHECKING:
    from preprocessing.label import Task

Shapes = Mapping[str, Sequence[int | None]]


def documented_outputs(task: Task, classes: int | None) -> Shapes:
    """The shape of one row's part of each output; see `models.signatures`.

    Args:
      task: The task.
      classes: The number of classes, None where the data decide it.
    """
    if task == "regression":
        return {prediction_key(task): ()}
    if task == "binary":
        return {"classes": (2,), "probabilities": (2,), "score": ()}
    return {"class": (), "classes": (classes,), "probabilities": (classes,)}
