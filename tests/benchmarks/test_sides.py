"""How each side is started and its results are read, without running either."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import sides
from benchmarks.measurement import Measurement
from benchmarks.sides import Job, RunFailedError, nodes_of_account, run_ours, run_stock

JOB = Job(Path("c.yaml"), Path("data"), ("trainer.train_steps=5", "a.b=c"))


class Machine:
    """Stands for the measured command: writes what a run would leave, or fails."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.commands: list[list[str]] = []
        self.exit_code = 0
        self.writes_account_each_time = False
        monkeypatch.setattr(sides, "measure", self.measure)
        monkeypatch.setattr(sides, "read_metrics", lambda artifacts: {"auc": 0.9})

    def measure(self, command: list[str], log: Path, environment: dict[str, str]) -> Measurement:
        assert environment["TF_USE_LEGACY_KERAS"] == "0"
        self.commands.append(command)
        root = Path(command[command.index("--root") + 1])
        account = {"nodes": [{"id": "ExampleGen", "seconds": 1.5}]}
        number = len(self.commands)
        if number == 1 or self.writes_account_each_time:
            (root / "runs" / str(number)).mkdir(parents=True)
            (root / "runs" / str(number) / "run.json").write_text(json.dumps(account))
        (root / "seconds.json").write_text('{"imports": 9.0, "CsvExampleGen": 3.0}')
        log.write_text("first words\nlast words\n")
        return Measurement(10.0 * number, 5.0, 1, self.exit_code)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_both_sides_get_the_same_words(machine: Machine, tmp_path: Path) -> None:
    run_stock(JOB, tmp_path / "a")
    machine.writes_account_each_time = True
    run_ours(JOB, tmp_path / "b")

    stock, ours, again = machine.commands
    assert stock[2] == "benchmarks.stock.run"
    assert ours[2:4] == ["cli.main", "run"]
    assert ours == again
    shared = ["--set", "trainer.train_steps=5", "--set", "a.b=c"]
    assert stock[-4:] == ours[-4:] == shared


def test_our_second_run_is_the_one_where_nothing_changed(machine: Machine, tmp_path: Path) -> None:
    run = run_ours(JOB, tmp_path)

    assert run.measurement.wall_seconds == 10
    assert run.node_seconds == {"ExampleGen": 1.5}
    assert run.repeated is not None
    assert run.repeated.wall_seconds == 20


def test_a_second_run_that_did_work_is_no_figure(machine: Machine, tmp_path: Path) -> None:
    first = run_ours(JOB, tmp_path / "unchanged")
    machine.commands.clear()
    machine.writes_account_each_time = True

    assert first.repeated is not None
    assert run_ours(JOB, tmp_path / "changed").repeated is None


def test_a_folder_that_is_not_fresh_is_noticed(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "runs" / "0").mkdir(parents=True)
    (tmp_path / "runs" / "0" / "run.json").write_text('{"nodes": []}')

    with pytest.raises(RunFailedError, match="one result was expected"):
        run_ours(JOB, tmp_path)


def test_stock_nodes_bear_our_names(machine: Machine, tmp_path: Path) -> None:
    assert run_stock(JOB, tmp_path).node_seconds == {"imports": 9.0, "ExampleGen": 3.0}


def test_a_command_that_fails_is_shown_with_its_last_words(
    machine: Machine, tmp_path: Path
) -> None:
    machine.exit_code = 70

    with pytest.raises(RunFailedError, match=r"(?s)exit code 70.*last words"):
        run_stock(JOB, tmp_path)


def test_nodes_that_did_not_run_have_no_seconds() -> None:
    account = {"nodes": [{"id": "Transform", "seconds": 2.5}, {"id": "Pusher", "seconds": None}]}

    assert nodes_of_account(account) == {"Transform": 2.5}
