"""The graph that is known without TFX is the one that TFX compiles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.configuration import graph
from pipeline.configuration.loading import data_layer, load
from pipeline.configuration.model import PipelineConfiguration
from pipeline.definition import Locations, compile_pipeline, node_ids


def configured(repository: Path, folder: Path, *assignments: str) -> PipelineConfiguration:
    overrides = [data_layer(str(folder / "span-{SPAN}" / "*.csv"))]
    return load(
        repository / "configs" / "taxi.yaml", assignments=assignments, overrides=overrides
    ).configuration


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    (folder / "span-1").mkdir()
    (folder / "span-1" / "data.csv").write_text("fare,tips\n1,2\n")
    return folder


@pytest.mark.parametrize(
    "assignments",
    [
        (),
        ("schema_file=null", "tuner.enabled=true", "data.window=3"),
        ("serving_validator.enabled=false",),
    ],
    ids=["usual", "inferred, tuned and windowed", "without the serving validator"],
)
def test_what_nodes_read_and_put_out_is_what_tfx_compiles(
    repository: Path, data: Path, tmp_path: Path, assignments: tuple[str, ...]
) -> None:
    configuration = configured(repository, data, *assignments)
    compiled: Any = compile_pipeline(
        configuration, Locations(root=tmp_path, project=repository), run_id="run"
    )
    nodes = {node.pipeline_node.node_info.id: node.pipeline_node for node in compiled.nodes}
    for shape in graph.standard_shapes(configuration):
        node = nodes[shape.id]
        read = {
            f"{channel.producer_node_query.id}.{channel.output_key}"
            for values in node.inputs.inputs.values()
            for channel in values.channels
            if channel.producer_node_query.id
        }
        assert set(shape.reads) == read, shape.id
        outputs = set(node.outputs.outputs)
        # A resolver's outputs are its inputs by the same names.
        passed_on = {name for name in node.inputs.inputs if not name.startswith("_")}
        assert set(shape.outputs) == (outputs or passed_on), shape.id
    assert {name: set(needs) for name, needs in graph.dependencies(configuration).items()} == {
        name: set(node.upstream_nodes) for name, node in nodes.items()
    }


def own(**settings: Any) -> dict[str, Any]:
    return {"component": "own.Part", **settings}


def with_components(
    repository: Path, data: Path, **components: dict[str, Any]
) -> PipelineConfiguration:
    values = configured(repository, data).model_dump(mode="json")
    return PipelineConfiguration.model_validate({**values, "components": components})


def test_own_components_run_as_soon_as_what_they_wait_for_is_there(
    repository: Path, data: Path
) -> None:
    configuration = with_components(
        repository,
        data,
        Letter=own(after=["Pusher"]),
        Check=own(inputs={"examples": "ExampleGen.examples"}, before=["Transform"]),
    )
    ids = node_ids(configuration)
    assert ids.index("Check") == ids.index("ExampleGen") + 1
    assert ids[-1] == "Letter"
    assert "Check" in graph.dependencies(configuration)["Transform"]


def test_standard_nodes_read_what_replaces_an_output_and_own_ones_what_they_name(
    repository: Path, data: Path
) -> None:
    examples = "ExampleGen.examples"
    configuration = with_components(
        repository,
        data,
        Filter=own(inputs={"examples": examples}, replaces={examples: "kept"}),
        Enrich=own(inputs={"examples": "Filter.kept"}, replaces={"Filter.kept": "rich"}),
        Look=own(inputs={"examples": [examples, "Filter.kept"]}),
    )
    needs = graph.dependencies(configuration)
    assert graph.source_of(configuration, examples) == "Enrich.rich"
    assert needs["StatisticsGen"] == ("Enrich",)
    assert "Enrich" in needs["Evaluator"]
    assert needs["Enrich"] == ("Filter",)
    assert needs["Look"] == ("ExampleGen", "Filter")
