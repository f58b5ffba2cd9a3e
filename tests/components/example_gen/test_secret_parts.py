"""An address says no secret: what it may say in plain text is listed."""

from __future__ import annotations

import pytest

from components.example_gen.database_address import check_address
from components.example_gen.sources import base_and_pattern
from core.errors import UserError


@pytest.mark.parametrize(
    "address",
    [
        "https://reader:hunter2@host/trips.csv",
        "s3://AKIAKEY:hunter2@bucket/trips/",
        "gs://bucket/trips.csv?X-Goog-Signature=hunter2",
        "hdfs://host/trips.csv?user=reader&apikey=hunter2",
        "mysq://reader:hunter2@host/shop",
        "s3://key:hun/ter2@bucket/hunter2?pass=hunter2",
    ],
)
def test_an_address_of_files_with_a_secret_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(UserError) as caught:
        base_and_pattern(address)

    assert caught.value.code == "password-in-configuration"
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("https://host/trips.csv", "copy the files"),
        ("postgress://host/shop", "did you mean postgresql://?"),
        ("ftp://host/trips.csv", "copy the files"),
    ],
)
def test_what_is_no_file_system_is_refused(address: str, hint: str) -> None:
    with pytest.raises(UserError, match="no data can be read from") as caught:
        base_and_pattern(address)

    assert hint in caught.value.hint


@pytest.mark.parametrize(
    "address",
    [
        "gs://bucket/trips/part-?.csv",
        "gs://bucket/day=2024-01-01/*.parquet",
        "s3://bucket/a@b:c/trips.csv",
    ],
)
def test_buckets_and_patterns_are_taken(address: str) -> None:
    base, pattern = base_and_pattern(address)

    assert f"{base}/{pattern}" == address


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://reader:${PASSWORD}@host/shop?sslmode=require&connect_timeout=5",
        "mysql://host/shop?charset=utf8mb4&ssl_ca=/etc/ca.pem",
        "sqlite:///file:trips.db?mode=ro&uri=true",
        "mssql+pyodbc://host/shop?driver=ODBC+Driver+18&TrustServerCertificate=yes",
        "mssql+pyodbc:///?odbc_connect=${CONNECTION}",
        "snow+x://host/shop?apikey=${KEY}",
    ],
)
def test_harmless_options_and_variables_are_taken(address: str) -> None:
    check_address(address)
