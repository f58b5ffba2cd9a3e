"""The nodes from the data to the gate: what a run may train on."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from components.nodes import ACCEPTED_DATA_RESOLVER, WINDOW_RESOLVER
from pipeline.configuration.locations import serving_statistics_digest

if TYPE_CHECKING:
    from tfx.dsl.components.base.base_node import BaseNode

    from pipeline.definition.wiring import Wiring


def example_gen(wiring: Wiring) -> BaseNode:
    """Reads the data, splits them, writes them as examples."""
    from components.example_gen.component import ColumnarExampleGen
    from pipeline.configuration import data_source
    from pipeline.definition.schema_types import with_schema_types

    data, ingestion = wiring.configuration.data, wiring.configuration.ingestion
    schema = wiring.locations.schema_file(wiring.configuration)
    if schema is not None:
        ingestion = with_schema_types(ingestion, _content(schema), schema)
    assert data.path is not None, "the command line resolves data.path"
    component = data_source.example_gen(data, ingestion, wiring.locations.project)
    if component is None:
        component = ColumnarExampleGen.from_path(
            wiring.locations.in_project(data.path), ingestion, span=data.span
        )
    node: BaseNode = wiring.flagged(component, "ExampleGen")
    return node


def statistics_gen(wiring: Wiring) -> BaseNode:
    """Computes statistics of this run's examples."""
    from components.statistics_gen.component import StatisticsGen

    node: BaseNode = wiring.flagged(StatisticsGen(examples=wiring.examples), "StatisticsGen")
    return node


def schema_gen(wiring: Wiring) -> BaseNode:
    """Infers a schema from the statistics."""
    from tfx.components import SchemaGen

    return SchemaGen(statistics=wiring.statistics, infer_feature_shape=True)


def import_schema_gen(wiring: Wiring) -> BaseNode:
    """Takes the curated schema."""
    from tfx.components.schema_gen.import_schema_gen.component import ImportSchemaGen

    path = wiring.locations.schema_file(wiring.configuration)
    assert path is not None, "node_ids asks for this node only where there is a file"
    node = ImportSchemaGen(schema_file=path)
    # TFX's cache sees the path only; an edited schema must count as a new one.
    content = _content(path)
    node.executor_spec.add_extra_flags([f"--content={hashlib.sha256(content).hexdigest()}"])
    return node


def _content(path: str) -> bytes:
    from tfx.dsl.io import fileio

    with fileio.open(path, "rb") as file:
        return bytes(file.read())


def example_validator(wiring: Wiring) -> BaseNode:
    """Compares the statistics with the schema."""
    from tfx.components import ExampleValidator

    return ExampleValidator(statistics=wiring.statistics, schema=wiring.schema)


def accepted_data(wiring: Wiring) -> BaseNode:
    """Finds the data that were accepted before these."""
    from tfx.dsl.components.common.resolver import Resolver
    from tfx.types import Channel
    from tfx.types.standard_artifacts import ExampleStatistics

    from components.data_gate.accepted_data import LatestAcceptedData
    from components.data_gate.artifacts import DataBlessing

    return Resolver(
        strategy_class=LatestAcceptedData,
        examples=wiring.examples,
        statistics=Channel(type=ExampleStatistics),
        blessing=Channel(type=DataBlessing),
    ).with_id(ACCEPTED_DATA_RESOLVER)


def data_gate(wiring: Wiring) -> BaseNode:
    """Refuses data that are not fit to train on."""
    from components.data_gate.component import DataGate
    from components.data_gate.model_columns import column_kinds

    settings = wiring.configuration
    gate = settings.gate
    if gate.serving_statistics is not None:
        path = wiring.locations.in_project(gate.serving_statistics)
        gate = gate.model_copy(update={"serving_statistics": path})
    component = DataGate(
        anomalies=wiring.output("ExampleValidator", "anomalies"),
        statistics=wiring.statistics,
        schema=wiring.schema,
        examples=wiring.examples,
        baseline_statistics=wiring.output(ACCEPTED_DATA_RESOLVER, "statistics"),
        baseline_blessing=wiring.output(ACCEPTED_DATA_RESOLVER, "blessing"),
        settings=gate,
        kinds=column_kinds(settings.features),
        label=settings.label,
        task=settings.task,
        classes=settings.classes,
        split=settings.data.split.method.value,
        key=settings.data.split.key or "",
        # TFX's cache sees the path only; other statistics must count as such.
        serving_digest=serving_statistics_digest(settings, wiring.locations),
    )
    node: BaseNode = wiring.flagged(component, "DataGate")
    return node


def training_window(wiring: Wiring) -> Any:
    """Finds the spans to train on, where that is more than this run's."""
    from tfx.dsl.components.common.resolver import Resolver
    from tfx.types import Channel
    from tfx.types.standard_artifacts import Examples

    from components.data_gate.artifacts import DataBlessing
    from components.training_window.strategy import TrainingWindow

    properties = wiring.node("ExampleGen").exec_properties
    files = {
        name: properties[name] for name in ("input_base", "input_config") if name in properties
    }
    node = Resolver(
        strategy_class=TrainingWindow,
        config={
            "spans": wiring.configuration.data.window,
            "files": files if len(files) > 1 else None,
        },
        current=wiring.examples,
        examples=Channel(type=Examples),
        blessing=Channel(type=DataBlessing),
    ).with_id(WINDOW_RESOLVER)
    node.add_upstream_node(wiring.node("DataGate"))
    return node
