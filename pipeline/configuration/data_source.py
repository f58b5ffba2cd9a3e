"""Where the data are: files, a table of a database, or BigQuery."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from components.example_gen.bigquery import BigQuerySource
from components.example_gen.database.settings import DatabaseSource
from components.example_gen.settings import IngestionSettings
from pipeline.configuration import tables
from pipeline.configuration.model import DataSettings

if TYPE_CHECKING:
    from tfx.dsl.components.base.base_node import BaseNode

    from components.example_gen.inspection import SourceSummary


def database_source(data: DataSettings, project: Path) -> DatabaseSource | None:
    """The table or query of a database that is the data; None for anything else.

    Args:
      data: The configuration's section.
      project: The folder that a relative SQLite file means.
    """
    found = tables.database(data.path, data)
    return None if found is None else found.in_folder(project)


def bigquery_source(data: DataSettings) -> BigQuerySource | None:
    """The table or query of BigQuery that is the data; None for anything else."""
    return tables.bigquery(data.path, data)


def example_gen(data: DataSettings, ingestion: IngestionSettings, project: Path) -> BaseNode | None:
    """The node that reads a database; None where the data are files.

    Args:
      data: The configuration's section.
      ingestion: How rows are typed and split.
      project: The folder that a relative SQLite file means.

    Raises:
      UserError: If a query needs a span and none is given, or BigQuery cannot do what is
        asked for.
    """
    if (database := database_source(data, project)) is not None:
        from components.example_gen.database.component import DatabaseExampleGen

        return DatabaseExampleGen(database, ingestion, data.span)
    if (bigquery := bigquery_source(data)) is not None:
        from components.example_gen.bigquery_component import bigquery_example_gen

        return bigquery_example_gen(bigquery, ingestion, data.span)
    return None


def fingerprint(data: DataSettings, project: Path) -> str | None:
    """What tells changed rows from unchanged ones; None where the data are files.

    BigQuery is not asked: nothing about it counts as unchanged.

    Args:
      data: The configuration's section.
      project: The folder that a relative SQLite file means.

    Raises:
      UserError, DataError, InfrastructureError: If the database cannot be asked.
    """
    if (database := database_source(data, project)) is not None:
        from components.example_gen.database.fingerprints import database_fingerprint
        from components.example_gen.database.spans import for_span

        return database_fingerprint(for_span(database, data.span))
    return None if bigquery_source(data) is None else secrets.token_hex(8)


def inspect(
    data: DataSettings, project: Path, beam_arguments: Sequence[str] = ()
) -> SourceSummary | None:
    """Columns and first rows of a database; None where the data are files or BigQuery's.

    Args:
      data: The configuration's section.
      project: The folder that a relative SQLite file means.
      beam_arguments: Of the pipeline, which BigQuery needs.

    Raises:
      UserError, DataError, InfrastructureError: If the data cannot be read.
    """
    if (database := database_source(data, project)) is not None:
        from components.example_gen.database.inspection import inspect_table
        from components.example_gen.database.spans import for_span

        return inspect_table(for_span(database, data.span), data.ingestion)
    if (bigquery := bigquery_source(data)) is not None:
        from components.example_gen.bigquery import check_access
        from components.example_gen.bigquery_component import check_bigquery_settings
        from components.example_gen.database.settings import check_span

        check_bigquery_settings(data.ingestion)
        check_span(bigquery.query, data.span)
        check_access(beam_arguments)
    return None
