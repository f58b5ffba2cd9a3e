"""Databases in the configuration: what goes together, and that no secret is repeated."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from core.errors import UserError
from pipeline.configuration import tables
from pipeline.configuration.loading import check
from pipeline.configuration.model import DataSettings
from pipeline.configuration.positions import Layer

SQLITE = "sqlite:///trips.db"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"path": SQLITE}, "needs `table` or `query`"),
        ({"path": SQLITE, "table": "a", "query": "SELECT 1"}, "two sources"),
        ({"path": "trips.csv", "table": "a"}, "`table` needs a database"),
        ({"query": "SELECT 1"}, "`query` needs a database"),
        ({"path": "postgressql://h/d", "table": "a"}, "did you mean postgresql://"),
        ({"path": "bigquery://my-project"}, "names no table"),
        ({"path": "bigquery://my-project/a.b", "key_column": "a"}, "means nothing to BigQuery"),
        ({"path": "mysql://u:hunter2@h/d", "table": "a"}, "holds a password"),
        ({"path": "mysql://u:hunter2@h:x/d", "table": "a"}, "not a database address"),
    ],
)
def test_what_does_not_go_together_is_refused_without_the_address(values, said):
    with pytest.raises(ValidationError) as caught:
        DataSettings.model_validate(values)
    [error] = caught.value.errors()
    assert said in error["msg"]
    assert "hunter2" not in error["msg"]


def test_the_error_that_a_person_sees_repeats_no_password():
    values = {
        "name": "x",
        "label": "y",
        "features": {},
        "data": {"path": "mysql://u:hunter2@h/d", "table": "a"},
    }
    with pytest.raises(UserError) as caught:
        check(Layer(values, {}))
    assert "holds a password" in str(caught.value)
    assert "hunter2" not in caught.value.to_json()


@pytest.mark.parametrize(
    ("given", "keys"), [(None, ()), ("id", ("id",)), (["day", "id"], ("day", "id"))]
)
def test_a_key_may_be_one_column_or_several(given, keys):
    data = DataSettings.model_validate({"path": SQLITE, "table": "a", "key_column": given})
    source = tables.database(data.path, data)
    assert source is not None
    assert source.key_columns == keys


def test_files_are_no_database():
    data = DataSettings(path="gs://bucket/trips/")
    assert tables.database(data.path, data) is None
    assert tables.bigquery(data.path, data) is None
