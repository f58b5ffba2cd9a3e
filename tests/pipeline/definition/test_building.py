"""One configuration, one graph: the node ids, their order, what the cache key covers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core import errors
from metadata.connection import connection_name
from metadata.password import PASSWORD_VARIABLE
from metadata.pipeline_store import connection_config
from pipeline.configuration.loading import data_layer, load
from pipeline.definition import Locations, check_node_id, compile_pipeline, node_ids

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("table")
    (folder / "data.csv").write_text("fare,tips\n1,2\n")
    return str(folder)


def _compiled(table: str, root: Path | str, *assignments: str) -> Any:
    loaded = load(
        REPOSITORY / "configs" / "taxi.yaml",
        assignments=assignments,
        overrides=[data_layer(table)],
    )
    locations = Locations(root=root, project=REPOSITORY)
    return loaded.configuration, compile_pipeline(loaded.configuration, locations, run_id="run-1")


def _nodes(pipeline: Any) -> dict[str, Any]:
    return {node.pipeline_node.node_info.id: node.pipeline_node for node in pipeline.nodes}


def _flags(pipeline: Any, node_id: str) -> str:
    from tfx.orchestration.local import runner_utils

    deployment = runner_utils.extract_local_deployment_config(pipeline)
    return str(runner_utils.extract_executor_spec(deployment, node_id))


@pytest.mark.parametrize(
    "assignments",
    [(), ("schema_file=null",), ("tuner.enabled=true",), ("serving_validator.enabled=false",)],
    ids=["curated", "inferred", "tuned", "without the serving validator"],
)
def test_the_node_ids_known_without_tfx_are_those_of_the_compiled_pipeline(
    table: str, tmp_path: Path, assignments: tuple[str, ...]
) -> None:
    configuration, compiled = _compiled(table, tmp_path, *assignments)
    assert set(node_ids(configuration)) == set(_nodes(compiled))


def test_a_component_may_be_left_out_of_the_cache(table: str, tmp_path: Path) -> None:
    _, compiled = _compiled(
        table,
        tmp_path,
        "components.Predictions.component=tfx.components.BulkInferrer",
        "components.Predictions.inputs.examples=ExampleGen.examples",
        "components.Predictions.cache=false",
    )
    cached = {
        node_id: node.execution_options.caching_options.enable_cache
        for node_id, node in _nodes(compiled).items()
    }
    assert [node_id for node_id in cached if not cached[node_id]] == ["Predictions"]


def test_nothing_is_transformed_before_the_data_is_accepted(table: str, tmp_path: Path) -> None:
    _, compiled = _compiled(table, tmp_path)
    nodes = _nodes(compiled)
    assert "DataGate" in nodes["Transform"].upstream_nodes
    assert "Evaluator" in nodes["Pusher"].upstream_nodes
    assert "ServingValidator" in nodes["Pusher"].upstream_nodes
    assert "Evaluator" not in nodes["ServingValidator"].upstream_nodes
    assert "LatestBlessedModel" in nodes["Evaluator"].upstream_nodes


def test_new_data_are_compared_with_the_data_accepted_before(table: str, tmp_path: Path) -> None:
    _, compiled = _compiled(table, tmp_path)
    nodes = _nodes(compiled)
    assert "ExampleGen" in nodes["LatestAcceptedData"].upstream_nodes
    assert "LatestAcceptedData" in nodes["DataGate"].upstream_nodes
    for name in ("baseline_statistics", "baseline_blessing"):
        assert nodes["DataGate"].inputs.inputs[name].min_count == 0, "the first data have none"


def test_a_limit_of_the_gate_reaches_the_gate_and_nobody_else(table: str, tmp_path: Path) -> None:
    plain = _nodes(_compiled(table, tmp_path)[1])
    changed = _nodes(_compiled(table, tmp_path, "gate.drift.numeric=0.01")[1])
    different = [
        node_id
        for node_id in plain
        if plain[node_id].parameters.SerializeToString(deterministic=True)
        != changed[node_id].parameters.SerializeToString(deterministic=True)
    ]
    assert different == ["DataGate"]


def test_other_serving_statistics_are_part_of_the_cache_key(table: str, tmp_path: Path) -> None:
    statistics = tmp_path / "serving.pb"
    keys = set()
    for content in ("one", "two"):
        statistics.write_text(content)
        _, compiled = _compiled(table, tmp_path, f"gate.serving_statistics={statistics}")
        parameters = _nodes(compiled)["DataGate"].parameters.parameters
        keys.add(parameters["serving_statistics_digest"].field_value.string_value)
        assert str(statistics) in parameters["settings"].field_value.string_value
    assert len(keys) == 2


def test_an_edited_schema_is_part_of_the_cache_key(table: str, tmp_path: Path) -> None:
    schema = tmp_path / "schema.pbtxt"
    schema.write_text((REPOSITORY / "schema" / "taxi" / "schema.pbtxt").read_text())
    keys = set()
    for comment in ("# one\n", "# two\n"):
        schema.write_text(comment + schema.read_text())
        _, compiled = _compiled(table, tmp_path, f"schema_file={schema}")
        keys.add(_flags(compiled, "ImportSchemaGen"))
    assert len(keys) == 2


def test_building_twice_gives_the_same_flags(table: str, tmp_path: Path) -> None:
    first = _flags(_compiled(table, tmp_path)[1], "Transform")
    second = _flags(_compiled(table, tmp_path)[1], "Transform")
    assert first == second
    assert first.count("--code=") == 1


def test_a_hyperparameter_reaches_the_trainer_and_nobody_else(table: str, tmp_path: Path) -> None:
    plain = _nodes(_compiled(table, tmp_path)[1])
    changed = _nodes(_compiled(table, tmp_path, "trainer.train_steps=77")[1])
    different = [
        node_id
        for node_id in plain
        if plain[node_id].parameters.SerializeToString(deterministic=True)
        != changed[node_id].parameters.SerializeToString(deterministic=True)
    ]
    assert different == ["Trainer"]
    config = changed["Trainer"].parameters.parameters["custom_config"].field_value.string_value
    assert json.loads(config)["hyperparameters"]["train_steps"] == 77


def test_an_edited_file_reaches_the_node_that_is_declared_to_read_it_and_nobody_else(
    table: str, tmp_path: Path
) -> None:
    words, rates = tmp_path / "words.txt", tmp_path / "rates.txt"
    assignments = (f"transform.files=[{words}]", f"trainer.files=[{tmp_path}/*.txt]")

    def flags() -> dict[str, str]:
        _, pipeline = _compiled(table, tmp_path / "root", *assignments)
        nodes = ("ExampleGen", "Transform", "Trainer", "Evaluator")
        return {node: _flags(pipeline, node) for node in nodes}

    words.write_text("1")
    rates.write_text("1")
    first = flags()
    words.write_text("2")
    second = flags()
    rates.write_text("2")
    third = flags()

    assert {node for node in first if first[node] != second[node]} == {"Transform", "Trainer"}
    assert {node for node in first if second[node] != third[node]} == {"Trainer"}


def test_a_schema_that_does_not_exist_is_refused(table: str, tmp_path: Path) -> None:
    with pytest.raises(errors.UserError, match=r"schema .* does not exist"):
        _compiled(table, tmp_path, "schema_file=nowhere.pbtxt")


MYSQL = ("metadata.kind=mysql", "metadata.host=db", "metadata.user=trips")


def test_the_configured_store_is_in_the_pipeline_and_its_password_is_not(
    table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, "sentinel-4711")
    _, compiled = _compiled(table, tmp_path / "root", *MYSQL)
    assert connection_name(connection_config(compiled)) == "mysql://trips@db:3306/millrace"
    assert b"sentinel-4711" not in compiled.SerializeToString()
    assert not (tmp_path / "root").exists()


def test_a_root_in_a_bucket_is_kept_as_an_address(table: str) -> None:
    _, compiled = _compiled(table, "gs://bucket/root/", *MYSQL)
    root = compiled.runtime_spec.pipeline_root.field_value.string_value
    assert root == "gs://bucket/root/artifacts"
    pushed = _nodes(compiled)["Pusher"].parameters.parameters["push_destination"]
    assert "gs://bucket/root/serving/taxi" in pushed.field_value.string_value


def test_a_root_in_a_bucket_needs_a_metadata_server(table: str) -> None:
    with pytest.raises(errors.UserError) as refused:
        _compiled(table, "gs://bucket/root")
    assert refused.value.code == "metadata-needs-server"


def test_an_unknown_node_is_answered_with_the_nearest() -> None:
    with pytest.raises(errors.UserError, match="no node 'Tranform'") as refused:
        check_node_id("Tranform", ("Transform", "Trainer"))
    assert "Transform" in refused.value.hint


def test_a_window_of_spans_feeds_the_training_and_nothing_else(tmp_path: Path) -> None:
    for span in (1, 2):
        (tmp_path / f"span-{span}").mkdir()
        (tmp_path / f"span-{span}" / "data.csv").write_text("fare,tips\n1,2\n")
    data = str(tmp_path / "span-{SPAN}" / "*.csv")
    configuration, compiled = _compiled(data, tmp_path / "root", "data.window=3")
    nodes = _nodes(compiled)
    assert set(node_ids(configuration)) == set(nodes)
    assert "DataGate" in nodes["TrainingWindow"].upstream_nodes

    def examples_of(node_id: str) -> str:
        [channel] = nodes[node_id].inputs.inputs["examples"].channels
        return str(channel.producer_node_query.id)

    assert examples_of("Transform") == "TrainingWindow"
    assert examples_of("Trainer") == "Transform"
    for newest_only in ("StatisticsGen", "DataGate", "Evaluator"):
        assert examples_of(newest_only) == "ExampleGen"
    assert "TrainingWindow" not in _nodes(_compiled(data, tmp_path / "root")[1])


@pytest.mark.parametrize("assignment", ["data.window=2", "data.span=1", "data.window=0"])
def test_spans_of_data_without_any_are_refused(table: str, assignment: str) -> None:
    with pytest.raises(errors.UserError) as caught:
        load(
            REPOSITORY / "configs" / "taxi.yaml",
            assignments=[assignment],
            overrides=[data_layer(table)],
        )
    assert "window" in str(caught.value) or "no place for a span" in str(caught.value)
