"""The verdict beyond TFMA's: confidence intervals, fairness gates, slices without examples.

Works on the files that TFMA's way or ours has written, so that both are judged alike.
TFMA's own verdict is rewritten where it changes; what it has no place for goes into
``gates.json`` beside it.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import tensorflow as tf
import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.proto import validation_result_pb2
from tensorflow_model_analysis.slicer import slicer_lib

from components.evaluator import buckets, results
from components.evaluator.gates import FairnessGate, Gates
from components.evaluator.guessing import read_guessing
from components.evaluator.intervals import interval_methods as methods
from components.evaluator.intervals.interval_methods import Interval
from components.evaluator.slicing import SliceKey

GATES_FILE = "gates.json"


_Values: TypeAlias = Mapping[tuple[str, str], tuple[float, Interval | None]]
"""Value and interval by metric name and kind: empty, ``baseline`` or ``change``."""
_Rates: TypeAlias = Mapping[SliceKey, tuple[float, Interval | None]]


@dataclasses.dataclass(frozen=True)
class RowCounts:
    """How many rows an evaluation used.

    Attributes:
      used: Those that have a label; None where the metrics tell.
      total: Of how many; None where that is not known.
      unknown_to_baseline: Those left out because only the blessed model has no class for
        their label.
    """

    used: int | None = None
    total: int | None = None
    unknown_to_baseline: int = 0


def judge(uri: str, gates: Gates, rows: RowCounts, *, baseline_refused: str = "") -> bool:
    """Judges a written evaluation by the gates, and rewrites TFMA's verdict where needed.

    Args:
      uri: The ModelEvaluation artifact's uri.
      gates: What is judged beyond TFMA's thresholds.
      rows: How many rows were used.
      baseline_refused: Why the blessed model is not compared with, if it is not; then only
        a gate that allows it blesses the model.

    Returns:
      Whether the model may be blessed.
    """
    config = results.read_config(uri)
    slices = results.read_metrics(uri)
    validation = tfma.load_validation_result(uri)
    judged = validation_result_pb2.ValidationResult()
    judged.CopyFrom(validation)
    undecided = _excuse(judged, slices) if gates.confidence is not None else []
    fairness = [_fairness(gate, slices, gates.confidence) for gate in gates.fairness]
    for gate in fairness:
        if gate["verdict"] == "broken":
            _add_failure(judged, gate)
    if gates.fairness:
        judged.missing_thresholds = False
    compared = any(spec.is_baseline for spec in config.model_specs)
    guessing = read_guessing(uri, gates, compared=compared)
    judged.validation_ok = (guessing is None or guessing["better"]) and not (
        judged.metric_validations_per_slice
        or judged.missing_slices
        or judged.missing_cross_slices
        or judged.missing_thresholds
        or (baseline_refused and not gates.allow_no_comparison)
    )
    if judged != validation:
        results.write_validation(uri, judged)
    document = {
        "confidence": gates.confidence,
        "undecided": undecided,
        "fairness": [{k: v for k, v in gate.items() if k != "keys"} for gate in fairness],
        "baseline_refused": baseline_refused,
        "allow_no_comparison": gates.allow_no_comparison,
        "guessing": guessing,
        "rows": _rows(rows, slices),
        "empty_slices": _empty_slices(config, slices, judged),
    }
    with tf.io.gfile.GFile(os.path.join(uri, GATES_FILE), "w") as file:
        file.write(json.dumps(document, indent=1, default=str))
    return bool(judged.validation_ok)


def _rows(rows: RowCounts, slices: Mapping[SliceKey, _Values]) -> dict[str, int] | None:
    used = _examples(slices.get((), {})) if rows.used is None else rows.used
    if used is None or rows.total is None:
        return None
    return {**dataclasses.asdict(rows), "used": int(used)}


def _excuse(
    judged: validation_result_pb2.ValidationResult, slices: Mapping[SliceKey, _Values]
) -> list[dict[str, Any]]:
    """Takes out the missed thresholds that lie within the confidence interval."""
    undecided = []
    rows = list(judged.metric_validations_per_slice)
    del judged.metric_validations_per_slice[:]
    for row in rows:
        if row.HasField("cross_slice_key"):
            judged.metric_validations_per_slice.append(row)
            continue
        key = slicer_lib.deserialize_slice_key(row.slice_key)
        values = slices.get(key, {})
        failures = list(row.failures)
        del row.failures[:]
        for failure in failures:
            name, is_change = failure.metric_key.name, failure.metric_key.is_diff
            if _is_missed(failure.metric_threshold, name, values):
                row.failures.append(failure)
            else:
                undecided.append(
                    {
                        "slice": [list(part) for part in key],
                        "metric": name,
                        "on": "change" if is_change else "value",
                    }
                )
        if row.failures:
            judged.metric_validations_per_slice.append(row)
    return undecided


def _is_missed(threshold: Any, name: str, values: _Values) -> bool:
    """Whether the confidence interval excludes a threshold that the value does not keep."""
    found = values.get((name, "change" if threshold.HasField("change_threshold") else ""))
    if found is None or found[1] is None:
        return True
    low, high = found[1]
    bound = threshold.value_threshold
    if bound.HasField("lower_bound") and high < bound.lower_bound.value:
        return True
    if bound.HasField("upper_bound") and low > bound.upper_bound.value:
        return True
    change = threshold.change_threshold
    missed = []
    if change.HasField("absolute"):
        missed.append((low, high, change.absolute.value))
    before = values.get((name, "baseline"))
    if change.HasField("relative") and before is not None and before[0]:
        ends = sorted((low / before[0], high / before[0]))
        missed.append((ends[0], ends[1], change.relative.value))
    lower_is_better = change.direction == tfma.MetricDirection.LOWER_IS_BETTER
    return any(low > end if lower_is_better else high < end for low, high, end in missed)


def _fairness(
    gate: FairnessGate, slices: Mapping[SliceKey, _Values], confidence: float | None
) -> dict[str, Any]:
    """Compares a rate between the slices of one kind."""
    rates = {
        key: rate
        for key, values in slices.items()
        if _is_of(key, gate) and (rate := _rate(gate, values)) is not None
    }
    found: dict[str, Any] = {
        "rate": gate.rate,
        "feature": gate.label,
        "gap_at_most": gate.gap_at_most,
        "rates": [
            {"value": _value_of(key), "rate": rate, "examples": _examples(slices[key])}
            for key, (rate, _) in rates.items()
        ],
    }
    if len(rates) < 2:
        said = "one value has" if rates else "no value has"
        return {
            **found,
            "verdict": "kept",
            "message": f"nothing to compare: {said} the rate (see minimum_slice_examples)",
        }
    lowest = min(rates, key=lambda key: rates[key][0])
    highest = max(rates, key=lambda key: rates[key][0])
    gap = rates[highest][0] - rates[lowest][0]
    verdict = "broken" if gap > gate.gap_at_most else "kept"
    if confidence is not None:
        surest = _surest_pair(rates, confidence)
        if verdict == "broken":
            verdict = "undecided"
        if surest is not None and surest[2][0] > gate.gap_at_most:
            lowest, highest, verdict = surest[0], surest[1], "broken"
            gap = rates[highest][0] - rates[lowest][0]
        found["interval"] = _gap_interval(rates, lowest, highest, confidence)
    return {
        **found,
        "gap": gap,
        "lowest": _end(lowest, rates, slices),
        "highest": _end(highest, rates, slices),
        "verdict": verdict,
        "keys": (lowest, highest),
    }


def _surest_pair(rates: _Rates, confidence: float) -> tuple[SliceKey, SliceKey, Interval] | None:
    """The pair whose gap is largest for sure."""
    pairs = [
        (one, other, interval)
        for one, other in itertools.permutations(rates, 2)
        if rates[other][0] > rates[one][0]
        and (interval := _gap_interval(rates, one, other, confidence)) is not None
    ]
    return max(pairs, key=lambda pair: pair[2][0], default=None)


def _gap_interval(
    rates: _Rates, lowest: SliceKey, highest: SliceKey, confidence: float
) -> Interval | None:
    """The gap's interval, wide enough for the largest among all pairs (Bonferroni)."""
    (one, around_one), (other, around_other) = rates[lowest], rates[highest]
    if around_one is None or around_other is None:
        return None
    pairs = len(rates) * (len(rates) - 1) / 2
    wider = methods.normal_quantile(1 - (1 - confidence) / pairs)
    scale = wider / methods.normal_quantile(confidence)
    low, high = methods.gap(one, around_one, other, around_other)
    gap = other - one
    return gap - scale * (gap - low), gap + scale * (high - gap)


def _is_of(key: SliceKey, gate: FairnessGate) -> bool:
    return {name for name, _ in key} == set(gate.columns) and all(
        gate.columns[name] in (None, str(value)) for name, value in key
    )


def _rate(gate: FairnessGate, values: _Values) -> tuple[float, Interval | None] | None:
    found = [values.get((name, "")) for name in gate.metrics]
    known = [entry for entry in found if entry is not None and entry[0] == entry[0]]
    if len(known) < len(found):
        return None
    if len(known) == 1:
        return known[0]
    (first, around_first), (second, around_second) = known
    if around_first is None or around_second is None:
        return first - second, None
    # Predictions and labels go together, so this is wider than need be.
    return first - second, methods.gap(second, around_second, first, around_first)


def _examples(values: _Values) -> float | None:
    found = values.get(("example_count", ""))
    return found[0] if found else None


def _value_of(key: SliceKey) -> str:
    if len(key) == 1:
        return str(key[0][1])
    return " \N{MULTIPLICATION SIGN} ".join(str(value) for _, value in key)


def _end(key: SliceKey, rates: _Rates, slices: Mapping[SliceKey, _Values]) -> dict[str, Any]:
    return {"value": _value_of(key), "rate": rates[key][0], "examples": _examples(slices[key])}


def _add_failure(judged: validation_result_pb2.ValidationResult, gate: Mapping[str, Any]) -> None:
    """Notes a gap where TFMA notes comparisons of slices."""
    lowest, highest = gate["keys"]
    row = judged.metric_validations_per_slice.add()
    row.cross_slice_key.baseline_slice_key.CopyFrom(slicer_lib.serialize_slice_key(lowest))
    row.cross_slice_key.comparison_slice_key.CopyFrom(slicer_lib.serialize_slice_key(highest))
    failure = row.failures.add(message="the gap of a fairness gate")
    failure.metric_key.name = gate["rate"]
    failure.metric_key.is_diff = True
    failure.metric_value.double_value.value = gate["gap"]
    failure.metric_threshold.value_threshold.upper_bound.value = gate["gap_at_most"]


def _empty_slices(
    config: tfma.EvalConfig,
    slices: Mapping[SliceKey, Any],
    judged: validation_result_pb2.ValidationResult,
) -> list[str]:
    """Slices that were asked for and have no examples; those with bounds are named by TFMA."""
    missing = list(judged.missing_slices)
    return [
        _label(spec)
        for spec in config.slicing_specs
        if spec not in missing
        and not any(slicer_lib.SingleSliceSpec(spec=spec).is_slice_applicable(k) for k in slices)
    ]


def _label(spec: tfma.SlicingSpec) -> str:
    parts: Iterable[str] = [
        *(buckets.feature_label(name) for name in spec.feature_keys),
        *(f"{name} = {value}" for name, value in spec.feature_values.items()),
    ]
    return " \N{MULTIPLICATION SIGN} ".join(parts) or "all examples"
