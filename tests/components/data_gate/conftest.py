"""Tables that go through ExampleGen, StatisticsGen, ExampleValidator and the gate."""

from __future__ import annotations

import dataclasses
import itertools
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


@dataclasses.dataclass(frozen=True)
class Validated:
    """What the gate reads about one table."""

    inputs: dict[str, list[Any]]


@dataclasses.dataclass(frozen=True)
class Accepted:
    """What the gate left of a table that it accepted."""

    validated: Validated
    blessing: Any

    @property
    def report(self) -> dict[str, Any]:
        return json.loads(Path(self.blessing.uri, "data_gate.json").read_text())

    def baseline(self) -> dict[str, list[Any]]:
        return {
            "baseline_statistics": self.validated.inputs["statistics"],
            "baseline_blessing": [self.blessing],
        }


class Chain:
    """The components up to the gate, in this process.

    Args:
      folder: Where everything is written.
      schema: The curated schema's text.
      settings: The gate's settings.
      model: What the gate is told of the model.
    """

    def __init__(
        self,
        folder: Path,
        schema: str,
        settings: dict[str, Any] | None = None,
        model: dict[str, Any] | None = None,
    ) -> None:
        self._folder = folder
        self._schema = schema
        self._settings = settings or {}
        self._model = model or {}
        self._ids = itertools.count(1)

    def validate(self, table: pa.Table) -> Validated:
        """Takes a table through everything before the gate."""
        from tfx.components.example_gen import utils as example_gen_utils
        from tfx.components.example_validator.executor import Executor as ExampleValidator
        from tfx.proto import example_gen_pb2
        from tfx.types import standard_artifacts
        from tfx.utils import proto_utils

        from components.example_gen import executor as example_gen
        from components.example_gen.component import custom_config, output_config
        from components.example_gen.settings import IngestionSettings
        from components.example_gen.sources import input_for_path
        from components.statistics_gen.executor import Executor as StatisticsGen

        folder = self._folder / f"data-{next(self._ids)}"
        (folder / "source").mkdir(parents=True)
        pq.write_table(table, folder / "source" / "table.parquet")
        settings = IngestionSettings()
        base, input_config = input_for_path(folder / "source", settings)
        examples = self._artifact(standard_artifacts.Examples, folder)
        example_gen.Executor().Do(
            {},
            {"examples": [examples]},
            {
                "input_base": base,
                "input_config": proto_utils.proto_to_json(input_config),
                "output_config": proto_utils.proto_to_json(output_config(settings)),
                "custom_config": proto_utils.proto_to_json(custom_config(settings)),
                "output_data_format": example_gen_pb2.FORMAT_TF_EXAMPLE,
                "output_file_format": example_gen_pb2.FORMAT_TFRECORDS_GZIP,
            },
        )
        examples.set_string_custom_property(
            example_gen_utils.FINGERPRINT_PROPERTY_NAME, str(examples.id)
        )
        statistics = self._artifact(standard_artifacts.ExampleStatistics, folder)
        StatisticsGen().Do({"examples": [examples]}, {"statistics": [statistics]}, {})
        schema = self._artifact(standard_artifacts.Schema, folder / "ImportSchemaGen")
        Path(schema.uri).mkdir(parents=True)
        Path(schema.uri, "schema.pbtxt").write_text(self._schema)
        anomalies = self._artifact(standard_artifacts.ExampleAnomalies, folder)
        ExampleValidator().Do(
            {"statistics": [statistics], "schema": [schema]}, {"anomalies": [anomalies]}, {}
        )
        return Validated(
            {
                "examples": [examples],
                "statistics": [statistics],
                "schema": [schema],
                "anomalies": [anomalies],
            }
        )

    def judge(
        self, validated: Validated, before: Accepted | None = None, **settings: Any
    ) -> Accepted:
        """Sends validated data through the gate."""
        from components.data_gate.artifacts import DataBlessing
        from components.data_gate.executor import Executor

        blessing = self._artifact(DataBlessing, self._folder)
        Executor().Do(
            {**validated.inputs, **(before.baseline() if before else {})},
            {"blessing": [blessing]},
            {
                "settings": json.dumps({**self._settings, **settings}),
                "model": json.dumps(self._model),
            },
        )
        return Accepted(validated, blessing)

    def accept(self, table: pa.Table, before: Accepted | None = None, **settings: Any) -> Accepted:
        """Takes a table through everything."""
        return self.judge(self.validate(table), before, **settings)

    def _artifact(self, kind: Any, folder: Path) -> Any:
        artifact = kind()
        artifact.id = next(self._ids)
        artifact.uri = str(folder / f"{kind.TYPE_NAME}-{artifact.id}")
        return artifact
