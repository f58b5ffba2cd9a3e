"""When a run counts as reproduced, and when it cannot be done again."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import pytest

from core.errors import InfrastructureError, UserError
from metadata import run_file
from metadata.run_folder import RunFolder
from pipeline.configuration.loading import load
from pipeline.experiments.comparison import Row
from pipeline.experiments.reproduction import changes, judge, read_original
from pipeline.identity.unchanged import identify


@pytest.mark.parametrize(
    ("rows", "same", "off"),
    [
        ([Row("metric", "auc", (0.9, 0.9)), Row("metric", "loss", (0.2, 0.2001))], True, ()),
        ([Row("metric", "auc", (0.9, 0.8))], False, ("auc",)),
        ([Row("metric", "auc", (0.9, None))], False, ("auc",)),
        ([Row("metric", "auc", (0.9, math.nan))], False, ("auc",)),
        ([Row("metric", "auc", (math.nan, math.nan))], True, ()),
        ([Row("metric", "auc", (0.0, 0.0)), Row("data", "span", (3, 4))], False, ("span",)),
        ([Row("parameter", "trainer.seed", (1, 2))], False, ("metrics",)),
    ],
)
def test_a_run_is_reproduced_if_data_and_metrics_agree(
    rows: list[Row], same: bool, off: tuple[str, ...]
) -> None:
    verdict = judge(rows, tolerance=0.01)
    assert (verdict.same, verdict.off) == (same, off)


@pytest.fixture
def original(tmp_path: Path, repository: Path) -> Any:
    """A run of the taxi configuration over a table, read back with its span."""
    table = tmp_path / "trips"
    table.mkdir()
    (table / "data.csv").write_text("fare,tips\n1,2\n")
    configuration = load(
        repository / "configs" / "taxi.yaml", assignments=[f"data.path={table}"]
    ).configuration

    def make(**identity: str) -> Any:
        from pipeline.definition import Locations

        root = tmp_path / ".millrace"
        own = RunFolder(root).run("run-1")
        now = identify(configuration, Locations(root=root, project=repository))
        record = run_file.RunRecord(
            "run-1",
            "taxi",
            "succeeded",
            run_file.utc_now(),
            identity=dataclasses.replace(now, **identity),
        )
        run_file.write(own.folder, record)
        values = configuration.model_dump(mode="json")
        (own.folder / "preparation.json").write_text(
            json.dumps({"configuration": values, "project": str(repository), "root": str(root)})
        )
        return read_original(root, "run-1", span=3)

    return make


def test_unchanged_code_and_data_can_be_run_again(original: Any, tmp_path: Path) -> None:
    found = original()
    assert changes(found) == []
    assert found.request.loaded.configuration.data.span is None, "the data have no spans"

    (tmp_path / "trips" / "data.csv").write_text("fare,tips\n1,2\n3,4\n")
    [change] = changes(found)
    assert change.startswith("the data were ")

    (tmp_path / "trips" / "data.csv").unlink()
    (tmp_path / "trips").rmdir()
    assert changes(found) == [f"the data are gone: {tmp_path / 'trips'}"]


def test_a_run_is_done_again_where_its_project_is_now(original: Any, tmp_path: Path) -> None:
    original()
    moved = tmp_path / "moved"
    moved.mkdir()
    for name in (".millrace", "trips"):
        (tmp_path / name).rename(moved / name)

    found = read_original(moved / ".millrace", "run-1", span=3)

    assert found.locations.root == moved / ".millrace"
    assert found.request.loaded.configuration.data.path == str(moved / "trips")
    assert not any("gone" in change for change in changes(found))


def test_a_schema_that_was_changed_since_is_named(original: Any) -> None:
    [change] = changes(original(configuration="older"))
    assert "schema/taxi/schema.pbtxt has changed: older is " in change


def test_changed_code_is_named(original: Any) -> None:
    assert changes(original(code="older"))[0].startswith("the code was older and is ")
    assert "part of a pipeline" in changes(original(code="", data=""))[0]


def test_a_run_without_its_order_or_with_an_unknown_one_is_refused(
    original: Any, tmp_path: Path
) -> None:
    original()
    order = tmp_path / ".millrace" / "runs" / "run-1" / "preparation.json"
    document = json.loads(order.read_text())
    order.write_text(json.dumps({**document, "configuration": {"unknown": 1}}))
    with pytest.raises(UserError, match="does not know the configuration of run-1"):
        read_original(tmp_path / ".millrace", "run-1", span=None)
    order.unlink()
    with pytest.raises(InfrastructureError, match="what the run run-1 was asked for"):
        read_original(tmp_path / ".millrace", "run-1", span=None)
