"""One evaluation from examples and models to TFMA's files, in this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow_model_analysis as tfma
from absl import logging
from tensorflow_model_analysis.api import model_eval_lib
from tensorflow_model_analysis.utils import model_util
from tfx import types
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import io_utils, path_utils, proto_utils

from components.evaluator import baselines, buckets, results, slicing
from components.evaluator.batches import Batch
from components.evaluator.confidence import KeptScores
from components.evaluator.gates import Gates
from components.evaluator.inference import ServedModel
from components.evaluator.judgement import judge
from components.evaluator.residuals import Residuals
from components.evaluator.rows import read_rows
from components.evaluator.sliced_metrics import SlicedMetrics
from components.in_memory import NotInMemoryError
from core import progress
from core.errors import DataError

# Metrics cost a little for each slice of each batch, so these are large; a row takes
# some tens of bytes in them.
METRIC_BATCH_ROWS = 500_000
NO_GATES = Gates()

Models = Mapping[str, tuple[ServedModel, tfma.ModelSpec]]


def evaluate(
    input_dict: Mapping[str, Sequence[types.Artifact]],
    evaluation_uri: str,
    eval_config_json: str,
    splits: Sequence[str],
    gates: Gates = NO_GATES,
) -> bool | None:
    """Evaluates the model and writes the evaluation.

    A baseline that was trained on another label is not compared with.

    Args:
      input_dict: The inputs of TFX's Evaluator.
      evaluation_uri: Where the ModelEvaluation goes; written at the very end.
      eval_config_json: The EvalConfig as JSON.
      splits: The splits of the examples to evaluate on.
      gates: What is judged beyond TFMA's thresholds.

    Returns:
      Whether the model keeps all thresholds; None where there is none.

    Raises:
      DataError: If there are no examples or labels to evaluate on.
      ModelError: If a model lacks what the configuration names, or predicts NaN.
      NotInMemoryError: If something in the configuration, the model or the data is only
        evaluated through Beam.
    """
    refused = ""
    try:
        validated = _evaluate(input_dict, evaluation_uri, eval_config_json, splits, gates)
    except baselines.OtherLabelError as reason:
        refused = str(reason)
        logging.warning("Not compared with the baseline: %s.", refused)
        validated = _evaluate(
            baselines.without_baseline(input_dict), evaluation_uri, eval_config_json, splits, gates
        )
    blessed = judge(evaluation_uri, gates, baseline_refused=refused)
    return blessed if validated or gates.fairness else None


def require_same_label(
    input_dict: Mapping[str, Sequence[types.Artifact]],
    eval_config_json: str,
    splits: Sequence[str],
) -> None:
    """Compares the labels of both models on the first examples.

    Raises:
      OtherLabelError: If the baseline was trained on another label.
      NotInMemoryError: If the models are only understood through Beam.
    """
    if not input_dict.get(standard_component_specs.BASELINE_MODEL_KEY):
        return
    eval_config = _eval_config(input_dict, eval_config_json)
    shared = _shared_models(input_dict, eval_config)
    eval_config = model_eval_lib._update_eval_config_with_defaults(eval_config, shared)
    models = _served_models(shared, eval_config)
    batch = Batch(models, [])
    examples = input_dict[standard_component_specs.EXAMPLES_KEY]
    for rows in read_rows(examples, splits, _raw_features([], models)):
        batch.add(rows)
        break
    if batch.count:
        baselines.require_same_label(batch.scores(), eval_config)


def _eval_config(
    input_dict: Mapping[str, Sequence[types.Artifact]], eval_config_json: str
) -> tfma.EvalConfig:
    eval_config = tfma.EvalConfig()
    proto_utils.json_to_proto(eval_config_json, eval_config)
    # As TFX's executor has it: without a baseline, changes are not judged.
    eval_config = tfma.utils.update_eval_config_with_defaults(
        eval_config,
        has_baseline=bool(input_dict.get(standard_component_specs.BASELINE_MODEL_KEY)),
        rubber_stamp=True,
    )
    tfma.utils.verify_eval_config(eval_config)
    return eval_config


def _evaluate(
    input_dict: Mapping[str, Sequence[types.Artifact]],
    evaluation_uri: str,
    eval_config_json: str,
    splits: Sequence[str],
    gates: Gates,
) -> bool:
    """Writes the evaluation; tells whether there are thresholds."""
    eval_config = _eval_config(input_dict, eval_config_json)
    validated = bool(
        tfma.metrics.metric_thresholds_from_metrics_specs(
            eval_config.metrics_specs, eval_config=eval_config
        )
    )
    shared = _shared_models(input_dict, eval_config)
    eval_config = model_eval_lib._update_eval_config_with_defaults(eval_config, shared)
    metrics = SlicedMetrics(eval_config, _schema(input_dict))
    kept = KeptScores() if gates.confidence is not None else None
    residuals = Residuals(gates.residual_features, multiclass=gates.task == "multiclass")
    models = _served_models(shared, eval_config)
    _add_examples(
        metrics,
        models,
        eval_config,
        kept,
        residuals,
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
    residuals.write(evaluation_uri)
    return validated


def _add_examples(
    metrics: SlicedMetrics,
    models: Models,
    eval_config: tfma.EvalConfig,
    kept: KeptScores | None,
    residuals: Residuals,
    *,
    examples: Sequence[types.Artifact],
    splits: Sequence[str],
) -> None:
    slice_features = sorted(_slice_features(eval_config))
    batch = Batch(models, slice_features)
    counted = 0
    evaluated = 0
    wanted = sorted({*_raw_features(slice_features, models), *residuals.features})
    for rows in read_rows(examples, splits, wanted):
        counted += int(rows.serialized.shape[0])
        residuals.add(*batch.add(rows))
        if batch.count >= METRIC_BATCH_ROWS:
            evaluated += batch.count
            _add_batch(metrics, kept, batch, eval_config)
            batch = Batch(models, slice_features)
        progress.report(f"{counted:,} examples")
    evaluated += batch.count
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


def _shared_models(
    input_dict: Mapping[str, Sequence[types.Artifact]], eval_config: tfma.EvalConfig
) -> list[Any]:
    """TFMA's descriptions of the models (``EvalSharedModel``), which load nothing yet."""
    shared = []
    for spec in eval_config.model_specs:
        key = (
            standard_component_specs.BASELINE_MODEL_KEY
            if spec.is_baseline
            else standard_component_specs.MODEL_KEY
        )
        artifact = artifact_utils.get_single_instance(list(input_dict[key]))
        model = tfma.default_eval_shared_model(
            eval_saved_model_path=path_utils.serving_model_path(
                artifact.uri, path_utils.is_old_model_artifact(artifact)
            ),
            model_name=spec.name,
            eval_config=eval_config,
        )
        if model.model_type != tfma.TF_GENERIC:
            raise NotInMemoryError(f"the model is one of type {model.model_type}")
        shared.append(model)
    updated: list[Any] = model_util.verify_and_update_eval_shared_models(
        shared if len(shared) > 1 else shared[0]
    )
    return updated


def _served_models(shared: Sequence[Any], eval_config: tfma.EvalConfig) -> Models:
    paths = {model.model_name: model.model_path for model in shared}
    wanted = {buckets.raw_feature(name) for name in _slice_features(eval_config)}
    for spec in eval_config.model_specs:
        wanted |= {spec.label_key, spec.example_weight_key} - {""}
    models = {}
    for spec in eval_config.model_specs:
        # TFMA calls a model that stands alone by no name.
        name = spec.name if len(eval_config.model_specs) > 1 else ""
        models[name] = ServedModel(paths[name], spec, wanted, raw_features=wanted), spec
    return models


def _schema(input_dict: Mapping[str, Sequence[types.Artifact]]) -> Any:
    if not input_dict.get(standard_component_specs.SCHEMA_KEY):
        return None
    uri = artifact_utils.get_single_uri(list(input_dict[standard_component_specs.SCHEMA_KEY]))
    return io_utils.SchemaReader().read(io_utils.get_only_uri_in_dir(uri))


def _slice_features(eval_config: tfma.EvalConfig) -> set[str]:
    return {
        name
        for spec in eval_config.slicing_specs
        for name in (*spec.feature_keys, *spec.feature_values)
    }


def _raw_features(slice_features: Sequence[str], models: Models) -> list[str]:
    """The features to read from the examples as columns."""
    wanted = {buckets.raw_feature(name) for name in slice_features}
    for model, spec in models.values():
        wanted |= {spec.label_key, spec.example_weight_key} - model.transformed_features - {""}
    return sorted(wanted)
