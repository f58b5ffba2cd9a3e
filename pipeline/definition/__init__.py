"""One configuration becomes one TFX pipeline, whoever runs it.

The graph is the same on a laptop, in a container and in a test:

    ExampleGen -> StatisticsGen -> SchemaGen | ImportSchemaGen -> ExampleValidator
    -> DataGate (against the data accepted before) -> [training window] -> Transform
    -> [Tuner | latest tuned hyperparameters] -> Trainer
    -> Evaluator (against the latest blessed model) and [ServingValidator] -> Pusher

`node_ids` and `graph` know the nodes and their order without TFX, `own_places` whether
components of the project's own fit in. `data_nodes`, `training_nodes`, `model_nodes` and
`own_nodes` make the nodes, `wiring` hands each what the others put out, and `building`
makes a pipeline of them all.
"""

from __future__ import annotations

from pipeline.definition.building import build_pipeline, compile_pipeline
from pipeline.definition.locations import Locations, serving_statistics_digest
from pipeline.definition.node_ids import (
    ACCEPTED_DATA_RESOLVER,
    ALL_STANDARD,
    BASELINE_RESOLVER,
    HYPERPARAMETERS_RESOLVER,
    PUSHER,
    SERVING_VALIDATOR,
    WINDOW_RESOLVER,
    check_node_id,
    node_ids,
)

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
