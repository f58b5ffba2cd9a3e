"""The graph without TFX: what each node reads and puts out, what it waits for, in which order.

Components of the project's own stand in it where the configuration puts them.
"""

from __future__ import annotations

import dataclasses
import graphlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from components.nodes import (
    ACCEPTED_DATA_RESOLVER,
    BASELINE_RESOLVER,
    HYPERPARAMETERS_RESOLVER,
    PUSHER,
    SERVING_VALIDATOR,
    WINDOW_RESOLVER,
)

if TYPE_CHECKING:
    from pipeline.configuration.model import PipelineConfiguration


@dataclasses.dataclass(frozen=True)
class NodeShape:
    """One of the standard nodes.

    Attributes:
      id: Its id.
      reads: Outputs of other nodes that it reads, as ``Node.output``.
      outputs: The names of what it puts out.
      waits: Nodes that it waits for without reading what they put out.
    """

    id: str
    reads: tuple[str, ...]
    outputs: tuple[str, ...]
    waits: tuple[str, ...] = ()


_EXAMPLES = "ExampleGen.examples"
_STATISTICS = "StatisticsGen.statistics"
_MODEL = "Trainer.model"


def standard_shapes(configuration: PipelineConfiguration) -> tuple[NodeShape, ...]:
    """The standard nodes that a configuration asks for, in an order in which they could run."""
    schema_gen = "SchemaGen" if configuration.schema_file is None else "ImportSchemaGen"
    schema = f"{schema_gen}.schema"
    windowed = configuration.data.window > 1
    tuned = configuration.tuner.enabled
    validated = configuration.serving_validator.enabled
    transformed = ("Transform.transformed_examples", "Transform.transform_graph")
    shapes = [
        NodeShape("ExampleGen", (), ("examples",)),
        NodeShape("StatisticsGen", (_EXAMPLES,), ("statistics",)),
        NodeShape(schema_gen, (_STATISTICS,) if schema_gen == "SchemaGen" else (), ("schema",)),
        NodeShape("ExampleValidator", (_STATISTICS, schema), ("anomalies",)),
        NodeShape(ACCEPTED_DATA_RESOLVER, (_EXAMPLES,), ("examples", "statistics", "blessing")),
        NodeShape(
            "DataGate",
            (
                "ExampleValidator.anomalies",
                _STATISTICS,
                schema,
                _EXAMPLES,
                f"{ACCEPTED_DATA_RESOLVER}.statistics",
                f"{ACCEPTED_DATA_RESOLVER}.blessing",
            ),
            ("blessing",),
        ),
    ]
    if windowed:
        outputs = ("current", "examples", "blessing")
        shapes.append(NodeShape(WINDOW_RESOLVER, (_EXAMPLES,), outputs, ("DataGate",)))
    shapes += [
        NodeShape(
            "Transform",
            (f"{WINDOW_RESOLVER}.examples" if windowed else _EXAMPLES, schema),
            (
                "transform_graph",
                "transformed_examples",
                "updated_analyzer_cache",
                "pre_transform_schema",
                "pre_transform_stats",
                "post_transform_schema",
                "post_transform_stats",
                "post_transform_anomalies",
            ),
            ("DataGate",),
        ),
        NodeShape("Tuner", (*transformed, schema), ("best_hyperparameters", "tuner_results"))
        if tuned
        else NodeShape(HYPERPARAMETERS_RESOLVER, (), ("hyperparameters",)),
        NodeShape(
            "Trainer",
            (
                *transformed,
                schema,
                "Tuner.best_hyperparameters"
                if tuned
                else f"{HYPERPARAMETERS_RESOLVER}.hyperparameters",
            ),
            ("model", "model_run"),
        ),
        NodeShape(BASELINE_RESOLVER, (), ("model", "model_blessing")),
        NodeShape(
            "Evaluator",
            (_EXAMPLES, _MODEL, f"{BASELINE_RESOLVER}.model"),
            ("evaluation", "blessing"),
        ),
    ]
    if validated:
        shapes.append(NodeShape(SERVING_VALIDATOR, (_MODEL, _EXAMPLES, schema), ("blessing",)))
    blessings = ["Evaluator.blessing", *([f"{SERVING_VALIDATOR}.blessing"] if validated else [])]
    return (*shapes, NodeShape(PUSHER, (_MODEL, *blessings), ("pushed_model",)))


def source_of(configuration: PipelineConfiguration, reference: str) -> str:
    """The output that a standard node really reads: one of the project's own may replace it.

    Args:
      configuration: The configuration; no output replaces itself.
      reference: The output that stands in the standard graph, as ``Node.output``.
    """
    replacements = {
        replaced: f"{node_id}.{output}"
        for node_id, own in configuration.components.items()
        for replaced, output in own.replaces.items()
    }
    seen = set()
    while reference in replacements and reference not in seen:
        seen.add(reference)
        reference = replacements[reference]
    return reference


def dependencies(configuration: PipelineConfiguration) -> Mapping[str, tuple[str, ...]]:
    """The nodes that each node waits for, by id; all nodes are in it.

    Args:
      configuration: The configuration; what it names in `components` exists.
    """
    found: dict[str, list[str]] = {}
    for shape in standard_shapes(configuration):
        sources = [source_of(configuration, reference) for reference in shape.reads]
        found[shape.id] = [*map(node_of, sources), *shape.waits]
    for node_id, own in configuration.components.items():
        read = [reference for references in own.inputs.values() for reference in references]
        found[node_id] = [*map(node_of, read), *own.after]
    for node_id, own in configuration.components.items():
        for waiting in own.before:
            found[waiting].append(node_id)
    return {node_id: tuple(dict.fromkeys(needs)) for node_id, needs in found.items()}


def node_of(reference: str) -> str:
    """The node of ``Node.output``."""
    return reference.partition(".")[0]


def ordered_ids(configuration: PipelineConfiguration) -> tuple[str, ...]:
    """The ids of all nodes in an order in which they could run.

    The standard nodes stay in their order; those of the project's own come as soon as what
    they wait for is there.

    Args:
      configuration: The configuration; what it names in `components` exists.

    Raises:
      graphlib.CycleError: If nodes wait for one another; its second argument is the circle.
    """
    needs = dependencies(configuration)
    graphlib.TopologicalSorter(needs).prepare()
    standard = [shape.id for shape in standard_shapes(configuration)]
    waiting = [*configuration.components, *standard]
    found: list[str] = []
    while waiting:
        # There is one: nobody waits in a circle.
        chosen = next(node_id for node_id in waiting if set(needs[node_id]) <= set(found))
        waiting.remove(chosen)
        found.append(chosen)
    return tuple(found)


def node_ids(configuration: PipelineConfiguration) -> tuple[str, ...]:
    """The ids of all nodes, known without TFX, in an order in which they could run.

    Args:
      configuration: The checked configuration.
    """
    return ordered_ids(configuration)
