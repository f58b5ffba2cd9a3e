"""The checks of a model, one idea a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from components.serving_validator.checks import (
    batch_independence,
    consistency,
    finiteness,
    growth,
    latency,
    memory,
    raw_tensors,
    shapes,
    size,
    start,
    throughput,
    unexpected,
)
from components.serving_validator.trial import Check, Trial

ALL: Sequence[Callable[[Trial], Check]] = (
    start.check,
    shapes.check,
    finiteness.check,
    consistency.check,
    batch_independence.check,
    raw_tensors.check,
    unexpected.check,
    latency.check_median,
    latency.check_tail,
    throughput.check,
    memory.check,
    growth.check,
    size.check,
)


def run_all(trial: Trial) -> list[Check]:
    """Runs every check on one trial.

    Args:
      trial: What is known of the model.
    """
    return [check(trial) for check in ALL]
