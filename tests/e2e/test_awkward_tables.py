"""Tables that are awkward in many ways, from their files to pushed models, nothing edited."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.awkward.people import CITIES
from tests.awkward_tables import make
from tests.e2e.command import millrace


@pytest.mark.parametrize(("name", "metric"), [("spreadsheet", "auc"), ("warehouse", "accuracy")])
def test_an_awkward_table_becomes_a_pushed_model_that_is_better_than_guessing(
    name: str, metric: str, tmp_path: Path
) -> None:
    table = make(name, tmp_path / "data")

    proposed = millrace(tmp_path, "init", *table.arguments(), "--json")
    assert proposed.code == 0, proposed.output + proposed.errors
    found = json.loads(proposed.output)
    ran = millrace(tmp_path, "run", found["files"][0], "--json")
    assert ran.code == 0, ran.output[-2000:] + ran.errors

    listed = json.loads(millrace(tmp_path, "models", "list", "--json").output)
    [version] = listed["versions"]
    assert version["aliases"] == ["champion"]
    assert version["facts"]["label"]
    if name == "spreadsheet":
        # Cities with a line end: none is lost, which nothing else would tell.
        graphs = tmp_path / ".millrace/artifacts/Transform/transform_graph"
        [city] = graphs.glob("*/transform_fn/assets/vocabulary_*Stadt*")
        assert len(city.read_bytes().splitlines()) == len(CITIES)
    reached = version["facts"]["metrics"][metric]
    assert reached > found["baselines"]["constant"][metric] + 0.15
