"""Metrics by slice, and the bounds on them, as an evaluation's readers see them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable

from components.evaluator.buckets import bucket_order, slice_part

EXAMPLE_COUNT = "example_count"


@dataclasses.dataclass(frozen=True)
class Metric:
    """One metric in one slice.

    Attributes:
      name: Its name, with class or cut-off where it has one.
      value: The candidate's value.
      baseline: The blessed baseline's value, None without a baseline.
      interval: Lower and upper bound of the confidence interval, where computed.
      change_interval: The same of the change against the baseline.
    """

    name: str
    value: float
    baseline: float | None = None
    interval: tuple[float, float] | None = None
    change_interval: tuple[float, float] | None = None

    @property
    def change(self) -> float | None:
        """Candidate minus baseline, None without a baseline."""
        return None if self.baseline is None else self.value - self.baseline


@dataclasses.dataclass(frozen=True)
class Slice:
    """The metrics of one slice.

    Attributes:
      key: Pairs of feature and value; empty for all examples.
      metrics: The slice's metrics by name.
    """

    key: tuple[tuple[str, str], ...]
    metrics: dict[str, Metric]

    @property
    def label(self) -> str:
        """Such as ``payment_type = Cash``, or ``all examples``."""
        return slice_label(self.key)

    @property
    def examples(self) -> int | None:
        """How many examples it has (weighted where weights are used), if counted."""
        metric = self.metrics.get(EXAMPLE_COUNT)
        return None if metric is None else round(metric.value)


@dataclasses.dataclass(frozen=True)
class Check:
    """One bound on one metric in one slice.

    Attributes:
      slice: Key of the slice.
      metric: The metric's name.
      bound: In words, such as ``at least 0.8`` or ``change at least -0.01``.
      value: The metric's value (for a bound on the change too), None where missing.
      baseline: The baseline's value, where it counts.
      passed: Whether it does not stand in the way of a blessing.
      message: TFMA's remark, if any.
      interval: The confidence interval of what is bounded (the value, or the change
        where the bound is on the change), where computed.
      verdict: ``kept``, ``broken``, ``undecided`` (the value is beyond the bound, but the
        confidence interval includes the bound) or ``not reached`` (another check failed
        before it).
      where: Names what was judged where that is not one slice.
      figure: The value with its unit, where it has one.
    """

    slice: tuple[tuple[str, str], ...]
    metric: str
    bound: str
    value: float | None
    baseline: float | None
    passed: bool
    message: str = ""
    interval: tuple[float, float] | None = None
    verdict: str = ""
    where: str = ""
    figure: str = ""

    @property
    def slice_label(self) -> str:
        """Such as ``payment_type = Cash``, or ``all examples``."""
        return self.where or slice_label(self.slice)


def slice_label(key: Iterable[tuple[str, str]]) -> str:
    """Names a slice for people."""
    return (
        " \N{MULTIPLICATION SIGN} ".join(slice_part(column, value) for column, value in key)
        or "all examples"
    )


def natural(key: tuple[tuple[str, str], ...]) -> list[tuple[str, float, str]]:
    """A sort key that puts numbers and buckets in their order."""
    order = []
    for column, value in key:
        try:
            order.append((column, float(value), ""))
        except ValueError:
            place = bucket_order(value)
            order.append((column, math.inf if place is None else place, value))
    return order
