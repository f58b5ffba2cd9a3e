"""`run_fn`: what TFX's Trainer calls to train and export a model.

Everything comes from ``fn_args.custom_config``, which `trainer_config` makes, and from
``fn_args.hyperparameters`` where a tuner found better ones. TensorFlow is imported
when training starts, not with this module.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core import files
from core.errors import UserError
from models.hyperparameters import Hyperparameters
from models.problem import OWN_MODEL_KEY, Problem
from preprocessing.features import (
    FeatureRole,
    raw_columns,
)
from preprocessing.label import Task
from preprocessing.preprocessing_fn import transform_config

if TYPE_CHECKING:
    from tfx.components import FnArgs


RUN_FN = "models.training.run_fn"
"""What the Trainer component is given as `run_fn`."""
CHECKPOINT_FOLDER_KEY = "checkpoint_folder"
"""The key of `custom_config` under which the executor hands over a folder that
outlives an interrupted execution."""
TRAINING_RECORD = "training.json"


def trainer_config(
    features: Mapping[str, FeatureRole],
    label: str,
    task: Task,
    hyperparameters: Hyperparameters,
    classes: Sequence[str] | None = None,
    model: str | None = None,
) -> dict[str, Any]:
    """The `custom_config` of Trainer: plain JSON.

    Args:
      features: The feature map.
      label: The label expression's text.
      task: The task.
      hyperparameters: The hyperparameters.
      classes: The classes' names as the data writes them, if they are given.
      model: The project's own module with a `make_model`, if there is one.
    """
    own = {} if model is None else {OWN_MODEL_KEY: model}
    return {
        **transform_config(features, label, task, classes),
        "hyperparameters": hyperparameters.model_dump(mode="json"),
        **own,
    }


def hyperparameters_of(fn_args: FnArgs) -> Hyperparameters:
    """The hyperparameters of one training.

    The configured ones, then what a tuner found, then the steps that the component's
    own train and eval arguments name.

    Raises:
      pydantic.ValidationError: If one is out of bounds.
    """
    config = fn_args.custom_config or {}
    chosen = Hyperparameters.model_validate(config.get("hyperparameters", {}))
    if fn_args.hyperparameters:
        chosen = chosen.with_tuned(fn_args.hyperparameters.get("values", {}))
    steps = {"train_steps": fn_args.train_steps, "eval_steps": fn_args.eval_steps}
    return chosen.with_tuned({name: value for name, value in steps.items() if value})


def run_fn(fn_args: FnArgs) -> None:
    """Trains the model and writes it, its training record and TensorBoard logs.

    Args:
      fn_args: TFX's arguments. `serving_model_dir` receives the SavedModel,
        `model_run_dir` the record ``training.json`` and the logs.

    Raises:
      DataError: If there is nothing to learn from.
      UserError: If the custom configuration is missing.
    """
    if not fn_args.custom_config:
        raise UserError(
            "the Trainer has no custom_config",
            hint="make it with models.training.trainer_config",
            code="no-custom-config",
        )
    from models.signatures import ServingModule, export
    from models.training_loop import train_model

    started = time.monotonic()
    hyperparameters = hyperparameters_of(fn_args)
    problem = Problem(fn_args, hyperparameters)
    read_seconds = time.monotonic() - started
    result = train_model(
        problem,
        hyperparameters,
        log_folder=fn_args.model_run_dir,
        checkpoint_folder=fn_args.custom_config.get(CHECKPOINT_FOLDER_KEY),
        identity=_identity(fn_args, hyperparameters),
    )
    exporting = time.monotonic()
    columns = raw_columns(problem.features)
    module = ServingModule(
        result.model, problem.head, problem.layout, problem.transform_output, columns
    )
    export(module, fn_args.serving_model_dir)
    record = {
        **result.record,
        "task": problem.task,
        "own_model": problem.own_model,
        "classes": list(problem.head.classes),
        "hyperparameters": hyperparameters.model_dump(mode="json"),
        "tuned": bool(fn_args.hyperparameters),
        "parameters": int(sum(weight.shape.num_elements() for weight in module.weights)),
        "dense_features": list(problem.layout.dense),
        "index_features": {index.name: index.cardinality for index in problem.layout.indices},
        "seconds": {
            "read": round(read_seconds, 3),
            **result.record["seconds"],
            "export": round(time.monotonic() - exporting, 3),
        },
    }
    files.write_text(
        os.path.join(fn_args.model_run_dir, TRAINING_RECORD), json.dumps(record, indent=1)
    )


def _identity(fn_args: FnArgs, hyperparameters: Hyperparameters) -> str:
    """Tells a training by its data and settings, so that no other one is continued."""
    config = {
        key: value for key, value in fn_args.custom_config.items() if key != CHECKPOINT_FOLDER_KEY
    }
    parts = [config, hyperparameters.model_dump(mode="json"), list(fn_args.train_files)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
