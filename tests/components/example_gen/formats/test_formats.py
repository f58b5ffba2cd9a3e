"""The same table in every format: the same examples, the same splits, the same statistics."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.example_gen.inspection import inspect_source
from components.example_gen.settings import ColumnType
from tests.components.example_gen.same_table import FORMATS

_SPLITS = ("train", "eval")


@pytest.fixture(scope="module")
def made() -> dict[str, list[Any]]:
    """Odd values of each type, with gaps."""
    odd = {
        "id": [0, -1, 2**53 + 1, 2**63 - 1, -(2**63)],
        "price": [0.1, -0.0, 1e-300, float("nan"), 12345.678],
        "name": ["é", "two words", '"quoted", \\', "\u2028x", "😀\t\x7f"],
        "digits": ["01", "x", "1.0", "nan", "2"],
    }
    return {name: [*values, None] * 50 for name, values in odd.items()}


@pytest.fixture(scope="module")
def trips(shared_data: Path) -> dict[str, list[Any]]:
    """The first three thousand real taxi trips."""
    with (shared_data / "chicago_taxi" / "data.csv").open() as lines:
        rows = list(csv.reader(lines))[:3001]
    header, *body = rows
    return {name: _typed([row[place] for row in body]) for place, name in enumerate(header)}


def _typed(texts: list[str]) -> list[Any]:
    held = [text for text in texts if text]
    for kind in (int, float, str):
        try:
            [kind(text) for text in held]
        except ValueError:
            continue
        return [kind(text) if text else None for text in texts]
    raise AssertionError


@pytest.fixture(scope="module")
def csv_statistics(trips: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """TFDV's statistics of the trips as CSV."""
    return _statistics(tmp_path_factory.mktemp("csv"), "csv", trips)


@pytest.fixture(params=[name for name in FORMATS if name != "csv"])
def suffix(request: pytest.FixtureRequest) -> str:
    """Each format but CSV."""
    return str(request.param)


def _same(ingest: Callable, tmp_path: Path, table: Any, suffix: str, **settings: Any) -> None:
    found = []
    for name in ("csv", suffix):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"data.{name}").write_bytes(FORMATS[name](table))
        found.append(ingest(tmp_path / name, **settings))
    first, second = found
    for split in _SPLITS:
        assert first.records(split) == second.records(split) != []
        columnar = [Path(f.uri) / "columnar" / f"Split-{split}.arrow" for f in found]
        assert columnar[0].read_bytes() == columnar[1].read_bytes()
    assert first.plan.types == second.plan.types
    assert first.result == second.result


def test_real_trips_are_the_same_in_every_format(ingest, tmp_path, trips, suffix) -> None:
    _same(ingest, tmp_path, trips, suffix)


def test_odd_values_are_the_same_in_every_format(ingest, tmp_path, made, suffix) -> None:
    _same(ingest, tmp_path, made, suffix, columns={"digits": "text"})


def test_real_trips_have_the_same_statistics(tmp_path, trips, suffix, csv_statistics) -> None:
    assert _statistics(tmp_path, suffix, trips) == csv_statistics


def test_the_quick_look_sees_the_same_table(tmp_path: Path, trips: Any, suffix: str) -> None:
    found = []
    for name in ("csv", suffix):
        path = tmp_path / f"data.{name}"
        path.write_bytes(FORMATS[name](trips))
        found.append({c.name: c.type for c in inspect_source(path).columns})
    assert found[0] == found[1]
    assert found[0]["pickup_census_tract"] is None
    assert found[0]["tips"] is ColumnType.FLOAT


def _statistics(folder: Path, name: str, table: Any) -> Any:
    from pipeline.curation.table_statistics import table_statistics

    path = folder / f"data.{name}"
    path.write_bytes(FORMATS[name](table))
    found = table_statistics(path)
    assert found.num_examples == 3000
    found.name = ""
    found.features.sort(key=lambda feature: str(feature.path.step))
    return found
