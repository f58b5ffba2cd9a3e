"""Addresses of BigQuery, the query of a table, and whether it can be asked at all."""

from __future__ import annotations

import re
from collections.abc import Iterable

from core.errors import UserError
from core.settings import Settings

SCHEME = "bigquery://"
_PROJECT = re.compile(r"[a-z][a-z0-9.:-]{4,61}[a-z0-9]")
_TABLE = re.compile(r"[A-Za-z0-9_]{1,1024}\.[^\s`'\"\\/]{1,1024}")


class BigQuerySource(Settings):
    """A table or a query of BigQuery.

    Attributes:
      project: The project that pays for the query.
      query: Standard SQL, which may hold TFX's placeholders for a span.
    """

    project: str
    query: str


def is_bigquery(path: str) -> bool:
    """Whether a data path is an address of BigQuery."""
    return path.startswith(SCHEME)


def bigquery_source(path: str, query: str | None = None) -> BigQuerySource:
    """Reads an address.

    Args:
      path: ``bigquery://project/dataset.table``, or ``bigquery://project`` with a query.
      query: The query; None for a whole table.

    Raises:
      UserError: If the address names no project, or not one of table and query.
    """
    project, _, table = path.removeprefix(SCHEME).rstrip("/").partition("/")
    if not _PROJECT.fullmatch(project):
        raise _refused(path, f"{project!r} is not a Google Cloud project")
    if table and query is not None:
        raise _refused(path, "it names a table, and `data.query` says what to read as well")
    if query is not None:
        return BigQuerySource(project=project, query=query.strip().rstrip(";"))
    if not table:
        raise _refused(path, "it names no table, and there is no `data.query`")
    if not _TABLE.fullmatch(table):
        raise _refused(path, f"{table!r} is not a dataset.table")
    return BigQuerySource(project=project, query=f"SELECT * FROM `{project}.{table}`")


def check_access(beam_arguments: Iterable[str]) -> None:
    """Refuses to ask BigQuery without credentials, or without a place for its exports.

    Args:
      beam_arguments: Of the pipeline; Beam reads BigQuery by way of files in a bucket.

    Raises:
      UserError: With the next step.
    """
    import google.auth
    from google.auth.exceptions import DefaultCredentialsError

    arguments = list(beam_arguments)
    if not any(a.startswith(("--temp_location=gs://", "--gcs_location=gs://")) for a in arguments):
        raise UserError(
            "BigQuery needs a bucket for what it exports",
            evidence=["Beam reads a query by way of files there, and removes them afterwards"],
            hint="add --temp_location=gs://BUCKET/FOLDER to `beam.arguments`",
            code="bigquery-bucket",
        )
    try:
        google.auth.default()
    except DefaultCredentialsError as error:
        raise UserError(
            "there are no Google Cloud credentials to read BigQuery with",
            evidence=[str(error).splitlines()[0]],
            hint="`gcloud auth application-default login` on a laptop; on a cluster a service "
            "account, or its key file named by GOOGLE_APPLICATION_CREDENTIALS",
            code="bigquery-credentials",
        ) from None


def _refused(path: str, reason: str) -> UserError:
    return UserError(
        f"data.path is not a BigQuery address: {reason}",
        evidence=[path],
        hint="bigquery://project/dataset.table, or bigquery://project with `data.query`",
        code="bigquery-address",
    )
