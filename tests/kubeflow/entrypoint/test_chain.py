"""Tasks as processes on one root: what they do, what they leave, what a retry finds."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tfx.proto.orchestration import pipeline_pb2

from kubeflow.graph.build import task_graph
from pipeline.sample.taxi import write_sample
from tests.e2e.command import TAXI, millrace
from tests.kubeflow.entrypoint.task_process import Cluster, Ended, properties_of

NODES = ("ImportSchemaGen", "ExampleGen", "StatisticsGen", "ExampleValidator", "DataGate")

# A component of the project's own between the examples and the gate.
OWN = (
    "components.RowCount.component=tests.kubeflow.entrypoint.row_count.RowCount",
    "components.RowCount.inputs.examples=ExampleGen.examples",
    "components.RowCount.parameters.split=eval",
    "components.RowCount.before=[DataGate]",
)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    folder = tmp_path_factory.mktemp("cluster")
    write_sample(folder / "trips", rows=3000, seed=1)
    return Cluster(folder / "root", folder / "trips", OWN)


@pytest.fixture(scope="module")
def first(cluster: Cluster) -> dict[str, Ended]:
    """The first run, up to the statistics; its first task builds the pipeline."""
    return {node: cluster.run(node, "first") for node in NODES[:3]}


def test_a_task_says_where_it_works_and_how_it_ended(
    first: dict[str, Ended], cluster: Cluster
) -> None:
    ended = first["StatisticsGen"]

    assert (ended.code, ended.reason) == (0, "")
    lines = ended.output.splitlines()
    assert lines[0] == (
        f"StatisticsGen of run first, store {cluster.root}/metadata.sqlite, root {cluster.root}"
    )
    assert lines[-1] == "StatisticsGen done: 18 features"


def test_the_pipeline_is_built_once(first: dict[str, Ended], cluster: Cluster) -> None:
    assert [ended.code for ended in first.values()] == [0, 0, 0]
    assert len(list((cluster.root / "compiled").glob("*.pb"))) == 1


def test_a_component_of_the_projects_own_is_a_task_like_the_others(
    first: dict[str, Ended], cluster: Cluster
) -> None:
    [kept] = (cluster.root / "compiled").glob("*.pb")
    compiled = pipeline_pb2.Pipeline.FromString(kept.read_bytes())
    tasks = {task.node_id: task for task in task_graph(compiled, cluster.configuration()).tasks}
    assert "RowCount" in tasks["DataGate"].upstream
    assert tasks["RowCount"].upstream == ("ExampleGen",)

    ended = cluster.run("RowCount", "first")

    assert ended.code == 0, ended.errors
    [execution] = cluster.executions("first", "RowCount")
    rows = execution.inputs["examples"][0].value("rows_eval")
    assert ended.output.splitlines()[-1] == f"RowCount done: rows {rows}"


@pytest.fixture(scope="module")
def local(first: dict[str, Ended], cluster: Cluster) -> dict[str, str]:
    """A local run on the same root: the states of its nodes."""
    run = millrace(
        cluster.root.parent,
        *("run", TAXI, "--data", str(cluster.data), "--root", str(cluster.root)),
        *("--to", "DataGate", "--json"),
    )
    assert run.code == 0, run.errors
    return run.states()


def test_the_local_runner_reuses_what_tasks_made(local: dict[str, str]) -> None:
    assert {node: local[node] for node in NODES[:3]} == dict.fromkeys(NODES[:3], "cached")
    assert {node: local[node] for node in NODES[3:]} == dict.fromkeys(NODES[3:], "done")


@pytest.fixture(scope="module")
def second(local: dict[str, str], cluster: Cluster) -> Callable[[str], tuple[Ended, Path]]:
    """A later run of tasks, with the folder of a task's drawings."""
    folder = cluster.root.parent / "drawn"
    for node in NODES[:3]:
        assert cluster.run(node, "second", folder / node).code == 0
    ran = {node: cluster.run(node, "second", folder / node) for node in NODES[3:]}
    return lambda node: (ran[node], folder / node)


def test_tasks_reuse_what_the_local_runner_made(
    second: Callable[[str], tuple[Ended, Path]], cluster: Cluster
) -> None:
    for node in NODES[3:]:
        ended, _ = second(node)
        assert ended.code == 0
        assert ended.output.splitlines()[-1].startswith(f"{node} cached")
        [execution] = cluster.executions("second", node)
        assert execution.state == "CACHED"


def test_a_task_leaves_the_execution_that_the_local_runner_leaves(
    second: Callable[[str], tuple[Ended, Path]], cluster: Cluster, local: dict[str, str]
) -> None:
    [run_id] = {path.parent.name for path in (cluster.root / "runs").glob("*/run.json")}
    for node in NODES:
        [task] = cluster.executions("second", node)
        [locally] = cluster.executions(run_id, node)
        assert task.type == locally.type
        assert properties_of(task) == properties_of(locally)
        assert set(task.outputs) == set(locally.outputs)


def test_a_cached_task_is_drawn(second: Callable[[str], tuple[Ended, Path]]) -> None:
    _, drawn = second("DataGate")

    assert "accepted" in (drawn / "report").read_text()
    assert '"system.HTML"' in (drawn / "executor_output.json").read_text()


def test_a_killed_task_leaves_nothing_published_and_its_retry_finishes(
    first: dict[str, Ended], cluster: Cluster
) -> None:
    # Other bytes, so that nothing is reused.
    table = cluster.data / "data.csv"
    table.write_bytes(table.read_bytes() + table.read_bytes().splitlines(keepends=True)[-1])
    assert cluster.run("ExampleGen", "killed").code == 0
    before = set(cluster.folders("StatisticsGen"))
    process = cluster.start("StatisticsGen", "killed")
    while not set(cluster.folders("StatisticsGen")) - before:
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()

    [execution] = cluster.executions("killed", "StatisticsGen")
    assert (execution.state, dict(execution.outputs)) == ("RUNNING", {})
    retry = cluster.run("StatisticsGen", "killed")
    assert retry.code == 0
    assert "cleared what 1 earlier attempt left" in retry.output
    assert cluster.executions("killed", "StatisticsGen")[-1].state == "COMPLETE"


def test_a_task_that_fails_says_why_and_publishes_nothing(
    first: dict[str, Ended], tmp_path: Path, cluster: Cluster
) -> None:
    (tmp_path / "bad.csv").write_text("fare,tips\n1,2\n")
    failing = Cluster(cluster.root, tmp_path / "bad.csv", ("data.delimiter=;",))

    ended = failing.run("ExampleGen", "failing")

    assert ended.code == 3, ended.errors
    assert ended.reason.startswith("data error in ExampleGen: ")
    assert ended.reason in ended.errors
    assert "Traceback" not in ended.output + ended.errors
    [execution] = failing.executions("failing", "ExampleGen")
    assert (execution.state, dict(execution.outputs)) == ("FAILED", {})


def test_a_refused_task_touches_nothing(tmp_path: Path) -> None:
    refused = Cluster(tmp_path / "root", tmp_path / "nothing.csv")

    ended = refused.run("Trainer", "run")

    assert ended.code == 2
    assert "there is no data at" in ended.reason
    assert not (tmp_path / "root" / "artifacts").exists()
