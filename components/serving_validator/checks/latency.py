"""Single rows are answered in time."""

from __future__ import annotations

import math
from collections.abc import Sequence

from components.serving_validator.trial import Check, Trial, bounded, unanswered

MEDIAN = "latency_p50"
TAIL = "latency_p99"


def check_median(trial: Trial) -> Check:
    """The time in which half of all single rows are answered."""
    bound = trial.settings.latency_p50_ms
    return _check(trial, MEDIAN, "half of all single rows in time", 0.5, bound)


def check_tail(trial: Trial) -> Check:
    """The time in which 99 of 100 single rows are answered."""
    bound = trial.settings.latency_p99_ms
    return _check(trial, TAIL, "99 of 100 single rows in time", 0.99, bound)


def _check(trial: Trial, name: str, title: str, share: float, at_most: float) -> Check:
    step = trial.observed.step("singles")
    if not step.done:
        return unanswered(name, title, step)
    # The first one still warms up.
    times = step.result["times"][1:] or step.result["times"]
    value = 1000 * quantile(times, share)
    return bounded(name, title, value, at_most=at_most, unit="ms", words=f"{len(times)} rows")


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least a share of all values do not exceed.

    Args:
      values: One or more.
      share: In (0, 1].
    """
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
