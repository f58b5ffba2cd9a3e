"""The driver: TFX's query-based one, which also knows whether the data changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tfx.components.example_gen import driver as example_gen_driver
from tfx.components.example_gen import input_processor
from tfx.orchestration import data_types as old_data_types
from tfx.proto import example_gen_pb2, range_config_pb2

from components.example_gen.database.fingerprints import database_fingerprint
from components.example_gen.database.properties import read_ingestion
from components.example_gen.database.settings import DatabaseSource
from components.example_gen.spans.driver import nothing_to_take
from components.example_gen.spans.quarantine_check import FindBlocking, QuarantineCheck
from components.quarantine.entry import DataIdentity


class Driver(QuarantineCheck, example_gen_driver.QueryBasedDriver):
    """Fills a query's placeholders with the span, and takes the fingerprint.

    Args:
      metadata_handle: The metadata store, not yet entered.
    """

    _source: DatabaseSource | None = None

    def resolve_exec_properties(
        self,
        exec_properties: dict[str, Any],
        pipeline_info: old_data_types.PipelineInfo,
        component_info: old_data_types.ComponentInfo,
    ) -> dict[str, Any]:
        """Resolves query, span and fingerprint.

        Raises:
          UserError, DataError, InfrastructureError: If the database cannot be asked.
        """
        self._source = read_ingestion(exec_properties).source
        return super().resolve_exec_properties(exec_properties, pipeline_info, component_info)

    def get_input_processor(
        self,
        splits: Iterable[example_gen_pb2.Input.Split],
        range_config: range_config_pb2.RangeConfig | None = None,
        input_base_uri: str | None = None,
    ) -> DatabaseInputProcessor:
        """The part of TFX's driver that fills placeholders in."""
        assert self._source is not None
        return DatabaseInputProcessor(
            self._source, list(splits), range_config, self._pipeline, self._find
        )


class DatabaseInputProcessor(input_processor.QueryBasedInputProcessor):
    """Asks the database for the fingerprint of what a query gives.

    Args:
      source: The table or query.
      splits: The one input split.
      range_config: The span for the placeholders of a query.
      pipeline: The pipeline's name.
      find: Finds the entry that keeps runs from taking data.
    """

    def __init__(
        self,
        source: DatabaseSource,
        splits: Sequence[example_gen_pb2.Input.Split],
        range_config: range_config_pb2.RangeConfig | None,
        pipeline: str,
        find: FindBlocking,
    ) -> None:
        super().__init__(splits, range_config)
        self._source = source
        self._pipeline = pipeline
        self._find = find

    def get_input_fingerprint(self, span: int, version: int | None) -> str:
        """The fingerprint of the rows.

        Raises:
          DataError: If these data are quarantined.
        """
        patterns = {
            split.name: self.get_pattern_for_span_version(split.pattern, span, version)
            for split in self._splits
        }
        source = self._source.with_query(next(iter(patterns.values())))
        fingerprint = database_fingerprint(source)
        data = DataIdentity(self._pipeline, "", patterns, span, version, fingerprint)
        if (entry := self._find(data)) is not None:
            raise nothing_to_take([entry])
        return fingerprint
