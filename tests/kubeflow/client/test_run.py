"""`millrace kubeflow run`, `wait` and `runs`."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from kubeflow.graph.task_graph import Task, TaskGraph
from kubeflow.package.package import write_package
from kubeflow.renderers.kfp.pipeline import render
from tests.kubeflow.client.api_server import ApiServer
from tests.kubeflow.client.conftest import Cli

POLL = ("--poll", "0.01")
START = "POST /apis/v2beta1/runs"


def only_run(server: ApiServer) -> dict:
    (run,) = server.state.runs.values()
    return run


def test_a_run_starts_with_the_values_that_were_asked_for(
    server: ApiServer, cli: Cli, package: Path
) -> None:
    outcome = cli("run", package, "--set", "trainer.train_steps=50", "--set", "data.span=3")

    run = only_run(server)
    assert outcome.code == 0
    assert run["runtime_config"] == {
        "parameters": {"trainer.train_steps": 50, "data.span": "3"},
    }
    assert run["display_name"].startswith("taxi-20")
    assert f"{server.host}/#/runs/details/{run['run_id']}" in outcome.out
    assert "uploaded now" in outcome.out


def test_the_experiment_is_the_pipelines_and_is_made_once(
    server: ApiServer, cli: Cli, package: Path
) -> None:
    cli("run", package)
    cli("run", package)

    (experiment,) = server.state.experiments.values()
    assert experiment["display_name"] == "taxi"
    assert {run["experiment_id"] for run in server.state.runs.values()} == {
        experiment["experiment_id"]
    }
    assert len(server.state.versions) == 1


def test_names_and_account_are_the_users(server: ApiServer, cli: Cli, package: Path) -> None:
    names = ("--experiment", "mine", "--run-name", "first", "--service-account", "trainer")

    outcome = cli("run", package, *names, "--json")

    run = only_run(server)
    assert (run["display_name"], run["service_account"]) == ("first", "trainer")
    assert outcome.document["experiment"] == "mine"
    assert outcome.document["run_id"] == run["run_id"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("trainer.train_stepz=5", "did you mean trainer.train_steps?"),
        ("trainer.train_steps=many", "must be a whole number"),
        ("trainer.train_steps=0", "integer, >= 1"),
        ("trainer.train_steps", "cannot read --set"),
        ("data.span=yesterday", "data.span must be a whole number"),
    ],
)
def test_a_wrong_value_is_refused_before_anything_is_sent(
    server: ApiServer, cli: Cli, package: Path, text: str, said: str
) -> None:
    outcome = cli("run", package, "--set", text)

    assert outcome.code == 2
    assert said in outcome.err
    assert server.requests == []


def test_bounds_hold_where_the_configuration_cannot_be_read(
    server: ApiServer, cli: Cli, graph: TaskGraph, tmp_path: Path
) -> None:
    def of_another_version(task: Task) -> Task:
        changed = ['{"from": "the future"}' if str(a)[:1] == "{" else a for a in task.arguments]
        return dataclasses.replace(task, arguments=tuple(changed))

    tasks = tuple(of_another_version(task) for task in graph.tasks)
    path = tmp_path / "future.yaml"
    write_package(render(dataclasses.replace(graph, tasks=tasks)), path)

    low = cli("run", path, "--set", "trainer.train_steps=0")
    empty = cli("run", path, "--set", "data.span=")

    assert (low.code, empty.code) == (2, 0)
    assert "integer, >= 1" in low.err
    assert only_run(server)["runtime_config"]["parameters"] == {"data.span": ""}


def test_a_pipeline_on_the_server_runs_in_its_newest_version(
    server: ApiServer, cli: Cli, package: Path
) -> None:
    cli("upload", package)
    package.write_text(package.read_text().replace("Taxi trips.", "Trips by taxi."))
    newest = cli("upload", package, "--json").document["version_id"]

    outcome = cli("run", "--pipeline", "taxi", "--set", "trainer.train_steps=7")
    refused = cli("run", "--pipeline", "taxi", "--set", "trainer.train_steps=-7")

    assert (outcome.code, refused.code) == (0, 2)
    assert only_run(server)["pipeline_version_reference"]["pipeline_version_id"] == newest


def test_an_older_version_can_be_named(server: ApiServer, cli: Cli, package: Path) -> None:
    first = cli("upload", package, "--json").document
    package.write_text(package.read_text().replace("Taxi trips.", "Trips by taxi."))
    cli("upload", package)

    cli("run", "--pipeline", "taxi", "--version", first["version"])
    unknown = cli("run", "--pipeline", "taxi", "--version", first["version"][:-1])

    reference = only_run(server)["pipeline_version_reference"]
    assert reference["pipeline_version_id"] == first["version_id"]
    assert f"did you mean {first['version']}?" in unknown.err


def test_an_unknown_pipeline_is_answered_with_the_nearest(
    server: ApiServer, cli: Cli, package: Path
) -> None:
    cli("upload", package)

    outcome = cli("run", "--pipeline", "taxii")

    assert outcome.code == 2
    assert "did you mean taxi?" in outcome.err


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("taxi.yaml", "--pipeline", "taxi"),
        ("taxi.yaml", "--version", "3f2a1c9-8d41f0aa"),
        ("taxi.yaml", "--timeout", "1h"),
        ("--pipeline", "taxi", "--image", "registry/millrace:2"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    server: ApiServer, cli: Cli, package: Path, words: tuple[str, ...]
) -> None:
    assert cli("run", *words).code == 2
    assert server.requests == []


def test_waiting_tells_of_every_node_in_order(server: ApiServer, cli: Cli, package: Path) -> None:
    outcome = cli("run", package, "--wait", *POLL)

    ended = [line.split()[2] for line in outcome.out.splitlines() if " done in " in line]
    assert outcome.code == 0
    assert ended == ["ExampleGen", "StatisticsGen", "Transform", "Trainer", "Pusher"]
    assert "succeeded in " in outcome.out


def test_a_failed_run_names_its_node(server: ApiServer, cli: Cli, package: Path) -> None:
    server.state.failing = "trainer"

    outcome = cli("run", package, "--wait", *POLL)

    assert outcome.code == 5
    assert "failed in Trainer" in outcome.err
    assert "/#/runs/details/" in outcome.err
    assert "child of the workflow failed" in outcome.err
    assert "Pusher started" not in outcome.out


def test_a_cancelled_run_ends_the_waiting(server: ApiServer, cli: Cli, package: Path) -> None:
    server.state.cancel_at = 3

    outcome = cli("run", package, "--wait", *POLL)

    assert outcome.code == 130
    assert "was cancelled" in outcome.out


def test_waiting_has_an_end_though_the_run_goes_on(
    server: ApiServer, cli: Cli, package: Path
) -> None:
    outcome = cli("run", package, "--wait", "--timeout", "1s", "--poll", "30")

    assert outcome.code == 5
    assert "has not ended after 1 s" in outcome.err
    assert f"millrace kubeflow wait {only_run(server)['run_id']}" in outcome.err


def test_events_for_machines(server: ApiServer, cli: Cli, package: Path) -> None:
    outcome = cli("run", package, "--wait", "--json", *POLL)

    events = [json.loads(line) for line in outcome.out.splitlines()]
    assert events[0]["run_id"] == only_run(server)["run_id"]
    assert events[1]["nodes"][0] == "ExampleGen"
    assert events[-1] == {"event": "run_ended", "at": events[-1]["at"], "status": "succeeded"}


def test_a_run_is_waited_for_by_id_or_name(server: ApiServer, cli: Cli, package: Path) -> None:
    cli("run", package, "--run-name", "first")

    by_name = cli("wait", "first", *POLL)
    by_id = cli("wait", only_run(server)["run_id"], *POLL)
    unknown = cli("wait", "second", *POLL)

    assert (by_name.code, by_id.code, unknown.code) == (0, 0, 2)
    assert "Trainer done in " in by_name.out
    assert "there is no run 'second'" in unknown.err


def test_nodes_are_shown_though_the_version_was_deleted(
    server: ApiServer, cli: Cli, package: Path
) -> None:
    cli("run", package, "--run-name", "first")
    cli("wait", "first", *POLL)
    server.fault(404, "GET", "/versions/")

    outcome = cli("wait", "first", *POLL)

    assert outcome.code == 0
    assert "statistics-gen done in " in outcome.out
    assert "driver" not in outcome.out


def test_a_short_silence_of_the_server_does_not_end_the_waiting(
    server: ApiServer, cli: Cli, package: Path
) -> None:
    server.fault(503, "GET", "/runs/.{36}$", times=4)

    assert cli("run", package, "--wait", *POLL).code == 0


def test_an_answer_that_got_lost_starts_no_second_run(
    server: ApiServer, cli: Cli, package: Path
) -> None:
    server.fault("lost", "POST", "/runs$")

    outcome = cli("run", package)

    assert outcome.code == 0
    assert server.requests.count(START) == 1
    assert only_run(server)["run_id"] in outcome.out


def test_a_named_run_whose_answer_got_lost_is_not_guessed(
    server: ApiServer, cli: Cli, package: Path
) -> None:
    server.fault("lost", "POST", "/runs$")

    outcome = cli("run", package, "--run-name", "nightly")

    assert outcome.code == 5
    assert "may have been carried out" in outcome.err
    assert server.requests.count(START) == 1


def test_runs_are_listed_newest_first(server: ApiServer, cli: Cli, package: Path) -> None:
    cli("run", package, "--run-name", "first")
    cli("wait", "first", *POLL)
    cli("run", package, "--run-name", "second", "--experiment", "other")

    listed = cli("runs")
    newest, oldest = cli("runs", "--json").document
    limited = cli("runs", "--json", "--limit", "1").document
    others = cli("runs", "--json", "--experiment", "other").document

    assert listed.out.splitlines()[1].startswith("second")
    assert (newest["name"], newest["state"], newest["finished"]) == ("second", "PENDING", None)
    assert (oldest["state"], oldest["seconds"] > 0) == ("SUCCEEDED", True)
    assert [run["name"] for run in limited] == ["second"]
    assert [run["name"] for run in others] == ["second"]


def test_more_runs_than_a_page_are_listed(server: ApiServer, cli: Cli, package: Path) -> None:
    cli("run", package, "--run-name", "one")
    (run,) = server.state.runs.values()
    for number in range(150):
        server.state.runs[str(number)] = {**run, "run_id": str(number)}

    assert len(cli("runs", "--json", "--limit", "130").document) == 130


def test_no_runs_is_no_error(server: ApiServer, cli: Cli) -> None:
    assert "No runs" in cli("runs").out
    assert cli("runs", "--json").document == []
    assert cli("runs", "--experiment", "none").code == 2
