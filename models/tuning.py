"""`tuner_fn`: what TFX's Tuner calls to look for better hyperparameters.

Each trial trains the same model on the same arrays with the loop that the trainer
uses; what is tried comes from `SearchSettings`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core import progress
from core.errors import UserError
from models.hyperparameters import FloatRange, Hyperparameters, SearchSettings
from models.problem import Problem
from models.training import hyperparameters_of, trainer_config
from preprocessing.features import FeatureRole
from preprocessing.label import Task

if TYPE_CHECKING:
    import keras_tuner
    from tfx.components import FnArgs
    from tfx.components.tuner.component import TunerFnResult

TUNER_FN = "models.tuning.tuner_fn"
"""What the Tuner component is given as `tuner_fn`."""
_OBJECTIVE = "eval_loss"
_HYPERBAND_EPOCHS = 9
"""Hyperband deals out its rounds in epochs; one is this share of the train steps."""


def tuner_config(
    features: Mapping[str, FeatureRole],
    label: str,
    task: Task,
    hyperparameters: Hyperparameters,
    search: SearchSettings,
    classes: Sequence[str] | None = None,
    model: str | None = None,
) -> dict[str, Any]:
    """The `custom_config` of Tuner: plain JSON.

    Args:
      features: The feature map.
      label: The label expression's text.
      task: The task.
      hyperparameters: What is not searched.
      search: What is searched, and how.
      classes: The classes' names as the data writes them, if they are given.
      model: The project's own module with a `make_model`, if there is one.
    """
    config = trainer_config(features, label, task, hyperparameters, classes, model)
    return {**config, "search": search.model_dump(mode="json")}


def search_space(search: SearchSettings, base: Hyperparameters) -> keras_tuner.HyperParameters:
    """The space that a search covers, with the configured values as defaults.

    Args:
      search: The search's settings.
      base: The configured hyperparameters.

    Raises:
      UserError: If nothing is left to search.
    """
    import keras_tuner

    space = keras_tuner.HyperParameters()
    for name in ("learning_rate", "dropout", "weight_decay"):
        bounds: FloatRange | None = getattr(search, name)
        if bounds is not None:
            space.Float(
                name,
                bounds.low,
                bounds.high,
                sampling="log" if bounds.logarithmic else "linear",
                default=min(max(getattr(base, name), bounds.low), bounds.high),
            )
    if search.batch_size:
        space.Choice("batch_size", list(search.batch_size))
    if search.hidden_layers and search.hidden_units:
        # Named as Hyperparameters.with_tuned reads them.
        space.Choice("hidden_layers", list(search.hidden_layers))
        for layer in range(max(search.hidden_layers)):
            space.Choice(f"hidden_units_{layer}", list(search.hidden_units))
    if not space.space:
        raise UserError(
            "the tuner has nothing to search",
            hint="give it a range of at least one hyperparameter",
            code="empty-search",
        )
    return space


def tuner_fn(fn_args: FnArgs) -> TunerFnResult:
    """Makes the tuner of TFX's Tuner component.

    Args:
      fn_args: TFX's arguments; `custom_config` is what `tuner_config` made.

    Returns:
      The tuner and what to call its `search` with.

    Raises:
      DataError: If there is nothing to learn from.
      UserError: If there is nothing to search.
    """
    import keras_tuner
    from keras_tuner import oracles
    from tfx.components.tuner.component import TunerFnResult

    search = SearchSettings.model_validate(fn_args.custom_config["search"])
    base = hyperparameters_of(fn_args)
    if search.train_steps is not None:
        base = base.with_tuned({"train_steps": search.train_steps})
    space = search_space(search, base)
    objective = keras_tuner.Objective(_OBJECTIVE, "min")
    shared = {"objective": objective, "hyperparameters": space, "seed": search.seed}
    oracle: keras_tuner.Oracle
    if search.algorithm == "hyperband":
        oracle = oracles.HyperbandOracle(max_epochs=_HYPERBAND_EPOCHS, **shared)
        oracle.max_trials = search.trials
    elif search.algorithm == "bayesian":
        oracle = oracles.BayesianOptimizationOracle(max_trials=search.trials, **shared)
    else:
        oracle = oracles.RandomSearchOracle(max_trials=search.trials, **shared)
    tuner = _make_tuner(oracle, Problem(fn_args, base), base, search, fn_args.working_dir)
    return TunerFnResult(tuner=tuner, fit_kwargs={})


def _make_tuner(
    oracle: Any, problem: Problem, base: Hyperparameters, search: SearchSettings, folder: str
) -> Any:
    from keras_tuner.engine import base_tuner

    class Tuner(base_tuner.BaseTuner):
        """Trains each trial with our loop instead of `fit`; keeps no weights."""

        def __init__(self) -> None:
            super().__init__(oracle=oracle, directory=folder, project_name="search", overwrite=True)
            self._tried = 0

        def run_trial(self, trial: Any, *_: Any, **__: Any) -> dict[str, float]:
            self._tried += 1
            values = trial.hyperparameters.values
            chosen = base.with_tuned(values)
            if "tuner/epochs" in values:
                steps = math.ceil(base.train_steps * values["tuner/epochs"] / _HYPERBAND_EPOCHS)
                chosen = chosen.with_tuned({"train_steps": steps})
            loss = _train_trial(problem, chosen)
            progress.report(f"trial {self._tried} of at most {search.trials}, loss {loss:.4g}")
            return {_OBJECTIVE: loss}

    return Tuner()


def _train_trial(problem: Problem, chosen: Hyperparameters) -> float:
    from core.errors import DataError
    from models.training_loop import train_model

    try:
        trained = train_model(
            problem, chosen, log_folder=None, checkpoint_folder=None, identity="trial"
        )
    except DataError as error:
        # One wild learning rate is a bad trial, not a bad search.
        if error.code != "loss-not-a-number":
            raise
        return 1e9
    return float(trained.record["metrics"]["loss"])
