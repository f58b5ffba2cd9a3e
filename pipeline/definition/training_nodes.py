"""The nodes from accepted data to a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.nodes import HYPERPARAMETERS_RESOLVER, WINDOW_RESOLVER

if TYPE_CHECKING:
    from tfx.dsl.components.base.base_node import BaseNode

    from pipeline.definition.wiring import Wiring


def transform(wiring: Wiring) -> Any:
    """Turns raw columns into model inputs, once the gate has accepted them."""
    from components.transform.component import Transform
    from preprocessing.preprocessing_fn import PREPROCESSING_FN, transform_config

    settings = wiring.configuration
    module = settings.transform.module
    windowed = settings.data.window > 1
    component = Transform(
        examples=wiring.output(WINDOW_RESOLVER, "examples") if windowed else wiring.examples,
        schema=wiring.schema,
        preprocessing_fn=f"{module}.preprocessing_fn" if module else PREPROCESSING_FN,
        custom_config=transform_config(
            settings.features, settings.label, settings.task, settings.classes
        ),
    )
    modules = (module,) if module else ()
    node = wiring.flagged(component, "Transform", modules, settings.transform.files)
    node.add_upstream_node(wiring.node("DataGate"))
    return node


def latest_hyperparameters(wiring: Wiring) -> BaseNode:
    """Finds what the last search for hyperparameters found."""
    from tfx.dsl.components.common.resolver import Resolver
    from tfx.types import Channel
    from tfx.types.standard_artifacts import HyperParameters

    from components.latest_hyperparameters.strategy import LatestIfAnyStrategy

    return Resolver(
        strategy_class=LatestIfAnyStrategy,
        hyperparameters=Channel(type=HyperParameters),
    ).with_id(HYPERPARAMETERS_RESOLVER)


def tuner(wiring: Wiring) -> Any:
    """Searches for hyperparameters."""
    from tfx.components import Tuner
    from tfx.proto import trainer_pb2

    from models.tuning import TUNER_FN, tuner_config

    settings = wiring.configuration
    module = settings.trainer.module
    component = Tuner(
        examples=wiring.output("Transform", "transformed_examples"),
        transform_graph=wiring.output("Transform", "transform_graph"),
        schema=wiring.schema,
        tuner_fn=f"{module}.tuner_fn" if module else TUNER_FN,
        train_args=trainer_pb2.TrainArgs(),
        eval_args=trainer_pb2.EvalArgs(),
        custom_config=tuner_config(
            settings.features,
            settings.label,
            settings.task,
            settings.trainer.hyperparameters(),
            settings.tuner.search(),
            settings.classes,
            settings.trainer.model,
        ),
    )
    own = settings.trainer
    return wiring.flagged(component, "Tuner", own.own_modules, own.files)


def trainer(wiring: Wiring) -> Any:
    """Trains the model."""
    from components.trainer.component import Trainer
    from models.training import RUN_FN, trainer_config

    settings = wiring.configuration
    module = settings.trainer.module
    hyperparameters = (
        wiring.output("Tuner", "best_hyperparameters")
        if settings.tuner.enabled
        else wiring.output(HYPERPARAMETERS_RESOLVER, "hyperparameters")
    )
    component = Trainer(
        examples=wiring.output("Transform", "transformed_examples"),
        transform_graph=wiring.output("Transform", "transform_graph"),
        schema=wiring.schema,
        hyperparameters=hyperparameters,
        run_fn=f"{module}.run_fn" if module else RUN_FN,
        custom_config=trainer_config(
            settings.features,
            settings.label,
            settings.task,
            settings.trainer.hyperparameters(),
            settings.classes,
            settings.trainer.model,
        ),
    )
    own = settings.trainer
    return wiring.flagged(component, "Trainer", own.own_modules, own.files)
