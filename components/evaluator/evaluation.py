"""One evaluation from examples and models to TFMA's files, in this process."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow_model_analysis as tfma
from absl import logging
from tensorflow_model_analysis.api import model_eval_lib
from tensorflow_model_analysis.utils import model_util
from tfx import types
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import io_utils

from components.evaluator import baselines, class_names, results, slicing
from components.evaluator.batches import Batch
from components.evaluator.evaluated_models import (
    Inputs,
    Models,
    raw_features,
    read_eval_config,
    served_models,
    shared_models,
    slice_features,
)
from components.evaluator.gates import Gates
from components.evaluator.guessing import Guessing
from components.evaluator.intervals.confidence import KeptScores
from components.evaluator.judgement import RowCounts, judge
from components.evaluator.metrics.scores import Scores
from components.evaluator.metrics.sliced_metrics import SlicedMetrics
from components.evaluator.plots.plot_data import PlotData
from components.evaluator.plots.residuals import Residuals
from components.evaluator.rows import read_rows
from core import progress
from core.errors import DataError

# Metrics cost a little for each slice of each batch, so these are large; a row takes
# some tens of bytes in them, and a number for each class.
METRIC_BATCH_ROWS = 500_000
METRIC_BATCH_NUMBERS = 20_000_000
NO_GATES = Gates()


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What an evaluation came to.

    Attributes:
      blessed: Whether the model keeps all thresholds; None where there is none.
      baseline_refused: Why the baseline was not compared with; empty where it was.
    """

    blessed: bool | None
    baseline_refused: str = ""


class Sketches:
    """What is gathered beside metrics: residuals, data of pictures, what guessing gives.

    Args:
      gates: What is asked for.
    """

    def __init__(self, gates: Gates) -> None:
        self._residuals = Residuals(gates.residual_features, multiclass=gates.task == "multiclass")
        self._plots = PlotData(gates.task, gates.decision_threshold) if gates.plots else None
        self._guessing = Guessing(gates) if gates.better_than_guessing else None
        self.features = self._residuals.features

    def add(self, scores: Mapping[str, Scores], columns: Any) -> None:
        """Takes a batch, see `Batch.add`."""
        self._residuals.add(scores["candidate"], columns)
        if self._guessing is not None:
            self._guessing.add(scores["candidate"])
        if self._plots is not None:
            self._plots.add(scores)

    def write(self, uri: str, classes: Mapping[str, Sequence[str]]) -> None:
        """Writes all of it into an evaluation's folder."""
        self._residuals.write(uri)
        if self._guessing is not None:
            self._guessing.write(uri)
        if self._plots is not None:
            self._plots.write(uri, classes)


def evaluate(
    input_dict: Inputs,
    evaluation_uri: str,
    eval_config_json: str,
    splits: Sequence[str],
    gates: Gates = NO_GATES,
) -> Verdict:
    """Evaluates the model and writes the evaluation.

    A baseline that was trained on another label, or that cannot be asked as the candidate
    can, is not compared with; whether the model may be blessed without is the gates' word.

    Args:
      input_dict: The inputs of TFX's Evaluator.
      evaluation_uri: Where the ModelEvaluation goes; written at the very end.
      eval_config_json: The EvalConfig as JSON.
      splits: The splits of the examples to evaluate on.
      gates: What is judged beyond TFMA's thresholds.

    Raises:
      DataError: If there are no examples or labels to evaluate on.
      ModelError: If the model lacks what the configuration names, or predicts NaN.
      NotInMemoryError: If something in the configuration, the model or the data is only
        evaluated through Beam.
      UserError: If a metric is that of a class that does not exist.
    """
    refused = ""
    try:
        validated, rows = _evaluate(input_dict, evaluation_uri, eval_config_json, splits, gates)
    except baselines.NotComparedError as reason:
        refused = str(reason)
        logging.warning("Not compared with the baseline: %s.", refused)
        validated, rows = _evaluate(
            baselines.without_baseline(input_dict), evaluation_uri, eval_config_json, splits, gates
        )
    blessed = judge(evaluation_uri, gates, rows, baseline_refused=refused)
    return Verdict(blessed if validated or gates.fairness else None, refused)


def _evaluate(
    input_dict: Mapping[str, Sequence[types.Artifact]],
    evaluation_uri: str,
    eval_config_json: str,
    splits: Sequence[str],
    gates: Gates,
) -> tuple[bool, RowCounts]:
    """Writes the evaluation; tells whether there are thresholds, and how many rows were used."""
    eval_config = read_eval_config(input_dict, eval_config_json)
    validated = bool(
        tfma.metrics.metric_thresholds_from_metrics_specs(
            eval_config.metrics_specs, eval_config=eval_config
        )
    )
    shared = shared_models(input_dict, eval_config)
    eval_config = model_eval_lib._update_eval_config_with_defaults(eval_config, shared)
    models: Models = {}
    names: dict[str, list[str]] = {}
    if class_names.names_classes(eval_config):
        models = served_models(shared, eval_config)
        names = class_names.read_class_names(models, input_dict, splits)
        eval_config = class_names.with_class_ids(eval_config, names)
    # Before a model is loaded: what arrays cannot do goes through Beam.
    metrics = SlicedMetrics(eval_config, _schema(input_dict))
    kept = KeptScores() if gates.confidence is not None else None
    sketches = Sketches(gates)
    models = models or served_models(shared, eval_config)
    if gates.plots and gates.task != "regression":
        names = names or class_names.read_class_names(models, input_dict, splits)
    rows = _add_examples(
        metrics,
        models,
        eval_config,
        kept,
        sketches,
        examples=input_dict[standard_component_specs.EXAMPLES_KEY],
        splits=splits,
    )
    sliced = metrics.results()
    validation = results.validate(
        sliced, eval_config, rubber_stamp=model_util.has_rubber_stamp(shared)
    )
    locations = {model.model_name: model.model_path for model in shared}
    intervals = None
    if kept is not None and gates.confidence is not None:
        intervals = kept.intervals(sliced, eval_config, gates.confidence)
    results.write_evaluation(evaluation_uri, sliced, eval_config, validation, locations, intervals)
    sketches.write(evaluation_uri, class_names.by_role(names, models))
    return validated, rows


def _add_examples(
    metrics: SlicedMetrics,
    models: Models,
    eval_config: tfma.EvalConfig,
    kept: KeptScores | None,
    sketches: Sketches,
    *,
    examples: Sequence[types.Artifact],
    splits: Sequence[str],
) -> RowCounts:
    sliced_by = sorted(slice_features(eval_config))
    batch = Batch(models, sliced_by)
    counted = 0
    evaluated = unknown = 0
    wanted = sorted({*raw_features(sliced_by, models), *sketches.features})
    for rows in read_rows(examples, splits, wanted):
        counted += int(rows.serialized.shape[0])
        sketches.add(*batch.add(rows))
        if batch.count >= METRIC_BATCH_ROWS or batch.cells >= METRIC_BATCH_NUMBERS:
            evaluated += batch.count
            unknown += batch.unknown_to_baseline
            _add_batch(metrics, kept, batch, eval_config)
            batch = Batch(models, sliced_by)
        progress.report(f"{counted:,} examples")
    evaluated += batch.count
    unknown += batch.unknown_to_baseline
    if evaluated < counted:
        logging.info("Left out %d examples without label.", counted - evaluated)
    if not evaluated:
        raise DataError(
            "there are no examples to evaluate on",
            evidence=[f"splits: {', '.join(splits)}", f"{counted:,} examples without label"],
            hint="choose other splits to evaluate on, or give the split a larger share",
            code="empty-evaluation-split",
        )
    if batch.count:
        _add_batch(metrics, kept, batch, eval_config)
    return RowCounts(evaluated, counted, unknown)


def _add_batch(
    metrics: SlicedMetrics, kept: KeptScores | None, batch: Batch, eval_config: tfma.EvalConfig
) -> None:
    slices = slicing.rows_by_slice(
        batch.slice_columns(), eval_config.slicing_specs or [tfma.SlicingSpec()], batch.count
    )
    scores = batch.scores()
    baselines.require_same_label(scores, eval_config)
    metrics.add(scores, slices)
    if kept is not None:
        kept.add(scores, slices)


def _schema(input_dict: Mapping[str, Sequence[types.Artifact]]) -> Any:
    if not input_dict.get(standard_component_specs.SCHEMA_KEY):
        return None
    uri = artifact_utils.get_single_uri(list(input_dict[standard_component_specs.SCHEMA_KEY]))
    return io_utils.SchemaReader().read(io_utils.get_only_uri_in_dir(uri))
