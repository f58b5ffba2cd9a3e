"""BigQuery as training data, through TFX's own BigQueryExampleGen.

TFX's component runs the query as a Beam pipeline; what is added here is the splits of the
configuration, and refusals before anything starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.example_gen.bigquery import BigQuerySource
from components.example_gen.database.settings import check_span, check_split
from components.example_gen.settings import IngestionSettings, SplitMethod
from core.errors import UserError

if TYPE_CHECKING:
    from tfx.extensions.google_cloud_big_query.example_gen.component import BigQueryExampleGen


def bigquery_example_gen(
    source: BigQuerySource, settings: IngestionSettings, span: int | None = None
) -> BigQueryExampleGen:
    """Makes TFX's component with the splits of the configuration.

    Args:
      source: What to read.
      settings: Of these only a split by hash means something; types are BigQuery's.
      span: Days since 1970 for the placeholders of the query.

    Raises:
      UserError: If rows are to be split by time or number, types are fixed or bad rows are to be
        set aside, which TFX's component does not do; or the span is missing.
    """
    from tfx.dsl.components.base import executor_spec
    from tfx.extensions.google_cloud_big_query.example_gen.component import BigQueryExampleGen

    from components.example_gen import bigquery_executor
    from components.example_gen.component import output_config
    from components.example_gen.database.component import static_range
    from components.example_gen.properties import custom_config

    check_bigquery_settings(settings)
    check_span(source.query, span)
    component = BigQueryExampleGen(
        query=source.query,
        output_config=output_config(settings),
        range_config=static_range(source.query, span),
        custom_config=custom_config(settings),
        custom_executor_spec=executor_spec.BeamExecutorSpec(bigquery_executor.Executor),
    )
    component.with_beam_pipeline_args([f"--project={source.project}"])
    return component


def check_bigquery_settings(settings: IngestionSettings) -> None:
    """Refuses settings that TFX's component would silently pass over.

    Raises:
      UserError: Naming the key.
    """
    check_split(settings.split)
    unused = {
        "data.split.method": settings.split.method is SplitMethod.TIME,
        "data.columns": bool(settings.columns),
        "data.rejects.max_share": settings.rejects.max_share > 0,
        "data.null_markers": bool(settings.null_markers),
        "data.column_names": settings.column_names is not None,
    }
    for key, wanted in unused.items():
        if wanted:
            raise UserError(
                f"`{key}` means nothing to BigQuery, whose rows TFX's own component reads",
                hint="leave it out; types are changed by CAST in `data.query`",
                code="bigquery-settings",
            )
