"""The Evaluator's executor: in one process over arrays where it can, else TFX's."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf
import tensorflow_model_analysis as tfma
from absl import logging
from tensorflow_model_analysis.proto import config_pb2
from tfx import types
from tfx.components.evaluator import constants
from tfx.components.evaluator import executor as tfx_executor
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import io_utils, json_utils, proto_utils

from components.evaluator import beam_extractors, beyond_beam, results
from components.evaluator.baselines import NotComparedError, without_baseline
from components.evaluator.evaluation import Verdict, evaluate
from components.evaluator.gates import GATES_KEY, Gates, parse_gates
from components.evaluator.judgement import RowCounts, judge
from components.in_memory import NotInMemoryError, require_in_memory

_Artifacts = Mapping[str, Sequence[types.Artifact]]


class Executor(tfx_executor.Executor):
    """Evaluates models with TFMA's metrics and writes TFMA's files.

    Up to the threshold that the execution flags give, all is computed in this process
    on arrays; above it, and for what is not done here (confidence intervals, user
    functions, unusual metrics), TFX's own executor runs TFMA's Beam pipeline. Both ways
    write the same files and the same blessing.
    """

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Evaluates the model; see TFX's Evaluator for the dictionaries.

        Raises:
          DataError: If there are no examples or labels to evaluate on.
          ModelError: If a model lacks what the configuration names, or predicts NaN.
        """
        try:
            verdict = self._evaluate_in_memory(input_dict, output_dict, exec_properties)
        except NotInMemoryError as reason:
            logging.info("Evaluating through Beam: %s.", reason)
        else:
            if verdict.blessed is None:
                logging.info("No threshold configured, the model is not validated.")
            else:
                compared = without_baseline(input_dict) if verdict.baseline_refused else input_dict
                _bless(compared, output_dict, exec_properties, blessed=verdict.blessed)
            return
        self._evaluate_through_beam(input_dict, output_dict, exec_properties)

    def _evaluate_through_beam(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        gates = parse_gates(exec_properties.get(GATES_KEY))
        splits = _splits(exec_properties)
        given = exec_properties.get(standard_component_specs.EVAL_CONFIG_KEY) or "{}"
        refused = ""
        try:
            beyond_beam.require_comparable(input_dict, given, splits)
        except NotInMemoryError as reason:
            logging.info("The baseline's label is not looked at: %s.", reason)
        except NotComparedError as reason:
            refused = str(reason)
            logging.warning("Not compared with the baseline: %s.", refused)
            input_dict = without_baseline(input_dict)
        numbered = beyond_beam.with_class_ids(input_dict, given, splits)
        if numbered != given:
            exec_properties = {
                **exec_properties,
                standard_component_specs.EVAL_CONFIG_KEY: numbered,
            }
        exec_properties = _with_intervals(_with_our_extractors(exec_properties), gates)
        super().Do(input_dict, output_dict, exec_properties)
        _judge_again(output_dict)
        uri = artifact_utils.get_single_uri(
            list(output_dict[standard_component_specs.EVALUATION_KEY])
        )
        if gates.confidence is not None:
            results.scale_intervals(uri, gates.confidence)
        beyond_beam.write_sketches(input_dict, uri, given, splits, gates)
        validated = any(
            blessing.has_custom_property(constants.ARTIFACT_PROPERTY_BLESSED_KEY)
            for blessing in output_dict.get(standard_component_specs.BLESSING_KEY) or ()
        )
        if tf.io.gfile.exists(os.path.join(uri, results.VALIDATIONS_FILE)):
            rows = RowCounts(total=_total_rows(input_dict, splits))
            blessed = judge(uri, gates, rows, baseline_refused=refused)
            if validated or gates.fairness:
                _bless(input_dict, output_dict, exec_properties, blessed=blessed)

    def _evaluate_in_memory(
        self, input_dict: _Artifacts, output_dict: _Artifacts, exec_properties: Mapping[str, Any]
    ) -> Verdict:
        _require_plain(input_dict, exec_properties)
        splits = _splits(exec_properties)
        evaluations = list(output_dict[standard_component_specs.EVALUATION_KEY])
        require_in_memory(
            self._context.extra_flags if self._context else (),
            input_dict[standard_component_specs.EXAMPLES_KEY],
            splits,
            evaluations,
        )
        return evaluate(
            input_dict,
            artifact_utils.get_single_uri(evaluations),
            exec_properties[standard_component_specs.EVAL_CONFIG_KEY],
            splits,
            parse_gates(exec_properties.get(GATES_KEY)),
        )


def _require_plain(input_dict: _Artifacts, exec_properties: Mapping[str, Any]) -> None:
    if not exec_properties.get(standard_component_specs.EVAL_CONFIG_KEY):
        raise NotInMemoryError("there is no eval_config")
    for key in (
        standard_component_specs.MODULE_FILE_KEY,
        standard_component_specs.MODULE_PATH_KEY,
    ):
        if exec_properties.get(key):
            raise NotInMemoryError("a user's module takes part in the evaluation")
    for key, most in (
        (standard_component_specs.MODEL_KEY, 1),
        (standard_component_specs.BASELINE_MODEL_KEY, 1),
    ):
        if len(input_dict.get(key, ())) > most:
            raise NotInMemoryError(f"there are several artifacts in {key}")
    if not input_dict.get(standard_component_specs.MODEL_KEY):
        raise NotInMemoryError("predictions are part of the examples")


def _with_our_extractors(exec_properties: dict[str, Any]) -> dict[str, Any]:
    """Lets TFMA's pipeline treat missing labels and slices as the arrays' way does."""
    modules = (standard_component_specs.MODULE_FILE_KEY, standard_component_specs.MODULE_PATH_KEY)
    if any(exec_properties.get(key) for key in modules):
        return exec_properties
    if not exec_properties.get(standard_component_specs.EVAL_CONFIG_KEY):
        return exec_properties
    return {**exec_properties, standard_component_specs.MODULE_PATH_KEY: beam_extractors.__name__}


def _with_intervals(exec_properties: dict[str, Any], gates: Gates) -> dict[str, Any]:
    """Lets TFMA compute its own confidence intervals, those of 95 %, which are scaled later."""
    if gates.confidence is None:
        return exec_properties
    config = tfma.EvalConfig()
    proto_utils.json_to_proto(exec_properties[standard_component_specs.EVAL_CONFIG_KEY], config)
    config.options.compute_confidence_intervals.value = True
    config.options.confidence_intervals.method = config_pb2.ConfidenceIntervalOptions.JACKKNIFE
    return {
        **exec_properties,
        standard_component_specs.EVAL_CONFIG_KEY: proto_utils.proto_to_json(config),
    }


def _splits(exec_properties: Mapping[str, Any]) -> list[str]:
    splits = json_utils.loads(
        exec_properties.get(standard_component_specs.EXAMPLE_SPLITS_KEY) or "null"
    )
    return splits or ["eval"]


def _total_rows(input_dict: _Artifacts, splits: Sequence[str]) -> int | None:
    """How many rows the splits have, where whoever wrote them counted."""
    counts = [
        artifact.get_int_custom_property(f"rows_{split}")
        if artifact.has_custom_property(f"rows_{split}")
        else None
        for artifact in input_dict[standard_component_specs.EXAMPLES_KEY]
        for split in splits
    ]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _bless(
    input_dict: _Artifacts,
    output_dict: _Artifacts,
    exec_properties: Mapping[str, Any],
    *,
    blessed: bool,
) -> None:
    """Writes the blessing as TFX's executor writes it (it has no function of its own)."""
    blessing = artifact_utils.get_single_instance(
        list(output_dict[standard_component_specs.BLESSING_KEY])
    )
    model = input_dict[standard_component_specs.MODEL_KEY][0]
    blessing.set_string_custom_property(
        constants.ARTIFACT_PROPERTY_CURRENT_MODEL_URI_KEY, model.uri
    )
    blessing.set_int_custom_property(constants.ARTIFACT_PROPERTY_CURRENT_MODEL_ID_KEY, model.id)
    for baseline in input_dict.get(standard_component_specs.BASELINE_MODEL_KEY) or ():
        blessing.set_string_custom_property(
            constants.ARTIFACT_PROPERTY_BASELINE_MODEL_URI_KEY, baseline.uri
        )
        blessing.set_int_custom_property(
            constants.ARTIFACT_PROPERTY_BASELINE_MODEL_ID_KEY, baseline.id
        )
    if "current_component_id" in exec_properties:
        blessing.set_string_custom_property("component_id", exec_properties["current_component_id"])
    _write_verdict(blessing, blessed=blessed)


def _write_verdict(blessing: types.Artifact, *, blessed: bool) -> None:
    names = (constants.NOT_BLESSED_FILE_NAME, constants.BLESSED_FILE_NAME)
    io_utils.write_string_file(os.path.join(blessing.uri, names[blessed]), "")
    other = os.path.join(blessing.uri, names[not blessed])
    if tf.io.gfile.exists(other):
        tf.io.gfile.remove(other)
    blessing.set_int_custom_property(
        constants.ARTIFACT_PROPERTY_BLESSED_KEY,
        constants.BLESSED_VALUE if blessed else constants.NOT_BLESSED_VALUE,
    )


def _judge_again(output_dict: _Artifacts) -> None:
    """Takes slices that are too small out of the verdict that TFX's executor wrote."""
    uri = artifact_utils.get_single_uri(list(output_dict[standard_component_specs.EVALUATION_KEY]))
    small = results.small_slices(uri)
    if not small:
        return
    validation = tfma.load_validation_result(uri)
    judged = results.without_small_slices(validation, small)
    if judged == validation:
        return
    results.write_validation(uri, judged)
    for blessing in output_dict.get(standard_component_specs.BLESSING_KEY) or ():
        if blessing.has_custom_property(constants.ARTIFACT_PROPERTY_BLESSED_KEY):
            _write_verdict(blessing, blessed=judged.validation_ok)
