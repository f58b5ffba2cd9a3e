"""What the Evaluator found: metrics by slice, bounds and who kept them.

Read from TFMA's own files (``metrics-*``, ``validations.tfrecord``,
``eval_config.json``, ``plots-*``). Whether a bound was kept is TFMA's verdict;
which bounds applied to a slice is worked out from the configuration, because
TFMA records only those that were broken.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from google.protobuf import json_format

from components.evaluator.outcome import bounds, bounds_kept, gates_file, protos
from components.evaluator.outcome.slices import EXAMPLE_COUNT as EXAMPLE_COUNT
from components.evaluator.outcome.slices import Check, natural
from components.evaluator.outcome.slices import Metric as Metric
from components.evaluator.outcome.slices import Slice as Slice
from components.evaluator.outcome.slices import slice_label as slice_label
from core.artifact_files import records

BASELINE = "baseline"


@dataclasses.dataclass(frozen=True)
class Curves:
    """Plots over all examples.

    Attributes:
      roc: Points of false positive rate and true positive rate.
      calibration: Points of mean prediction, mean label and share of examples.
    """

    roc: tuple[tuple[float, float], ...] = ()
    calibration: tuple[tuple[float, float, float], ...] = ()


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """All that the Evaluator wrote.

    Attributes:
      ok: TFMA's verdict, None where nothing was validated.
      slices: All slices, all examples together first.
      checks: All bounds, the broken ones first.
      missing_slices: Slices that have bounds but no examples.
      curves: Plots.
      has_baseline: Whether a blessed model was compared with.
      beyond: What the Evaluator found beyond TFMA's files.
    """

    ok: bool | None
    slices: tuple[Slice, ...]
    checks: tuple[Check, ...]
    missing_slices: tuple[str, ...]
    curves: Curves
    has_baseline: bool
    beyond: gates_file.Gates = dataclasses.field(default_factory=gates_file.Gates)

    @property
    def bounds(self) -> tuple[Check, ...]:
        """The checks on figures: all but that of a comparison that was not made."""
        return tuple(c for c in self.checks if c.metric != bounds_kept.COMPARISON)

    @property
    def overall(self) -> Slice | None:
        """The slice of all examples."""
        return next((found for found in self.slices if not found.key), None)


def read_evaluation(folder: Path) -> Evaluation:
    """Reads the folder of a ModelEvaluation artifact.

    Args:
      folder: Where the Evaluator wrote.

    Raises:
      OSError: If a file cannot be read.
      InfrastructureError: If a record file ends early.
      google.protobuf.message.DecodeError: If a record is not the expected proto.
      google.protobuf.json_format.ParseError: If the configuration is not TFMA's.
    """
    config_pb2, metrics_pb2, validation_pb2 = protos.load()
    found = []
    for path in sorted(folder.glob("metrics-*")):
        found += [metrics_pb2.MetricsForSlice.FromString(record) for record in records(path)]
    slices = sorted((_slice(row) for row in found), key=lambda s: (len(s.key), natural(s.key)))
    config = config_pb2.EvalConfig()
    config_path = folder / "eval_config.json"
    if config_path.is_file():
        document = json.loads(config_path.read_text(encoding="utf-8"))
        json_format.ParseDict(document["evalConfig"], config, ignore_unknown_fields=True)
    validation = validation_pb2.ValidationResult()
    validated = False
    for path in sorted(folder.glob("validations*")):
        for record in records(path):
            validated = True
            validation.MergeFromString(record)
    beyond = gates_file.read_gates(folder)
    checks = []
    if validated:
        checks = bounds_kept.checks(
            slices,
            config,
            [
                (_slice_key(row.slice_key), _metric_name(failure.metric_key), failure)
                for row in validation.metric_validations_per_slice
                if not row.HasField("cross_slice_key")
                for failure in row.failures
            ],
            beyond,
        )
    return Evaluation(
        ok=validation.validation_ok if validated else None,
        slices=tuple(slices),
        checks=tuple(checks),
        missing_slices=tuple(bounds.spec_label(spec) for spec in validation.missing_slices),
        curves=_curves(folder, metrics_pb2),
        has_baseline=any(m.baseline is not None for s in slices for m in s.metrics.values()),
        beyond=beyond,
    )


def _slice(row: Any) -> Slice:
    values: dict[tuple[str, str], tuple[float, tuple[float, float] | None]] = {}
    for pair in row.metric_keys_and_values:
        number = _number(pair.value)
        if number is not None:
            kind = "change" if pair.key.is_diff else ""
            if pair.key.model_name == BASELINE:
                kind = BASELINE
            values[_metric_name(pair.key), kind] = number, _interval(pair)
    metrics = {}
    for (name, kind), (value, interval) in values.items():
        if not kind:
            baseline, _ = values.get((name, BASELINE), (None, None))
            _, change = values.get((name, "change"), (None, None))
            metrics[name] = Metric(name, value, baseline, interval, change)
    return Slice(_slice_key(row.slice_key), dict(sorted(metrics.items())))


def _slice_key(key: Any) -> tuple[tuple[str, str], ...]:
    return tuple((single.column, _slice_value(single)) for single in key.single_slice_keys)


def _slice_value(single: Any) -> str:
    kind = single.WhichOneof("kind")
    if kind == "bytes_value":
        return str(single.bytes_value.decode("utf-8", "replace"))
    if kind == "float_value":
        return f"{single.float_value:.7g}"
    return "" if kind is None else str(getattr(single, kind))


def _metric_name(key: Any) -> str:
    parts = [key.name]
    if key.HasField("sub_key"):
        for field in ("class_id", "k", "top_k"):
            if key.sub_key.HasField(field):
                parts.append(f"{field} {getattr(key.sub_key, field).value}")
    if key.output_name:
        parts.append(key.output_name)
    return ", ".join(parts)


def _number(value: Any) -> float | None:
    kind = value.WhichOneof("type")
    if kind == "double_value":
        return float(value.double_value.value)
    if kind == "bounded_value":
        return float(value.bounded_value.value.value)
    if kind == "t_distribution_value":
        return float(value.t_distribution_value.unsampled_value.value)
    return None


def _interval(pair: Any) -> tuple[float, float] | None:
    if pair.HasField("confidence_interval"):
        lower = _number(pair.confidence_interval.lower_bound)
        upper = _number(pair.confidence_interval.upper_bound)
        return None if lower is None or upper is None else (lower, upper)
    if pair.value.WhichOneof("type") == "bounded_value":
        bounded = pair.value.bounded_value
        return bounded.lower_bound.value, bounded.upper_bound.value
    return None


def _curves(folder: Path, metrics_pb2: Any) -> Curves:
    for path in sorted(folder.glob("plots-*")):
        for record in records(path):
            row = metrics_pb2.PlotsForSlice.FromString(record)
            if row.slice_key.single_slice_keys:
                continue
            for pair in row.plot_keys_and_values:
                if pair.key.model_name != BASELINE:
                    return Curves(_roc(pair.value), _calibration(pair.value))
    return Curves()


def _roc(plot: Any) -> tuple[tuple[float, float], ...]:
    points = set()
    for matrix in plot.confusion_matrix_at_thresholds.matrices:
        negatives = matrix.false_positives + matrix.true_negatives
        positives = matrix.true_positives + matrix.false_negatives
        if negatives > 0 and positives > 0:
            points.add((matrix.false_positives / negatives, matrix.true_positives / positives))
    return tuple(sorted(points | {(0.0, 0.0), (1.0, 1.0)})) if points else ()


def _calibration(plot: Any, groups: int = 10) -> tuple[tuple[float, float, float], ...]:
    """Joins TFMA's thousand fine buckets into groups of equal width of the prediction."""
    sums = [[0.0, 0.0, 0.0] for _ in range(groups)]
    for bucket in plot.calibration_histogram_buckets.buckets:
        examples = bucket.num_weighted_examples.value
        if examples <= 0:
            continue
        prediction = bucket.total_weighted_refined_prediction.value
        mean = prediction / examples
        place = sums[min(groups - 1, max(0, int(mean * groups)))]
        place[0] += examples
        place[1] += prediction
        place[2] += bucket.total_weighted_label.value
    total = sum(entry[0] for entry in sums)
    return tuple((p / n, label / n, n / total) for n, p, label in sums if n > 0)
