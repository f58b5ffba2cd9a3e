"""The ids of the standard nodes, known without TFX."""

from __future__ import annotations

from core import errors

HYPERPARAMETERS_RESOLVER = "LatestHyperparameters"
BASELINE_RESOLVER = "LatestBlessedModel"
ACCEPTED_DATA_RESOLVER = "LatestAcceptedData"
WINDOW_RESOLVER = "TrainingWindow"
SERVING_VALIDATOR = "ServingValidator"
PUSHER = "Pusher"

# Whatever the configuration asks for: a component of the project's own takes none of these.
ALL_STANDARD = (
    "ExampleGen",
    "StatisticsGen",
    "SchemaGen",
    "ImportSchemaGen",
    "ExampleValidator",
    ACCEPTED_DATA_RESOLVER,
    "DataGate",
    WINDOW_RESOLVER,
    "Transform",
    "Tuner",
    HYPERPARAMETERS_RESOLVER,
    "Trainer",
    BASELINE_RESOLVER,
    "Evaluator",
    SERVING_VALIDATOR,
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
