"""Which columns a configuration splits by."""

from __future__ import annotations

from typing import Any

import pytest

from components.example_gen.settings import SplitSettings
from core.errors import UserError
from pipeline.configuration.loading import check
from pipeline.configuration.positions import Layer


def split_of(**changes: Any) -> SplitSettings:
    """The split that ExampleGen gets."""
    values: dict[str, Any] = {
        "name": "trips",
        "label": "tips > 0.2 * fare",
        "features": {"fare": "numeric", "hour": "numeric", "zone": "categorical"},
    }
    return check(Layer({**values, **changes}, {})).ingestion.split


def test_the_features_are_hashed_but_never_what_the_label_is_made_of() -> None:
    assert split_of().columns == ("hour", "zone")
    place = {"role": "latitude_longitude", "latitude": "north", "longitude": "east"}
    features = {"place": place, "night": {"role": "boolean", "column": "dark"}}
    assert set(split_of(features=features).columns or ()) == {"north", "east", "dark"}


def test_features_that_read_the_label_alone_leave_all_other_columns() -> None:
    found = split_of(features={"fare": "numeric"})

    assert (found.columns, found.without) == (None, ("fare", "tips"))


def test_features_of_ones_own_leave_all_columns_but_the_label() -> None:
    found = split_of(transform={"module": "own.preprocessing"})

    assert (found.columns, found.without) == (None, ("fare", "tips"))


@pytest.mark.parametrize(
    "split",
    [
        {"columns": ["hour"]},
        {"key": "zone"},
        {"method": "row"},
        {"method": "hash_record"},
        {"method": "time", "time_column": "hour"},
    ],
    ids=lambda split: split.get("method", "hash"),
)
def test_what_is_said_stays(split: dict[str, Any]) -> None:
    assert split_of(data={"split": split}) == SplitSettings.model_validate(split)


def test_columns_that_are_left_out_are_left_out_with_the_label() -> None:
    found = split_of(data={"split": {"without": ["number"]}})

    assert (found.columns, found.without) == (None, ("number", "fare", "tips"))


@pytest.mark.parametrize("split", [{"key": "tips"}, {"columns": ["hour", "fare"]}])
def test_a_split_by_the_label_is_refused(split: dict[str, Any]) -> None:
    with pytest.raises(UserError, match=r"the label .* is made of it"):
        split_of(data={"split": split})


@pytest.mark.parametrize(
    ("split", "reason"),
    [
        ({"columns": ["a"], "key": "b"}, "`key` and `columns` both say what is hashed"),
        ({"columns": ["a"], "without": ["b"]}, "`columns` and `without` both say"),
        ({"method": "row", "key": "a"}, "`key` belongs to method hash; with method row"),
        ({"method": "hash_record", "columns": ["a"]}, "`columns` belongs to method hash"),
        ({"method": "time", "time_column": "t", "without": ["a"]}, "`without` belongs to"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(split: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        SplitSettings.model_validate(split)
