"""Waiting is stopped, goes on after a new login, and leaves the terminal as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from kubeflow.client import showing
from kubeflow.client.api import KubeflowApi, open_api
from kubeflow.client.connection import connect_to
from kubeflow.client.waiting import wait_for_end
from metadata.run_file import RunRecord
from pipeline.local.events import Event
from tests.kubeflow.client.api_server import ApiServer
from tests.kubeflow.client.conftest import Cli


class RecordingDisplay:
    def __init__(self) -> None:
        self.seen: list[str] = []

    def show(self, event: Event, record: RunRecord) -> None:
        self.seen.append(event.kind)

    def tick(self, record: RunRecord) -> None:
        pass

    def close(self) -> None:
        self.seen.append("closed")


def test_a_stopped_waiting_closes_the_display(server: ApiServer, cli: Cli, package: Path) -> None:
    run_id = cli("run", package, "--json").document["run_id"]
    api, display = open_api(connect_to(host=server.host, environment={})), RecordingDisplay()

    def stopped(seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        wait_for_end(api, api.get_run(run_id), display, sleep=stopped)

    assert display.seen[0] == "run_started"
    assert display.seen[-1] == "closed"
    assert "run_ended" not in display.seen


def test_stopping_the_waiting_leaves_the_run_alone(
    server: ApiServer, cli: Cli, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(showing, "wait_for_end", stopped)

    outcome = cli("run", package, "--wait")

    (run,) = server.state.runs.values()
    assert outcome.code == 130
    assert f"wait again with `millrace kubeflow wait {run['run_id']}`" in outcome.err
    assert server.count(":terminate") == 0


@pytest.mark.parametrize(("renewed", "code"), [(True, 0), (False, 5)])
def test_a_login_that_ends_meanwhile_is_renewed_where_that_is_possible(
    server: ApiServer,
    cli: Cli,
    package: Path,
    monkeypatch: pytest.MonkeyPatch,
    renewed: bool,
    code: int,
) -> None:
    monkeypatch.setattr(KubeflowApi, "refresh_credentials", lambda _: renewed)
    server.fault(401, "GET", "/runs/.{36}$", times=1)

    assert cli("run", package, "--wait", "--poll", "0.01").code == code
