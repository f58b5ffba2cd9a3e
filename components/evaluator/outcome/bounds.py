"""The bounds of a TFMA configuration: which apply to a slice, and what they say."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any


def thresholds(config: Any) -> Iterator[tuple[str, Any, Any]]:
    """All thresholds of a configuration, as TFMA applies them.

    Args:
      config: TFMA's `EvalConfig`.

    Yields:
      Metric name, slicing spec (None means every slice) and `MetricThreshold`.
    """
    for spec in config.metrics_specs:
        for name, threshold in spec.thresholds.items():
            yield name, None, threshold
        for name, per_slice in spec.per_slice_thresholds.items():
            for entry in per_slice.thresholds:
                for slicing in entry.slicing_specs:
                    yield name, slicing, entry.threshold
        for metric in spec.metrics:
            name = _configured_name(metric)
            if metric.HasField("threshold"):
                yield name, None, metric.threshold
            for entry in metric.per_slice_thresholds:
                for slicing in entry.slicing_specs:
                    yield name, slicing, entry.threshold


def _configured_name(metric: Any) -> str:
    if metric.config:
        name = json.loads(metric.config).get("name")
        if name:
            return str(name)
    # Keras names a metric after its class in this way.
    spaced = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", metric.class_name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", spaced).lower()


def applies(spec: Any, key: tuple[tuple[str, str], ...]) -> bool:
    """Whether a slicing spec means a slice.

    Args:
      spec: TFMA's `SlicingSpec`; an empty one means all examples together.
      key: Pairs of feature and value of the slice.
    """
    values = dict(key)
    wanted = set(spec.feature_keys) | set(spec.feature_values)
    return set(values) == wanted and all(
        values[column] == value for column, value in spec.feature_values.items()
    )


def spec_label(spec: Any) -> str:
    """Names a slicing spec for people."""
    parts = list(spec.feature_keys)
    parts += [f"{column} = {value}" for column, value in spec.feature_values.items()]
    return " \N{MULTIPLICATION SIGN} ".join(parts) or "all examples"


def in_words(threshold: Any) -> list[str]:
    """The value bound and the change bound of a threshold, where it has them."""
    value, change = threshold.value_threshold, threshold.change_threshold
    values = []
    if value.HasField("lower_bound") and math.isfinite(value.lower_bound.value):
        values.append(f"at least {value.lower_bound.value:g}")
    if value.HasField("upper_bound") and math.isfinite(value.upper_bound.value):
        values.append(f"at most {value.upper_bound.value:g}")
    # MetricDirection.LOWER_IS_BETTER is 1.
    side = "at most" if change.direction == 1 else "at least"
    changes = []
    if change.HasField("absolute"):
        changes.append(f"change {side} {change.absolute.value:+g}")
    if change.HasField("relative"):
        changes.append(f"relative change {side} {100 * change.relative.value:+g} %")
    return [" and ".join(parts) for parts in (values, changes) if parts]
