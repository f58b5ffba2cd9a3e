"""The ids of the nodes and the order in which they could run, known without TFX."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import errors

if TYPE_CHECKING:
    from pipeline.configuration.model import PipelineConfiguration

HYPERPARAMETERS_RESOLVER = "LatestHyperparameters"
BASELINE_RESOLVER = "LatestBlessedModel"
ACCEPTED_DATA_RESOLVER = "LatestAcceptedData"
WINDOW_RESOLVER = "TrainingWindow"
SERVING_VALIDATOR = "ServingValidator"
PUSHER = "Pusher"


def node_ids(configuration: PipelineConfiguration) -> tuple[str, ...]:
    """The ids of all nodes, known without TFX, in an order in which they could run.

    Args:
      configuration: The checked configuration.
    """
    return (
        "ExampleGen",
        "StatisticsGen",
        "SchemaGen" if configuration.schema_file is None else "ImportSchemaGen",
        "ExampleValidator",
        ACCEPTED_DATA_RESOLVER,
        "DataGate",
        *([WINDOW_RESOLVER] if configuration.data.window > 1 else []),
        "Transform",
        "Tuner" if configuration.tuner.enabled else HYPERPARAMETERS_RESOLVER,
        "Trainer",
        BASELINE_RESOLVER,
        "Evaluator",
        *([SERVING_VALIDATOR] if configuration.serving_validator.enabled else []),
        PUSHER,
    )


def check_node_id(node_id: str, known: tuple[str, ...]) -> None:
    """Refuses an id that no node has.

    Raises:
      errors.UserError: With the nearest id.
    """
    if node_id not in known:
        near = errors.nearest(node_id, known)
        raise errors.UserError(
            f"the pipeline has no node {node_id!r}",
            evidence=[f"its nodes: {', '.join(known)}"],
            hint=f"did you mean {near}?" if near else "name one of these",
            code="unknown-node",
        )
