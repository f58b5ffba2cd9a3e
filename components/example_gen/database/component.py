"""The component: TFX's query-based ExampleGen for any database that SQLAlchemy reads."""

from __future__ import annotations

from tfx.components.example_gen import component as example_gen_component
from tfx.dsl.components.base import executor_spec
from tfx.proto import example_gen_pb2, range_config_pb2

from components.example_gen.component import output_config
from components.example_gen.database import driver, executor
from components.example_gen.database.properties import DatabaseIngestion, custom_config
from components.example_gen.database.settings import DatabaseSource, check_span, check_split
from components.example_gen.settings import IngestionSettings


class DatabaseExampleGen(example_gen_component.QueryBasedExampleGen):
    """Makes the examples that ColumnarExampleGen makes of the same rows in a file.

    The rows are read in order of their key, page by page, and are split by the same
    hash of the same values. A table that did not change is a cache hit: the fingerprint
    covers its columns, the count of its rows, its greatest key and, where it is
    named, the newest value of `updated_column`.

    Args:
      source: The table or query.
      settings: How rows are typed and split; what concerns files means nothing here.
      span: Days since 1970, for the placeholders of a query.
    """

    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(executor.Executor)
    DRIVER_CLASS = driver.Driver

    def __init__(
        self,
        source: DatabaseSource,
        settings: IngestionSettings | None = None,
        span: int | None = None,
    ) -> None:
        settings = settings or IngestionSettings()
        check_split(settings.split)
        # For a table it is only what people see of it in the metadata store.
        pattern = source.query if source.query is not None else source.name
        split = example_gen_pb2.Input.Split(name="single_split", pattern=pattern)
        super().__init__(
            input_config=example_gen_pb2.Input(splits=[split]),
            output_config=output_config(settings),
            custom_config=custom_config(DatabaseIngestion(source=source, settings=settings)),
            range_config=static_range(source.query, span),
        )


def static_range(query: str | None, span: int | None) -> range_config_pb2.RangeConfig | None:
    """The span for a query's placeholders.

    Args:
      query: The query; None where there is none.
      span: The span.

    Returns:
      The range, None without a span.

    Raises:
      UserError: If the query needs a span and none is given, or the other way round.
    """
    check_span(query, span)
    if span is None:
        return None
    static = range_config_pb2.StaticRange(start_span_number=span, end_span_number=span)
    return range_config_pb2.RangeConfig(static_range=static)
