"""The nodes that judge a model and push it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.nodes import BASELINE_RESOLVER, PUSHER, SERVING_VALIDATOR

if TYPE_CHECKING:
    from tfx.dsl.components.base.base_node import BaseNode
    from tfx.types.channel import BaseChannel

    from pipeline.definition.wiring import Wiring


def baseline(wiring: Wiring) -> BaseNode:
    """Finds the model that serves."""
    from tfx.dsl.components.common.resolver import Resolver
    from tfx.types import Channel
    from tfx.types.standard_artifacts import Model, ModelBlessing

    from components.champion.strategy import Champion

    return Resolver(
        strategy_class=Champion,
        model=Channel(type=Model),
        model_blessing=Channel(type=ModelBlessing),
    ).with_id(BASELINE_RESOLVER)


def evaluator(wiring: Wiring) -> Any:
    """Compares the model with the bounds and with the one that serves."""
    from components.evaluator.component import Evaluator
    from components.evaluator.eval_config import eval_config
    from components.evaluator.gates import make_gates
    from models.signatures import prediction_key
    from preprocessing.features import LABEL_KEY, raw_columns

    settings = wiring.configuration
    features = raw_columns(settings.features)
    component = Evaluator(
        examples=wiring.examples,
        model=_model(wiring),
        baseline_model=wiring.output(BASELINE_RESOLVER, "model"),
        eval_config=eval_config(
            settings.evaluation,
            task=settings.task,
            label_key=LABEL_KEY,
            prediction_key=prediction_key(settings.task),
        ),
        example_splits=list(settings.evaluation.splits),
        gates=make_gates(settings.evaluation, task=settings.task, features=features),
    )
    return wiring.flagged(component, "Evaluator")


def serving_validator(wiring: Wiring) -> Any:
    """Tries the model as a server would, beside the Evaluator, which it does not need."""
    from components.serving_validator.component import ServingValidator
    from components.serving_validator.documented import documented_outputs
    from models.outputs import prediction_key

    settings = wiring.configuration
    classes = len(settings.classes) if settings.classes else None
    # A training of the project's own documents its outputs elsewhere.
    documented = {} if settings.trainer.module else documented_outputs(settings.task, classes)
    component = ServingValidator(
        model=_model(wiring),
        examples=wiring.examples,
        schema=wiring.schema,
        settings=settings.serving_validator,
        splits=settings.evaluation.splits,
        prediction_key=prediction_key(settings.task),
        documented=documented,
    )
    return wiring.flagged(component, SERVING_VALIDATOR)


def pusher(wiring: Wiring) -> BaseNode:
    """Pushes a model that has both blessings."""
    from tfx.proto import pusher_pb2

    from components.pusher.component import Pusher

    settings = wiring.configuration
    directory = wiring.locations.push_directory(settings)
    validated = settings.serving_validator.enabled
    return Pusher(
        model=_model(wiring),
        model_blessing=wiring.output("Evaluator", "blessing"),
        infra_blessing=wiring.output(SERVING_VALIDATOR, "blessing") if validated else None,
        push_destination=pusher_pb2.PushDestination(
            filesystem=pusher_pb2.PushDestination.Filesystem(base_directory=directory)
        ),
    ).with_id(PUSHER)


def _model(wiring: Wiring) -> BaseChannel:
    return wiring.output("Trainer", "model")
