"""Order, tasks side by side, and what a failure stops."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from core.errors import UserError
from tests.kubeflow.emulator.made_package import Emulated, package, run, shell, task

SOON = {"activeDeadlineSeconds": "20"}


def events(ended: Emulated) -> list[tuple[str, str]]:
    lines = ended.file("events.jsonl").read_text(encoding="utf-8").splitlines()
    read = [json.loads(line) for line in lines]
    return [(event["event"], event["node"]) for event in read if "node" in event]


def test_a_task_waits_for_those_it_depends_on(tmp_path: Path) -> None:
    append = shell('echo "$1" >> order', "{{$.inputs.parameters['name']}}")

    def named(name: str, *after: str) -> dict:
        return task(append, inputs={"name": ("STRING", {"constant": name})}, after=after)

    made = package({"c": named("c", "b"), "b": named("b", "a"), "a": named("a")})
    ended = run(made, tmp_path, parallel=3)
    assert ended.code == 0
    assert (tmp_path / "project" / "order").read_text().split() == ["a", "b", "c"]
    assert [node.id for node in ended.record.nodes] == ["a", "b", "c"]
    assert [node.upstream for node in ended.record.nodes] == [(), ("a",), ("b",)]


def test_tasks_that_do_not_depend_on_one_another_run_side_by_side(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    os.mkfifo(project / "there")
    os.mkfifo(project / "back")
    # Each waits for the other: one after the other, the first would wait for ever.
    made = package(
        {
            "left": task(shell("echo a > there; cat back"), cluster=SOON),
            "right": task(shell("cat there; echo b > back"), cluster=SOON),
        }
    )
    ended = run(made, tmp_path, parallel=2)
    assert ended.code == 0
    assert (ended.lines("left"), ended.lines("right")) == (["b"], ["a"])


def test_no_more_tasks_run_at_once_than_allowed(tmp_path: Path) -> None:
    made = package({name: task(["true"]) for name in ("a", "b", "c")})
    ended = run(made, tmp_path, parallel=1)
    happened = events(ended)
    assert [kind for kind, _ in happened] == ["node_started", "node_ended"] * 3
    assert [node for _, node in happened[::2]] == [node for _, node in happened[1::2]]


def test_a_failure_stops_what_comes_after_and_lets_others_end(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    os.mkfifo(project / "there")
    # `other` ends only once `bad` has run, and reads its word to the end of the fifo.
    made = package(
        {
            "bad": task(shell("echo now > there; exit 3"), cluster=SOON),
            "other": task(shell("cat there; echo ended"), cluster=SOON),
            "after-bad": task(["true"], after=("bad",)),
            "after-both": task(["true"], after=("bad", "other")),
        }
    )
    ended = run(made, tmp_path, parallel=2)
    assert ended.code == 3
    states = {node.id: node.state for node in ended.record.nodes}
    assert states == {
        "bad": "failed",
        "other": "done",
        "after-bad": "waiting",
        "after-both": "waiting",
    }
    assert ended.lines("other") == ["now", "ended"]
    assert not ended.file("after-bad").exists()
    assert ended.record.status == "failed"


def test_no_task_is_started_after_a_failure(tmp_path: Path) -> None:
    made = package({"a": task(["false"]), "b": task(["true"])})
    ended = run(made, tmp_path, parallel=1)
    assert ended.state("b") == "waiting"


def test_a_circle_is_refused(tmp_path: Path) -> None:
    made = package({"a": task(["true"], after=("b",)), "b": task(["true"], after=("a",))})
    with pytest.raises(UserError) as refused:
        run(made, tmp_path)
    assert refused.value.code == "circle"
    assert not (tmp_path / "root").exists()


def test_tasks_are_called_by_their_nodes(tmp_path: Path) -> None:
    made = package(
        {
            "statistics-gen": task(["true", "--node", "StatisticsGen"], after=("example-gen",)),
            "example-gen": task(["true", "--node", "ExampleGen"]),
        }
    )
    ended = run(made, tmp_path)
    assert [(node.id, node.upstream) for node in ended.record.nodes] == [
        ("ExampleGen", ()),
        ("StatisticsGen", ("ExampleGen",)),
    ]
    assert ended.file("statistics-gen", "executor_input.json").is_file()


def test_two_tasks_of_one_node_keep_their_own_names(tmp_path: Path) -> None:
    made = package({name: task(["true", "--node", "Trainer"]) for name in ("a", "b")})
    assert {node.id for node in run(made, tmp_path).record.nodes} == {"a", "b"}


def test_a_node_of_ours_says_what_came_out(tmp_path: Path) -> None:
    made = package(
        {
            "trainer": task(shell("echo 'Trainer cached: 50 steps'", "--node", "Trainer")),
            "pusher": task(shell("echo 'Trainer cached: 50 steps'", "--node", "Pusher")),
        }
    )
    record = run(made, tmp_path).record
    trainer, pusher = record.node("Trainer"), record.node("Pusher")
    assert trainer is not None
    assert (trainer.state, trainer.result) == ("cached", "50 steps")
    assert pusher is not None
    assert (pusher.state, pusher.result) == ("done", "")
