"""How a configuration bounds the difference that a model makes between groups."""

from __future__ import annotations

from collections.abc import Mapping

import pydantic

from components.evaluator.metric_names import Task
from components.evaluator.slice_settings import Slice
from core.errors import nearest
from core.settings import Settings

_MEAN_ERROR = ("mean_prediction", "mean_label")
RATES: Mapping[Task, Mapping[str, tuple[str, ...]]] = {
    "binary": {
        **{
            name: (name,)
            for name in (
                "accuracy",
                "false_positive_rate",
                "false_negative_rate",
                "precision",
                "recall",
                "predicted_positive_rate",
            )
        },
        "mean_error": _MEAN_ERROR,
    },
    "multiclass": {"accuracy": ("accuracy",)},
    "regression": {"mean_error": _MEAN_ERROR, "mean_absolute_error": ("mean_absolute_error",)},
}
"""The rates by task, each with its metric (or two, of which it is the difference)."""


class FairnessSettings(Settings):
    """The largest gap of a rate between the slices of one kind.

    TFMA 0.47 has no FairnessIndicators class; the rates are those of the confusion matrix
    at the decision threshold.
    """

    rate: str = pydantic.Field(
        description="false_positive_rate, false_negative_rate, accuracy, mean_error (mean"
        " prediction minus mean label) and others that fit the task."
    )
    slice: Slice = pydantic.Field(
        description="The feature between whose values the rate may not differ much; as in slices."
    )
    gap_at_most: float = pydantic.Field(
        ge=0, allow_inf_nan=False, description="The largest gap at which the model is blessed."
    )

    @pydantic.field_validator("rate")
    @classmethod
    def _known(cls, rate: str) -> str:
        known = sorted({name for rates in RATES.values() for name in rates})
        if rate not in known:
            close = nearest(rate, known)
            said = f"did you mean {close!r}?" if close else f"known are {', '.join(known)}"
            raise ValueError(f"unknown rate {rate!r}: {said}")
        return rate
