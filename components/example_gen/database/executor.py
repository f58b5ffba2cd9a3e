"""The executor: from a table or a query to the standard Examples artifact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tfx.proto import example_gen_pb2

from components.example_gen import executor
from components.example_gen.database.properties import read_ingestion
from components.example_gen.database.snapshot import take_snapshot
from components.example_gen.formats.detection import SourceFile
from components.example_gen.settings import IngestionSettings


class Executor(executor.Executor):
    """Copies the rows to this machine, then does what is done with files.

    A Beam pipeline, where one is asked for, must run on this machine too: its workers
    read the copy.
    """

    def find_sources(
        self,
        exec_properties: dict[str, Any],
        input_config: example_gen_pb2.Input,
        scratch: Path,
    ) -> tuple[IngestionSettings, Mapping[str, Sequence[SourceFile]]]:
        """Takes the copy."""
        ingestion = read_ingestion(exec_properties)
        files = take_snapshot(ingestion.source, ingestion.settings, scratch)
        return ingestion.settings, {input_config.splits[0].name: files}
