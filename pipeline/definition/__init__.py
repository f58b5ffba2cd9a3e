"""One configuration becomes one TFX pipeline, whoever runs it.

The graph is the same on a laptop, in a container and in a test:

    ExampleGen -> StatisticsGen -> SchemaGen | ImportSchemaGen -> ExampleValidator
    -> DataGate (against the data accepted before) -> [training window] -> Transform
    -> [Tuner | latest tuned hyperparameters] -> Trainer
    -> Evaluator (against the latest blessed model) and [ServingValidator] -> Pusher

`components.nodes` and `pipeline.configuration.graph` know the nodes and their order without
TFX, `pipeline.configuration.extension_places` whether components of the project's own fit in.
`data_nodes`, `training_nodes`, `model_nodes` and `extension_nodes` make the nodes, `wiring`
hands each what the others put out, and `building` makes a pipeline of them all.
"""

from __future__ import annotations

from components.nodes import (
    ACCEPTED_DATA_RESOLVER,
    ALL_STANDARD,
    BASELINE_RESOLVER,
    HYPERPARAMETERS_RESOLVER,
    PUSHER,
    SERVING_VALIDATOR,
    WINDOW_RESOLVER,
    check_node_id,
)
from pipeline.configuration.graph import node_ids
from pipeline.configuration.locations import Locations, serving_statistics_digest
from pipeline.definition.building import build_pipeline, compile_pipeline

__all__ = [
    "ACCEPTED_DATA_RESOLVER",
    "ALL_STANDARD",
    "BASELINE_RESOLVER",
    "HYPERPARAMETERS_RESOLVER",
    "PUSHER",
    "SERVING_VALIDATOR",
    "WINDOW_RESOLVER",
    "Locations",
    "build_pipeline",
    "check_node_id",
    "compile_pipeline",
    "node_ids",
    "serving_statistics_digest",
]
