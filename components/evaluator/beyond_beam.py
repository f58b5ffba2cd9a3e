"""What TFMA's pipeline does not do, done in the executor's process around it.

Beam's way has no place for residuals and the data of pictures. Both need a sample only, so
one pass over the examples, which runs the models on one batch in so many, is little beside
the pipeline itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow_model_analysis as tfma
from absl import logging
from tensorflow_model_analysis.api import model_eval_lib
from tfx.types import standard_component_specs
from tfx.utils import proto_utils

from components.evaluator import baselines, class_names
from components.evaluator.batches import Batch
from components.evaluator.evaluated_models import (
    Inputs,
    Models,
    raw_features,
    read_eval_config,
    served_models,
    shared_models,
)
from components.evaluator.evaluation import Sketches
from components.evaluator.gates import Gates
from components.evaluator.guessing import write_guessing
from components.evaluator.plots.even_sample import EvenSample
from components.evaluator.plots.residuals import MOST_BATCHES
from components.evaluator.rows import Rows, read_rows
from components.in_memory import NotInMemoryError, require_in_memory
from core.errors import DataError, ModelError, UserError


def require_comparable(input_dict: Inputs, eval_config_json: str, splits: Sequence[str]) -> None:
    """Asks both models for the first examples and compares the labels.

    Raises:
      NotComparedError: If the baseline cannot be asked, or was trained on another label.
      NotInMemoryError: If the models are only understood through Beam.
    """
    if not input_dict.get(standard_component_specs.BASELINE_MODEL_KEY):
        return
    models, eval_config = _models(input_dict, eval_config_json)
    batch = Batch(models, [])
    examples = input_dict[standard_component_specs.EXAMPLES_KEY]
    for rows in read_rows(examples, splits, raw_features([], models)):
        batch.add(rows)
        break
    if batch.count:
        baselines.require_same_label(batch.scores(), eval_config)


def with_class_ids(input_dict: Inputs, eval_config_json: str, splits: Sequence[str]) -> str:
    """The configuration with the numbers of the classes that metrics name.

    Raises:
      UserError: If there is no such class, or the model does not tell.
    """
    given = tfma.EvalConfig()
    proto_utils.json_to_proto(eval_config_json or "{}", given)
    if not class_names.names_classes(given):
        return eval_config_json
    try:
        models, _ = _models(input_dict, eval_config_json)
    except NotInMemoryError as reason:
        raise UserError(
            "evaluation.metrics names classes, and the model does not tell which it has",
            evidence=[str(reason)],
            hint="bound macro_recall or worst_class_recall instead",
            code="no-such-class",
        ) from reason
    names = class_names.read_class_names(models, input_dict, splits)
    return str(proto_utils.proto_to_json(class_names.with_class_ids(given, names)))


def write_sketches(
    input_dict: Inputs, uri: str, eval_config_json: str, splits: Sequence[str], gates: Gates
) -> None:
    """Writes residuals, data of pictures and what guessing gives, from a sample of the examples.

    What cannot be read here is left out, and the log says why: the evaluation itself is done.
    A model that could not be compared with guessing is not taken for better.

    Args:
      input_dict: The inputs of TFX's Evaluator.
      uri: The ModelEvaluation artifact's uri.
      eval_config_json: The EvalConfig as JSON.
      splits: The splits that were evaluated.
      gates: What is asked for.
    """
    if not (gates.plots or gates.residual_features or gates.better_than_guessing):
        return
    examples = input_dict[standard_component_specs.EXAMPLES_KEY]
    try:
        # The formats are asked about only; a sample fits whatever the size.
        require_in_memory([f"--in_memory_bytes={2**62}"], examples, splits)
        models, _ = _models(input_dict, eval_config_json)
        sketches = Sketches(gates)
        wanted = sorted({*raw_features([], models), *sketches.features})
        for rows in _sampled(input_dict, splits, wanted):
            sketches.add(*Batch(models, []).add(rows))
        names = class_names.read_class_names(models, input_dict, splits)
        sketches.write(uri, class_names.by_role(names, models))
    except (NotInMemoryError, baselines.NotComparedError, DataError, ModelError) as reason:
        logging.info("Residuals and pictures are left out: %s.", reason)
        write_guessing(uri, {"problem": str(reason)})


def _models(input_dict: Inputs, eval_config_json: str) -> tuple[Models, tfma.EvalConfig]:
    eval_config = read_eval_config(input_dict, eval_config_json)
    shared = shared_models(input_dict, eval_config)
    eval_config = model_eval_lib._update_eval_config_with_defaults(eval_config, shared)
    return served_models(shared, eval_config), eval_config


def _sampled(input_dict: Inputs, splits: Sequence[str], wanted: Sequence[str]) -> list[Rows]:
    sample = EvenSample[Rows](MOST_BATCHES)
    examples = input_dict[standard_component_specs.EXAMPLES_KEY]
    for rows in read_rows(examples, splits, wanted, chosen=sample.wants_next):
        sample.add(rows)
    return sample.kept
