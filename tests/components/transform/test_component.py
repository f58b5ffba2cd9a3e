"""StatisticsGen and Transform as nodes of a pipeline with a metadata store."""

from __future__ import annotations

from pathlib import Path

import pytest
from ml_metadata.proto import metadata_store_pb2
from tfx import v1 as tfx
from tfx.orchestration import metadata

from components.execution_flags import ExecutionFlags
from components.statistics_gen.component import StatisticsGen
from components.transform.component import Transform
from tests.components.transform import preprocessing_without_analyzers
from tests.components.transform.conftest import SCHEMA


@pytest.fixture(scope="module")
def store_path(tmp_path_factory: pytest.TempPathFactory, examples_uri: Path) -> Path:
    """The metadata store after a run of both components."""
    folder = tmp_path_factory.mktemp("pipeline")
    (folder / "schema").mkdir()
    (folder / "schema" / "schema.pbtxt").write_text(SCHEMA)
    examples = tfx.dsl.Importer(
        source_uri=str(examples_uri),
        artifact_type=tfx.types.standard_artifacts.Examples,
        properties={"split_names": '["train", "eval"]'},
    ).with_id("ExampleGen")
    schema = tfx.dsl.Importer(
        source_uri=str(folder / "schema"), artifact_type=tfx.types.standard_artifacts.Schema
    ).with_id("ImportSchema")
    statistics = StatisticsGen(examples=examples.outputs["result"])
    transform = Transform(
        examples=examples.outputs["result"],
        schema=schema.outputs["result"],
        preprocessing_fn=f"{preprocessing_without_analyzers.__name__}.preprocessing_fn",
    )
    for node in (statistics, transform):
        node.executor_spec.add_extra_flags(ExecutionFlags(code="abc").to_flags())
    connection = tfx.orchestration.metadata.sqlite_metadata_connection_config(
        str(folder / "metadata.db")
    )
    pipeline = tfx.dsl.Pipeline(
        pipeline_name="both",
        pipeline_root=str(folder / "root"),
        components=[examples, schema, statistics, transform],
        metadata_connection_config=connection,
    )
    tfx.orchestration.LocalDagRunner().run(pipeline)
    return folder / "metadata.db"


def _outputs(store_path: Path, type_name: str) -> list[metadata_store_pb2.Artifact]:
    connection = metadata.sqlite_metadata_connection_config(str(store_path))
    with metadata.Metadata(connection) as handler:
        return list(handler.store.get_artifacts_by_type(type_name))


def test_nodes_keep_the_names_of_tfx() -> None:
    assert StatisticsGen.__name__ == "StatisticsGen"
    assert issubclass(StatisticsGen, tfx.components.StatisticsGen)
    assert issubclass(Transform, tfx.components.Transform)


def test_statistics_are_published(store_path: Path) -> None:
    live = metadata_store_pb2.Artifact.LIVE
    # One of StatisticsGen, two of Transform.
    statistics = _outputs(store_path, "ExampleStatistics")
    assert [artifact.state for artifact in statistics] == [live] * 3
    assert all(list(Path(artifact.uri).rglob("FeatureStats.pb")) for artifact in statistics)


def test_graph_and_examples_are_published(store_path: Path) -> None:
    (graph,) = _outputs(store_path, "TransformGraph")
    assert (Path(graph.uri) / "transform_fn" / "saved_model.pb").is_file()
    transformed = [a for a in _outputs(store_path, "Examples") if "Transform" in a.uri]
    assert len(transformed) == 1
    names = transformed[0].properties["split_names"].string_value
    assert sorted(names.strip("[]").replace('"', "").split(", ")) == ["eval", "train"]
