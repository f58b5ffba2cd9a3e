"""`millrace kubeflow schedule` makes, lists, pauses and deletes recurring runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import UserError
from kubeflow.client.cron import six_fields
from tests.kubeflow.client.api_server import ApiServer
from tests.kubeflow.client.conftest import Cli


def only(server: ApiServer) -> dict:
    (schedule,) = server.state.recurring.values()
    return schedule


def test_a_cron_of_five_fields_gets_its_second(server: ApiServer, cli: Cli, package: Path) -> None:
    outcome = cli("schedule", "create", "nightly", package, "--cron", "0 3 * * 1-5")

    made = only(server)
    assert outcome.code == 0
    assert made["trigger"] == {"cron_schedule": {"cron": "0 0 3 * * 1-5"}}
    assert (made["no_catchup"], made["max_concurrency"], made["status"]) == (True, "1", "ENABLED")
    assert "'0 3 * * 1-5' means '0 0 3 * * 1-5' to Kubeflow" in outcome.out


def test_an_interval_with_everything_set(server: ApiServer, cli: Cli, package: Path) -> None:
    outcome = cli(
        *("schedule", "create", "often", package, "--every", "1h30m", "--catch-up", "--json"),
        *("--maximum-concurrency", "3", "--start", "2030-01-01", "--end", "2030-02-01T12:00:00Z"),
        *("--set", "trainer.train_steps=50", "--set", "data.span=[[Index]]"),
    )

    made = only(server)
    assert outcome.code == 0
    assert made["trigger"] == {
        "periodic_schedule": {
            "start_time": "2030-01-01T00:00:00Z",
            "end_time": "2030-02-01T12:00:00Z",
            "interval_second": "5400",
        }
    }
    assert made["runtime_config"] == {
        "parameters": {"trainer.train_steps": 50, "data.span": "[[Index]]"}
    }
    assert outcome.document["maximum_concurrency"] == 3
    assert outcome.document["catch_up"]
    assert outcome.document["interval_seconds"] == 5400


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--cron", "0 3 * * *", "--every", "1h"),
        ("--every", "soon"),
        ("--every", "0s"),
        ("--every", "1h", "--end", "2001-01-01"),
        ("--every", "1h", "--start", "2031-01-01", "--end", "2030-01-01"),
        ("--every", "1h", "--start", "tomorrow"),
        ("--every", "1h", "--maximum-concurrency", "11"),
        ("--every", "1h", "--set", "trainer.train_steps=0"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused_before_anything_is_sent(
    server: ApiServer, cli: Cli, package: Path, words: tuple[str, ...]
) -> None:
    assert cli("schedule", "create", "nightly", package, *words).code == 2
    assert server.requests == []


def test_a_name_is_used_once(server: ApiServer, cli: Cli, package: Path) -> None:
    cli("schedule", "create", "nightly", package, "--every", "1d")

    outcome = cli("schedule", "create", "nightly", package, "--every", "1d")

    assert outcome.code == 2
    assert "there is a recurring run 'nightly' already" in outcome.err
    assert len(server.state.recurring) == 1


def test_a_lost_answer_makes_no_second_schedule(server: ApiServer, cli: Cli, package: Path) -> None:
    server.fault("lost", "POST", "/recurringruns$")

    outcome = cli("schedule", "create", "nightly", package, "--every", "1d")

    assert outcome.code == 0
    assert server.requests.count("POST /apis/v2beta1/recurringruns") == 1


def test_pause_resume_and_delete(server: ApiServer, cli: Cli, package: Path) -> None:
    cli("schedule", "create", "nightly", package, "--every", "1d")

    paused = cli("schedule", "pause", "nightly")
    assert only(server)["status"] == "DISABLED"
    assert "paused already" in cli("schedule", "pause", "nightly").out
    cli("schedule", "resume", only(server)["recurring_run_id"])
    assert only(server)["status"] == "ENABLED"
    deleted = cli("schedule", "delete", "nightly")

    assert (paused.code, deleted.code) == (0, 0)
    assert server.state.recurring == {}


def test_schedules_are_listed(server: ApiServer, cli: Cli, package: Path) -> None:
    assert "No recurring runs" in cli("schedule", "list").out
    cli("schedule", "create", "nightly", package, "--cron", "@daily")
    cli("schedule", "create", "often", package, "--every", "2h")

    listed = cli("schedule", "list").out.splitlines()
    newest, oldest = cli("schedule", "list", "--json").document

    assert "every 2 hours" in listed[1]
    assert "cron 0 0 0 * * *" in listed[2]
    assert (newest["name"], oldest["cron"]) == ("often", "0 0 0 * * *")


def test_an_unknown_schedule_is_answered_with_the_nearest(
    server: ApiServer, cli: Cli, package: Path
) -> None:
    cli("schedule", "create", "nightly", package, "--every", "1d")

    outcome = cli("schedule", "pause", "nightl")

    assert outcome.code == 2
    assert "did you mean nightly?" in outcome.err


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("*/15 * * * *", "0 */15 * * * *"),
        ("0 9 1 JAN-jun mon,fri", "0 0 9 1 JAN-jun mon,fri"),
        ("30 0 6 ? * 1-5", "30 0 6 ? * 1-5"),
        ("@Hourly", "0 0 * * * *"),
        ("0 0 29 2 *", "0 0 0 29 2 *"),
        ("0 0 30 2 1", "0 0 0 30 2 1"),
    ],
)
def test_cron_expressions_that_kubeflow_reads(text: str, fields: str) -> None:
    assert six_fields(text) == fields


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("* * * *", "4 fields"),
        ("60 * * * *", "minute: 60 is not from 0 to 59"),
        ("0 24 * * *", "hour"),
        ("0 0 * * 7", "Sunday is 0"),
        ("0 0 * * sunday", "'sunday' is not a number"),
        ("5-1 * * * *", "runs backwards"),
        ("*/0 * * * *", "step"),
        ("0 0 31 4,6 *", "never run"),
        ("0 0 L * *", "'l' is not"),
        ("@every 1h", "fields"),
        ("@dayly", "known words"),
        ("", "0 fields"),
    ],
)
def test_cron_expressions_that_it_does_not(text: str, why: str) -> None:
    with pytest.raises(UserError) as refused:
        six_fields(text)
    assert why in str(refused.value)
