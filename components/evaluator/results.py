"""Writes an evaluation as TFMA writes it, and judges it with TFMA's rules."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import tensorflow as tf
import tensorflow_model_analysis as tfma
from google.protobuf import json_format
from tensorflow_model_analysis.evaluators import metrics_plots_and_validations_evaluator as beam
from tensorflow_model_analysis.evaluators import metrics_validator
from tensorflow_model_analysis.metrics import metric_types
from tensorflow_model_analysis.proto import validation_result_pb2
from tensorflow_model_analysis.slicer import slicer_lib
from tensorflow_model_analysis.writers import eval_config_writer
from tensorflow_model_analysis.writers import metrics_plots_and_validations_writer as writer

from components.evaluator.intervals.confidence import Intervals
from components.evaluator.intervals.interval_methods import t_quantile
from components.evaluator.metrics.sliced_metrics import ERROR_METRIC, Metrics
from components.evaluator.slicing import SliceKey

_SHARD = "-00000-of-00001.tfrecord"
BASELINE = "baseline"
VALIDATIONS_FILE = "validations.tfrecord"


def validate(
    results: Sequence[tuple[SliceKey, Metrics]],
    eval_config: tfma.EvalConfig,
    *,
    rubber_stamp: bool,
) -> validation_result_pb2.ValidationResult:
    """Holds the metrics of every slice to the thresholds of the configuration.

    Args:
      results: The public metrics by slice.
      eval_config: The configuration, with TFMA's defaults filled in.
      rubber_stamp: Whether a model without a baseline passes without thresholds.
    """
    eval_config = _only_thresholds(eval_config)
    combiner = writer.CombineValidations(eval_config, rubber_stamp=rubber_stamp)
    merged = combiner.create_accumulator()
    for result in results:
        slice_metrics = beam._filter_by_key_type(result, metric_types.MetricKey)
        validation = metrics_validator.validate_metrics(slice_metrics, eval_config)
        merged = combiner.add_input(merged, validation)
    small = [key for key, metrics in results if ERROR_METRIC in metrics]
    return without_small_slices(combiner.extract_output(merged), small)


def _only_thresholds(eval_config: tfma.EvalConfig) -> tfma.EvalConfig:
    """The configuration without the metrics that no threshold binds.

    TFMA builds every metric anew for each slice that it validates, and a Keras metric
    takes milliseconds.
    """
    reduced = tfma.EvalConfig()
    reduced.CopyFrom(eval_config)
    for spec in reduced.metrics_specs:
        bound = [metric for metric in spec.metrics if _has_threshold(metric)]
        del spec.metrics[:]
        spec.metrics.extend(bound)
    return reduced


def _has_threshold(metric: tfma.MetricConfig) -> bool:
    thresholds = [metric.threshold]
    thresholds += [entry.threshold for entry in metric.per_slice_thresholds]
    thresholds += [entry.threshold for entry in metric.cross_slice_thresholds]
    return any(threshold.ByteSize() for threshold in thresholds)


def without_small_slices(
    validation: validation_result_pb2.ValidationResult, small: Iterable[SliceKey]
) -> validation_result_pb2.ValidationResult:
    """Takes slices with too few examples out of a verdict.

    TFMA withholds the metrics of such slices (``options.min_slice_size``) and then fails
    the model because it does not find the metrics. A slice too small to report is too
    small to judge.

    Args:
      validation: TFMA's verdict.
      small: The keys of the slices whose metrics are withheld.

    Returns:
      The verdict on the other slices.
    """
    small = list(small)
    if not small or validation.missing_thresholds:
        return validation
    written = [slicer_lib.serialize_slice_key(key) for key in small]
    judged = validation_result_pb2.ValidationResult()
    judged.CopyFrom(validation)
    del judged.metric_validations_per_slice[:]
    judged.metric_validations_per_slice.extend(
        failed
        for failed in validation.metric_validations_per_slice
        if failed.HasField("cross_slice_key") or failed.slice_key not in written
    )
    del judged.missing_slices[:]
    judged.missing_slices.extend(
        spec
        for spec in validation.missing_slices
        if not any(slicer_lib.SingleSliceSpec(spec=spec).is_slice_applicable(key) for key in small)
    )
    judged.validation_ok = not (
        judged.metric_validations_per_slice or judged.missing_slices or judged.missing_cross_slices
    )
    return judged


def write_evaluation(
    uri: str,
    results: Sequence[tuple[SliceKey, Metrics]],
    eval_config: tfma.EvalConfig,
    validation: validation_result_pb2.ValidationResult,
    model_locations: Mapping[str, str],
    intervals: Intervals | None = None,
) -> None:
    """Writes the files that ``tfma.load_eval_result`` and TFMA's viewers read.

    Args:
      uri: The ModelEvaluation artifact's uri.
      results: The public metrics and plots by slice.
      eval_config: The configuration, with TFMA's defaults filled in.
      validation: The verdict.
      model_locations: The model's folder by model name.
      intervals: The confidence intervals by slice, metric name and whether of the change.
    """
    tf.io.gfile.makedirs(uri)
    _write_records(
        os.path.join(uri, tfma.METRICS_KEY + _SHARD),
        (
            _with_intervals(
                writer.convert_slice_metrics_to_proto(metrics, add_metrics_callbacks=[]),
                (intervals or {}).get(metrics[0], {}),
            )
            for metrics in _of_kind(results, metric_types.MetricKey)
        ),
    )
    _write_records(
        os.path.join(uri, tfma.PLOTS_KEY + _SHARD),
        (
            writer.convert_slice_plots_to_proto(plots, add_metrics_callbacks=[])
            for plots in _of_kind(results, metric_types.PlotKey)
        ),
    )
    _write_records(
        os.path.join(uri, tfma.ATTRIBUTIONS_KEY + _SHARD),
        (
            writer.convert_slice_attributions_to_proto(attributions)
            for attributions in _of_kind(results, metric_types.AttributionsKey)
        ),
    )
    write_validation(uri, validation)
    with tf.io.gfile.GFile(
        os.path.join(uri, f"{eval_config_writer.EVAL_CONFIG_FILE}.json"), "w"
    ) as file:
        file.write(
            eval_config_writer._serialize_eval_run(
                eval_config, "<user provided PCollection>", "<unknown>", dict(model_locations)
            )
        )


def _with_intervals(row: Any, intervals: Mapping[tuple[str, bool], tuple[float, float]]) -> Any:
    """Puts intervals where TFMA has a place for its own."""
    for pair in row.metric_keys_and_values:
        found = intervals.get((pair.key.name, pair.key.is_diff))
        if found is None or pair.key.model_name == BASELINE or pair.key.HasField("sub_key"):
            continue
        lower, upper = found
        pair.confidence_interval.lower_bound.double_value.value = lower
        pair.confidence_interval.upper_bound.double_value.value = upper
    return row


def read_metrics(
    uri: str,
) -> dict[SliceKey, dict[tuple[str, str], tuple[float, tuple[float, float] | None]]]:
    """Reads the numbers of a written evaluation.

    Args:
      uri: The ModelEvaluation artifact's uri.

    Returns:
      By slice key, and by metric name and kind (empty for the model's value, ``baseline``,
      ``change``): the value and its confidence interval, if there is one. Slices that are
      too small have none.
    """
    found: dict[SliceKey, Any] = {}
    for row in _read_rows(uri):
        values: dict[tuple[str, str], tuple[float, tuple[float, float] | None]] = {}
        for pair in row.metric_keys_and_values:
            if pair.value.WhichOneof("type") != "double_value" or pair.key.HasField("sub_key"):
                continue
            kind = "change" if pair.key.is_diff else ""
            if pair.key.model_name == BASELINE:
                kind = BASELINE
            interval = None
            if pair.HasField("confidence_interval"):
                ends = pair.confidence_interval
                interval = (
                    float(ends.lower_bound.double_value.value),
                    float(ends.upper_bound.double_value.value),
                )
            values[pair.key.name, kind] = float(pair.value.double_value.value), interval
        found[slicer_lib.deserialize_slice_key(row.slice_key)] = values
    return found


def scale_intervals(uri: str, confidence: float) -> None:
    """Gives the intervals that TFMA wrote, which are those of 95 %, another level.

    TFMA writes the standard error and its degrees of freedom beside them.

    Args:
      uri: The ModelEvaluation artifact's uri.
      confidence: Such as 0.9.
    """
    for path in sorted(tf.io.gfile.glob(os.path.join(uri, f"{tfma.METRICS_KEY}-*.tfrecord"))):
        rows = list(_read_file(path))
        for row in rows:
            for pair in row.metric_keys_and_values:
                ends = pair.confidence_interval
                error = ends.standard_error.double_value.value
                if not pair.HasField("confidence_interval") or not error > 0:
                    continue
                low, high = ends.lower_bound.double_value, ends.upper_bound.double_value
                middle = (low.value + high.value) / 2
                spread = t_quantile(confidence, ends.degrees_of_freedom.value) * error
                low.value, high.value = middle - spread, middle + spread
        _write_records(path, rows)


def read_config(uri: str) -> tfma.EvalConfig:
    """Reads the configuration of a written evaluation."""
    path = os.path.join(uri, f"{eval_config_writer.EVAL_CONFIG_FILE}.json")
    with tf.io.gfile.GFile(path) as file:
        document = json.loads(file.read())
    return json_format.ParseDict(document["evalConfig"], tfma.EvalConfig())


def write_validation(uri: str, validation: validation_result_pb2.ValidationResult) -> None:
    """Writes the verdict where ``tfma.load_validation_result`` reads it."""
    _write_records(os.path.join(uri, VALIDATIONS_FILE), [validation])


def small_slices(uri: str) -> list[SliceKey]:
    """The slices of a written evaluation whose metrics TFMA withheld."""
    return [
        slicer_lib.deserialize_slice_key(row.slice_key)
        for row in _read_rows(uri)
        if ERROR_METRIC in row.metrics
    ]


def _read_rows(uri: str) -> Iterable[Any]:
    for path in sorted(tf.io.gfile.glob(os.path.join(uri, f"{tfma.METRICS_KEY}-*.tfrecord"))):
        yield from _read_file(path)


def _read_file(path: str) -> Iterable[Any]:
    for record in tf.data.TFRecordDataset(path).as_numpy_iterator():
        yield tfma.proto.metrics_for_slice_pb2.MetricsForSlice.FromString(record)


def _of_kind(
    results: Iterable[tuple[SliceKey, Metrics]], kind: type
) -> Iterable[tuple[SliceKey, Metrics]]:
    for key, metrics in results:
        # TFMA's filter by kind knows keys only; a withheld slice has a text instead, which
        # it counts as a metric.
        yield beam._filter_by_key_type((key, metrics), kind)


def _write_records(path: str, messages: Iterable[Any]) -> None:
    with tf.io.TFRecordWriter(path) as records:
        for message in messages:
            records.write(message.SerializeToString())
