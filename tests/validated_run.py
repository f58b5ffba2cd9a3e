"""A run that stopped after its data were validated."""

from __future__ import annotations

import json
from pathlib import Path

from ml_metadata.proto import metadata_store_pb2 as mlmd
from tensorflow_metadata.proto.v0 import statistics_pb2

from metadata import run_file
from metadata.run_folder import RunFolder
from schema.amendments import Observed
from tests.made_run import Recorder
from tests.schema.made_statistics import SCHEMA


def validated_run(
    project: Path, split: Observed, *, schema_file: str | None, schema: str = SCHEMA
) -> Path:
    """A run that stopped after its data were validated; gives the folder of runs."""
    root, files = project / "runs", project / "artifacts"
    recorder = Recorder(root / "metadata.sqlite", "trips-1", "trips")
    made: dict[str, mlmd.Artifact] = {}
    listed = statistics_pb2.DatasetFeatureStatisticsList(datasets=[split.statistics])
    for key, kind, name, message in (
        ("statistics", "ExampleStatistics", "Split-train/FeatureStats.pb", listed),
        ("anomalies", "ExampleAnomalies", "Split-train/SchemaDiff.pb", split.anomalies),
    ):
        path = files / key / name
        path.parent.mkdir(parents=True)
        path.write_bytes(message.SerializeToString())
        made[key] = recorder.artifact(kind, files / key)
    (files / "schema").mkdir()
    (files / "schema" / "schema.pbtxt").write_text(schema)
    used = recorder.artifact("Schema", files / "schema")
    recorder.execute("StatisticsGen", outputs={"statistics": made["statistics"]})
    recorder.execute("ImportSchemaGen", outputs={"schema": used})
    recorder.execute("ExampleValidator", outputs={"anomalies": made["anomalies"]})
    own = RunFolder(root).run("trips-1")
    run_file.write(
        own.folder, run_file.RunRecord("trips-1", "trips", "failed", "2026-05-04T10:00:00+00:00")
    )
    own.configuration.write_text(json.dumps({"schema_file": schema_file}))
    (own.folder / "preparation.json").write_text(json.dumps({"project": str(project)}))
    return root
