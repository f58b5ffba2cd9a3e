"""What every driver of an ExampleGen does before it takes data: ask the quarantine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfx.orchestration import metadata
from tfx.orchestration.portable import data_types
from tfx.proto.orchestration import driver_output_pb2

from components.quarantine import records
from components.quarantine.entry import DataIdentity, Entry

# Finds the entry that keeps runs from taking data; None where they may be taken.
FindBlocking = Callable[[DataIdentity], Entry | None]


class QuarantineCheck:
    """Stands before a driver of TFX's and gives it `_pipeline` and `_find`.

    Args:
      metadata_handle: The metadata store, not yet entered.
    """

    def __init__(self, metadata_handle: metadata.Metadata) -> None:
        super().__init__(metadata_handle)  # type: ignore[call-arg]
        self._handle = metadata_handle
        self._pipeline = ""
        self._find: FindBlocking = lambda data: None

    def run(self, execution_info: data_types.ExecutionInfo) -> driver_output_pb2.DriverOutput:
        """Fills in what ExampleGen reads, as TFX's driver does.

        Raises:
          DataError: If the data that were asked for are quarantined, or all of them are.
        """
        self._pipeline = execution_info.pipeline_info.id
        run_id = execution_info.pipeline_run_id
        driver: Any = super()
        with self._handle as handle:
            self._find = lambda data: records.pass_over(handle.store, data, run_id)
            return driver.run(execution_info)
