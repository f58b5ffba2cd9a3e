"""The executor: from the driver's files to the standard Examples artifact."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import apache_beam as beam
from tfx import types
from tfx.components.example_gen import base_example_gen_executor, utils, write_split
from tfx.components.util import examples_utils
from tfx.proto import example_gen_pb2
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import proto_utils

from components.example_gen.beam_ingestion import BeamIngestion
from components.example_gen.bundled import BUNDLED_PROPERTY, bundled_name
from components.example_gen.formats.detection import SourceFile
from components.example_gen.properties import read_settings
from components.example_gen.settings import IngestionSettings
from components.example_gen.sources import find_files
from components.example_gen.writing.examples import IngestionResult, write_examples
from components.example_gen.writing.planning import make_plan
from components.execution_flags import parse_execution_flags
from core import progress

ROWS_PROPERTY = "rows_{split}"
REJECTED_ROWS_PROPERTY = "rejected_rows"


class Executor(base_example_gen_executor.BaseExampleGenExecutor):
    """Reads files of every format in batches; memory holds a batch, not a file."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes the examples.

        Args:
          input_dict: Empty.
          output_dict: The one Examples artifact.
          exec_properties: Those of FileBasedExampleGen; `custom_config` holds
            `IngestionSettings`.

        Raises:
          DataError: If the files cannot be read as examples.
          UserError: If the settings do not suit the files.
        """
        self._log_startup(input_dict, output_dict, exec_properties)
        [examples] = output_dict[standard_component_specs.EXAMPLES_KEY]
        input_config = example_gen_pb2.Input()
        output_config = example_gen_pb2.Output()
        proto_utils.json_to_proto(
            exec_properties[standard_component_specs.INPUT_CONFIG_KEY], input_config
        )
        proto_utils.json_to_proto(
            exec_properties[standard_component_specs.OUTPUT_CONFIG_KEY], output_config
        )
        weights = {split.name: split.hash_buckets for split in output_config.split_config.splits}
        with tempfile.TemporaryDirectory() as scratch:
            settings, sources = self.find_sources(exec_properties, input_config, Path(scratch))
            files = [source for found in sources.values() for source in found]
            plan = make_plan(
                files,
                settings,
                list(weights.values()),
                Path(scratch) / "times",
            )
            base = exec_properties.get(standard_component_specs.INPUT_BASE_KEY, "")
            if self._on_this_machine(base, examples.uri):
                result = write_examples(plan, sources, weights, settings, examples.uri)
            else:
                result = self._write_with_beam(
                    BeamIngestion(plan, sources, weights, settings), examples, exec_properties
                )
        names = utils.generate_output_split_names(input_config, output_config)
        describe(examples, names, exec_properties, result)
        if bundled := bundled_name(files):
            examples.set_string_custom_property(BUNDLED_PROPERTY, bundled)
        rows = ", ".join(f"{split} {count:,}" for split, count in result.rows.items())
        progress.report(rows + (f", rejected {result.rejected:,}" if result.rejected else ""))

    def find_sources(
        self,
        exec_properties: dict[str, Any],
        input_config: example_gen_pb2.Input,
        scratch: Path,
    ) -> tuple[IngestionSettings, Mapping[str, Sequence[SourceFile]]]:
        """The settings, and the files of each input split.

        Args:
          exec_properties: The component's.
          input_config: With the driver's patterns.
          scratch: A folder on this machine that lasts as long as the files are needed.
        """
        settings = read_settings(exec_properties)
        base = exec_properties[standard_component_specs.INPUT_BASE_KEY]
        return settings, {
            split.name: find_files(base, split.pattern, settings) for split in input_config.splits
        }

    def GetInputSourceToExamplePTransform(self) -> beam.PTransform:
        """Refuses: rows find their splits in `BeamIngestion`, not in TFX's own transform."""
        raise NotImplementedError("ColumnarExampleGen splits rows itself")

    def _on_this_machine(self, base: str, uri: str) -> bool:
        """Whether one process does it; its memory is bounded, so size is no reason for Beam."""
        flags = parse_execution_flags(self._context.extra_flags if self._context else None)
        return flags.in_memory_bytes > 0 and "://" not in base and "://" not in uri

    def _write_with_beam(
        self, ingestion: BeamIngestion, examples: types.Artifact, exec_properties: dict[str, Any]
    ) -> IngestionResult:
        file_format = exec_properties[standard_component_specs.OUTPUT_FILE_FORMAT_KEY]
        with self._make_beam_pipeline() as pipeline:
            ingestion.attach(pipeline, examples, file_format, exec_properties)
        return ingestion.result(pipeline.result)


def describe(
    examples: types.Artifact,
    split_names: list[str],
    exec_properties: dict[str, Any],
    result: IngestionResult,
) -> None:
    """Sets the properties that TFX's ExampleGens set, and how many rows there are."""
    examples.split_names = artifact_utils.encode_split_names(split_names)
    examples_utils.set_payload_format(
        examples, exec_properties[standard_component_specs.OUTPUT_DATA_FORMAT_KEY]
    )
    # TFX's only name for TFRecords; its readers see by a file's suffix whether it is gzip.
    examples_utils.set_file_format(
        examples,
        write_split.to_file_format_str(
            exec_properties[standard_component_specs.OUTPUT_FILE_FORMAT_KEY]
        ),
    )
    for split, count in result.rows.items():
        examples.set_int_custom_property(ROWS_PROPERTY.format(split=split), count)
    examples.set_int_custom_property(REJECTED_ROWS_PROPERTY, result.rejected)
