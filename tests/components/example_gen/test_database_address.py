"""Addresses: secrets come from the environment and never come back."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.example_gen.database.connection import connected
from components.example_gen.database_address import (
    below,
    check_address,
    is_database,
    resolved,
    without_secrets,
)
from core.errors import UserError

SHOP = "postgresql://reader:${SHOP_PASSWORD}@host/shop"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("sqlite:///trips.db", True),
        (SHOP, True),
        ("mysql+mysqldb://host/shop", True),
        ("duckdb+x:///a", True),
        ("gs://bucket/trips/", False),
        ("s3://bucket/a.csv", False),
        ("bigquery://project/data.trips", False),
        ("/data/trips.csv", False),
    ],
)
def test_a_database_is_told_from_files(path, expected):
    assert is_database(path) is expected


@pytest.mark.parametrize("secret", ["p@ss/w:rd", "${OTHER}", "100%"])
def test_a_variable_may_hold_any_character(secret):
    url = resolved(SHOP, {"SHOP_PASSWORD": secret})
    assert url.password == secret
    assert url.drivername == "postgresql+psycopg"
    assert (url.host, url.database, url.username) == ("host", "shop", "reader")


def test_a_variable_that_is_not_set_is_named():
    with pytest.raises(UserError, match="SHOP_PASSWORD is not set"):
        resolved(SHOP, {})


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://reader:hunter2@host/shop",
        "mysql://host/shop?passwd=hunter2",
        "mssql+pyodbc:///?odbc_connect=DRIVER%3Dx%3BUID%3Dr%3BPWD%3Dhunter2",
        "mysql://host/shop?charset=utf8&pass=hunter2",
        "snow+x://host/shop?apikey=hunter2",
        "snow+x://host/shop?anything=${USER}hunter2",
        "postgresql://host/shop?options=-c%20password%3Dhunter2",
        "postgresql://r:hunter2${MORE}@host/shop",
        "postgresql://r:hunter2@host:port/shop",
    ],
)
def test_a_password_in_the_configuration_is_refused_and_not_repeated(address):
    with pytest.raises(UserError) as caught:
        check_address(address)
    assert "hunter2" not in str(caught.value)


def test_secrets_are_taken_out_of_messages():
    told = without_secrets("no hunter2 here", SHOP, {"SHOP_PASSWORD": "hunter2"})
    assert told == "no ${SHOP_PASSWORD} here"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("sqlite:///a/b.db", "sqlite:////project/a/b.db"),
        ("sqlite:////data/b.db", "sqlite:////data/b.db"),
        ("sqlite:///${FOLDER}/b.db", "sqlite:///${FOLDER}/b.db"),
        (SHOP, SHOP),
    ],
)
def test_a_relative_file_is_one_of_the_project(address, expected):
    assert below(address, Path("/project")) == expected


@pytest.mark.parametrize(
    ("address", "code", "hint"),
    [
        ("postgressql+psycopg://h/d", "unknown-database", "did you mean 'postgresql'?"),
        ("postgresql+psycog://h/d", "unknown-database", "means postgresql+psycopg://"),
        ("oracle+oracledb://h/d", "missing-driver", "pip install oracledb"),
        ("postgresql+psycopg2://h/d", "missing-driver", "pip install psycopg2-binary"),
        ("mysql://h:many/d", "bad-database-address", "a port is a number"),
    ],
)
def test_what_cannot_be_connected_says_what_to_do(address, code, hint):
    with pytest.raises(UserError) as caught, connected(address):
        pass
    assert caught.value.code == code
    assert hint in caught.value.hint


def test_a_missing_file_is_not_made(tmp_path):
    (tmp_path / "trips.db").touch()
    with pytest.raises(UserError) as caught, connected(f"sqlite:///{tmp_path}/trip.db"):
        pass
    assert caught.value.hint == "did you mean 'trips.db'?"
    assert not (tmp_path / "trip.db").exists()
