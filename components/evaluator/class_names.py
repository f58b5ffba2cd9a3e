"""The names of the classes, as the models themselves give them.

Each training may number its classes another way; the output ``classes`` of the serving
signature tells the names in the order of the numbers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import tensorflow_model_analysis as tfma

from components.evaluator.baselines import asking
from components.evaluator.batches import BASELINE, CANDIDATE
from components.evaluator.evaluated_models import Inputs, Models
from components.evaluator.rows import read_rows
from core.errors import UserError, nearest

_OF_CLASS = "OfClass"


def read_class_names(
    models: Models, examples: Inputs, splits: Sequence[str]
) -> dict[str, list[str]]:
    """The names of the classes by the name of the model; empty where a model tells none.

    Args:
      models: The models.
      examples: The inputs of the Evaluator; a model is asked with the first example.
      splits: The splits to evaluate on.

    Raises:
      NotComparedError: If the baseline cannot answer the example.
    """
    names = {}
    for rows in read_rows(examples["examples"], splits, []):
        for name, (model, spec) in models.items():
            with asking(spec):
                names[name] = model.class_names(rows.serialized[:1])
        break
    return names


def by_role(names: Mapping[str, list[str]], models: Models) -> dict[str, list[str]]:
    """The same by ``candidate`` and ``baseline``."""
    return {
        BASELINE if spec.is_baseline else CANDIDATE: names.get(name, [])
        for name, (_, spec) in models.items()
    }


def names_classes(eval_config: tfma.EvalConfig) -> bool:
    """Whether there are metrics of a class that is named."""
    return any(
        metric.class_name == _OF_CLASS
        for spec in eval_config.metrics_specs
        for metric in spec.metrics
    )


def with_class_ids(
    eval_config: tfma.EvalConfig, names: Mapping[str, Sequence[str]]
) -> tfma.EvalConfig:
    """Tells the metrics of a class which number the class has in each model.

    Args:
      eval_config: The configuration.
      names: The names of the classes by the name of the model.

    Raises:
      UserError: If the candidate has no class of that name.
    """
    found = tfma.EvalConfig()
    found.CopyFrom(eval_config)
    for spec in found.metrics_specs:
        for metric in spec.metrics:
            if metric.class_name != _OF_CLASS:
                continue
            options = json.loads(metric.config)
            options["class_ids"] = {
                model: number
                for model, known in names.items()
                if (number := _number(options["of_class"], known, model)) is not None
            }
            metric.config = json.dumps(options, sort_keys=True)
    return found


def _number(of_class: str, known: Sequence[str], model: str) -> int | None:
    if of_class in known:
        return list(known).index(of_class)
    if not known and of_class.isdecimal():
        return int(of_class)
    if model == BASELINE:
        return None  # The blessed model may well not know a new class.
    near = nearest(of_class, known)
    raise UserError(
        f"the model has no class {of_class!r}, which evaluation.metrics names",
        evidence=[f"its classes: {', '.join(known[:20])}" if known else "it names no classes"],
        hint=f"did you mean {near!r}?" if near else "",
        code="no-such-class",
    )
