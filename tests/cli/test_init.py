"""`millrace init`: what it writes, what it prints, and what it refuses before and after."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from rich.console import Console

from cli.main import millrace
from cli.proposal_table import MOST_SHOWN, column_tables
from components.example_gen.settings import ColumnType
from core.errors import InfrastructureError, UserError
from onboarding import initiation
from onboarding.model import ColumnDecision, ColumnFacts
from pipeline.configuration.loading import load
from pipeline.curation.naming import curated_file
from schema.reading import read_schema
from tests.onboarding.made_proposals import write_table

FILES = ["configs/things.yaml", "schema/things/schema.pbtxt", "tests/datasets/test_things.py"]


def call(*arguments: object) -> Result:
    return CliRunner().invoke(millrace, ["init", *map(str, arguments)], catch_exceptions=False)


def refusal(*arguments: object, kind: type[Exception] = UserError) -> Any:
    with pytest.raises(kind) as caught:
        call(*arguments)
    return caught.value


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A project folder after one `init`."""
    project = tmp_path_factory.mktemp("project")
    table = write_table(project)
    return project, call("--data", table, "--label", "sold", "--output", project)


def test_it_writes_three_files_that_fit_together(made: tuple[Path, Result]) -> None:
    project, _ = made
    path = project / "configs" / "things.yaml"

    configuration = load(path).configuration

    assert files_in(project) == [*FILES, "things.csv"]
    assert (configuration.name, configuration.task, configuration.label) == (
        "things",
        "binary",
        "sold",
    )
    assert configuration.data.path == "things.csv"
    assert {"size: m²", "colour"} <= set(configuration.features)
    assert "serial" not in configuration.features
    assert "serial" in {feature.name for feature in read_schema(curated_file(path)).feature}
    assert configuration.evaluation.metrics["auc"].at_least is not None


def test_it_prints_every_column_with_what_was_decided_and_the_next_steps(
    made: tuple[Path, Result],
) -> None:
    _, result = made

    for name in ("size: m²", "colour", "note", "seldom", "serial", "batch", "sold"):
        assert name in result.output
    for word in ("left out", "label", "constant 0.5", "auc at least"):
        assert word in result.output
    assert "millrace run" in result.output
    assert "millrace kubeflow compile" in result.output


def test_files_that_exist_are_named_and_nothing_is_touched(made: tuple[Path, Result]) -> None:
    project, _ = made
    table = project / "things.csv"
    before = {path: (project / path).read_bytes() for path in files_in(project)}

    error = refusal("--data", table, "--label", "sold", "--output", project)

    assert error.code == "file-exists"
    assert [Path(line).name for line in error.evidence] == [Path(path).name for path in FILES]
    assert {path: (project / path).read_bytes() for path in files_in(project)} == before


def test_json_says_all_of_it_and_force_replaces(tmp_path: Path) -> None:
    table = write_table(tmp_path, rows=200)
    mine = tmp_path / "configs" / "things.yaml"
    mine.parent.mkdir()
    mine.write_text("mine")

    result = call(
        *("--data", table, "--label", "sold", "--output", tmp_path, "--drop", "colour"),
        *("--keep", "batch", "--force", "--json"),
    )

    told = json.loads(result.output)
    assert told["configuration"] == yaml.safe_load(mine.read_text(encoding="utf-8"))
    uses = {column["facts"]["name"]: column["use"] for column in told["columns"]}
    assert (uses["colour"], uses["batch"], uses["sold"]) == ("dropped", "feature", "label")
    assert set(told["baselines"]) == {"constant", "linear", "gradient boosting"}
    assert told["files"] == [str(tmp_path / path) for path in FILES]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"--label": "solt"}, None),
        ({"--label": "serial"}, None),
        ({"--key": "serail"}, "unknown-column"),
        ({"--name": "Things"}, "pipeline-name"),
        ({"--data": "nowhere.csv"}, None),
        ({"--data": "mysql://me:secret@host/shop"}, "data-not-files"),
        ({"--task": "regression"}, None),
    ],
    ids=["label", "unique label", "key", "name", "data", "database", "task"],
)
def test_a_refused_request_writes_nothing(
    tmp_path: Path, changes: dict[str, str], code: str | None
) -> None:
    table = write_table(tmp_path, rows=100)
    arguments = {"--data": str(table), "--label": "sold", "--output": str(tmp_path), **changes}

    error = refusal(*(word for pair in arguments.items() for word in pair), kind=Exception)

    assert error.exit_code in (2, 3)
    assert error.hint
    assert "secret" not in str(error)
    assert code is None or error.code == code
    assert files_in(tmp_path) == ["things.csv"]


def test_a_disk_that_refuses_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = write_table(tmp_path, rows=100)
    # The schema's text is not what is tried here, and takes seconds.
    monkeypatch.setattr(initiation, "schema_text", lambda *_: "")
    (tmp_path / "tests").write_text("a file where a folder is needed")

    error = refusal(
        *("--data", table, "--label", "sold", "--output", tmp_path), kind=InfrastructureError
    )

    assert "nothing" in error.evidence[0]
    assert files_in(tmp_path) == ["tests", "things.csv"]
    assert not (tmp_path / "configs").exists()


@pytest.mark.parametrize("width", [80, 120])
def test_a_table_of_five_hundred_columns_stays_short_and_counts_the_rest(width: int) -> None:
    def column(number: int) -> ColumnDecision:
        facts = ColumnFacts(f"sensor {number}", ColumnType.FLOAT, 100, 0, 90, (("1", 3),))
        dropped = number % 5 == 0
        kind = "constant" if dropped else "numeric"
        return ColumnDecision(facts, kind, "dropped" if dropped else "feature", "numbers")

    console = Console(width=width, markup=False)
    with console.capture() as capture:
        for table in column_tables([column(number) for number in range(500)], width):
            console.print(table)

    lines = capture.get().splitlines()
    assert len(lines) < 2 * MOST_SHOWN
    assert max(map(len, lines)) <= width
    shown = sum(line.startswith("sensor") for line in lines)
    rest = sum(int(line.split()[1]) for line in lines if line.strip().startswith("+"))
    assert shown + rest == 500
