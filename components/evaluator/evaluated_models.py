"""The models of an evaluation, loaded as its configuration names them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.utils import model_util
from tfx import types
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import path_utils, proto_utils

from components.evaluator import buckets
from components.evaluator.baselines import asking
from components.evaluator.inference import ServedModel
from components.in_memory import NotInMemoryError

Inputs: TypeAlias = Mapping[str, Sequence[types.Artifact]]
Models: TypeAlias = Mapping[str, tuple[ServedModel, tfma.ModelSpec]]


def read_eval_config(input_dict: Inputs, eval_config_json: str) -> tfma.EvalConfig:
    """The configuration as TFX's executor completes it: without a baseline no changes."""
    eval_config = tfma.EvalConfig()
    proto_utils.json_to_proto(eval_config_json, eval_config)
    eval_config = tfma.utils.update_eval_config_with_defaults(
        eval_config,
        has_baseline=bool(input_dict.get(standard_component_specs.BASELINE_MODEL_KEY)),
        rubber_stamp=True,
    )
    tfma.utils.verify_eval_config(eval_config)
    return eval_config


def shared_models(input_dict: Inputs, eval_config: tfma.EvalConfig) -> list[Any]:
    """TFMA's descriptions of the models (``EvalSharedModel``), which load nothing yet.

    Raises:
      NotInMemoryError: If a model is of a kind that only Beam's way understands.
    """
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


def served_models(shared: Sequence[Any], eval_config: tfma.EvalConfig) -> Models:
    """Loads the models, by the names that TFMA gives them.

    Raises:
      ModelError: If the candidate lacks what the configuration names.
      NotComparedError: If the baseline does, or its files are gone.
      NotInMemoryError: If a model is only understood through Beam.
    """
    paths = {model.model_name: model.model_path for model in shared}
    wanted = {buckets.raw_feature(name) for name in slice_features(eval_config)}
    for spec in eval_config.model_specs:
        wanted |= {spec.label_key, spec.example_weight_key} - {""}
    models = {}
    # What is wrong with the candidate is said before what is wrong with the baseline.
    for spec in sorted(eval_config.model_specs, key=lambda spec: spec.is_baseline):
        # TFMA calls a model that stands alone by no name.
        name = spec.name if len(eval_config.model_specs) > 1 else ""
        with asking(spec):
            model = ServedModel(paths[spec.name], spec, wanted, raw_features=wanted)
        models[name] = model, spec
    return models


def slice_features(eval_config: tfma.EvalConfig) -> set[str]:
    """The features that slices are made of."""
    return {
        name
        for spec in eval_config.slicing_specs
        for name in (*spec.feature_keys, *spec.feature_values)
    }


def raw_features(slicing: Sequence[str], models: Models) -> list[str]:
    """The features to read from the examples as columns.

    Args:
      slicing: The features that slices are made of.
      models: The models.
    """
    wanted = {buckets.raw_feature(name) for name in slicing}
    for model, spec in models.values():
        wanted |= {spec.label_key, spec.example_weight_key} - model.transformed_features - {""}
    return sorted(wanted)
