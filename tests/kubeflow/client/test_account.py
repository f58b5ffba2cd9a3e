"""A run's workflow, told as the account of a run."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from kubeflow.client.account import run_record
from kubeflow.client.records import ServerRun, TaskState
from kubeflow.package.package_tasks import PackageTask, package_tasks

START = datetime.datetime(2026, 11, 21, 6, tzinfo=datetime.timezone.utc)
TASKS = (PackageTask("gen", "ExampleGen"), PackageTask("trainer", "Trainer", ("ExampleGen",)))


def at(seconds: float) -> datetime.datetime:
    return START + datetime.timedelta(seconds=seconds)


def states(state: str, *tasks: TaskState) -> list[tuple[str, str, float | None]]:
    run = ServerRun("id", "name", state, created=START, tasks=tasks)
    record = run_record(run, "taxi", TASKS)
    return [(node.id, node.state, node.seconds) for node in record.nodes]


@pytest.mark.parametrize(
    ("tasks", "state"),
    [
        ((), "waiting"),
        ((TaskState("gen-driver", "PENDING"),), "waiting"),
        ((TaskState("gen-driver", "RUNNING"),), "running"),
        ((TaskState("gen-driver", "FAILED"),), "failed"),
        ((TaskState("gen-driver", "SUCCEEDED"),), "running"),
        ((TaskState("gen-driver", "SUCCEEDED"), TaskState("gen", "PENDING")), "waiting"),
        ((TaskState("gen-driver", "SUCCEEDED"), TaskState("gen", "RUNNING")), "running"),
        ((TaskState("gen", "SUCCEEDED"),), "done"),
        ((TaskState("gen", "FAILED"),), "failed"),
        ((TaskState("gen", "RUNTIME_STATE_UNSPECIFIED"),), "waiting"),
        ((TaskState("gen", "A_STATE_OF_TOMORROW"),), "waiting"),
    ],
)
def test_a_node_is_its_task_and_its_driver(tasks: tuple[TaskState, ...], state: str) -> None:
    (node, trainer) = states("RUNNING", *tasks)

    assert node[1] == state
    assert trainer[1] == "waiting"


def test_seconds_are_those_of_the_task() -> None:
    task = TaskState("gen", "SUCCEEDED", at(10), at(12.5))

    assert states("RUNNING", task)[0] == ("ExampleGen", "done", 2.5)


def test_a_task_that_was_tried_again_is_as_its_last_try() -> None:
    tries = (TaskState("gen", "RUNNING", at(9)), TaskState("gen", "FAILED", at(1), at(5)))

    assert states("RUNNING", *tries)[0][1] == "running"


def test_what_a_run_never_came_to_is_skipped() -> None:
    failed = TaskState("gen", "FAILED", at(1), at(3))

    assert [node[1] for node in states("FAILED", failed)] == ["failed", "skipped"]
    assert [node[1] for node in states("CANCELED", TaskState("gen", "RUNNING"))] == [
        "skipped",
        "skipped",
    ]


def test_without_a_package_the_workflows_own_nodes_are_left_out() -> None:
    names = ("taxi-x7k2p", "root", "root-driver", "executor", "gen-driver", "gen", "gen(0)")
    tasks = tuple(TaskState(name, "SUCCEEDED", at(1), at(2)) for name in names)
    run = ServerRun("id", "name", "SUCCEEDED", created=START, finished=at(3), tasks=tasks)

    record = run_record(run, "taxi", ())

    assert [node.id for node in record.nodes] == ["gen"]
    assert (record.status, record.seconds) == ("succeeded", 3.0)


@pytest.mark.parametrize("spec", [None, {}, {"root": {}}, {"pipeline_spec": "text"}])
def test_a_spec_without_tasks_has_none(spec: Any) -> None:
    assert package_tasks(spec) == ()


def test_tasks_come_in_an_order_in_which_they_run() -> None:
    tasks = {"b": {"dependentTasks": ["c"]}, "a": {"dependentTasks": ["b"]}, "c": {}}
    spec = {"pipeline_spec": {"root": {"dag": {"tasks": tasks}}}, "platform_spec": {}}

    assert [task.name for task in package_tasks(spec)] == ["c", "b", "a"]
