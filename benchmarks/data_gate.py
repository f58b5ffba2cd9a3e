"""What statistics and the data gate cost over many rows of real shape.

    python -m benchmarks.data_gate --rows 1500000

Ingests the taxi trips, repeated as often as needed, and takes them through StatisticsGen,
ExampleValidator and the gate in this process: the gate once without and once with data
to compare with, slices included. Prints wall and processor seconds of each, and the
largest memory of the process.
"""

from __future__ import annotations

import json
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from benchmarks.trips import REPOSITORY, find_trips, repeat_rows

SPLITS = ("train", "eval")


@click.command()
@click.option("--rows", default=1_500_000, show_default=True, help="Rows of the table.")
@click.option("--sample-rows", default=250_000, show_default=True, help="gate.sample_rows.")
def main(rows: int, sample_rows: int) -> None:
    """Measures the nodes between ExampleGen and Transform."""
    with tempfile.TemporaryDirectory() as scratch:
        _measure(Path(scratch), rows, sample_rows)


def _measure(scratch: Path, rows: int, sample_rows: int) -> None:
    from tfx.components.example_validator.executor import Executor as ExampleValidator
    from tfx.types import standard_artifacts

    from components.data_gate.artifacts import DataBlessing
    from components.data_gate.executor import Executor as DataGate
    from components.data_gate.model_columns import column_kinds
    from components.statistics_gen.executor import Executor as StatisticsGen
    from pipeline.configuration.loading import load

    configuration = load(REPOSITORY / "configs" / "taxi.yaml").configuration
    gate = configuration.gate.model_copy(
        update={"slices": ("payment_type", "company"), "sample_rows": sample_rows}
    )
    properties = {
        "settings": gate.model_dump_json(),
        "model": json.dumps(
            {
                "kinds": column_kinds(configuration.features),
                "label": configuration.label,
                "task": configuration.task,
            }
        ),
    }
    examples = _ingested(scratch, rows)
    statistics = _artifact(standard_artifacts.ExampleStatistics, scratch, 2)
    anomalies = _artifact(standard_artifacts.ExampleAnomalies, scratch, 3)
    schema = _artifact(standard_artifacts.Schema, scratch, 4)
    schema.uri = str(REPOSITORY / "schema" / "taxi")
    blessings = [_artifact(DataBlessing, scratch, number) for number in (5, 6)]
    inputs = {
        "examples": [examples],
        "statistics": [statistics],
        "anomalies": [anomalies],
        "schema": [schema],
    }
    _timed(
        "StatisticsGen",
        lambda: StatisticsGen().Do({"examples": [examples]}, {"statistics": [statistics]}, {}),
    )
    _timed(
        "ExampleValidator",
        lambda: ExampleValidator().Do(
            {"statistics": [statistics], "schema": [schema]}, {"anomalies": [anomalies]}, {}
        ),
    )
    _timed(
        "DataGate, first data",
        lambda: DataGate().Do(inputs, {"blessing": [blessings[0]]}, properties),
    )
    compared = {
        **inputs,
        "baseline_statistics": [statistics],
        "baseline_blessing": [blessings[0]],
    }
    _timed(
        "DataGate, compared",
        lambda: DataGate().Do(compared, {"blessing": [blessings[1]]}, properties),
    )
    report = json.loads(Path(blessings[1].uri, "data_gate.json").read_text())
    for line in [*report["notes"], *(item["headline"] for item in report["warnings"])]:
        click.echo(f"  {line}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    click.echo(f"largest memory of the process, libraries included: {peak:,.0f} MiB")


def _ingested(scratch: Path, rows: int) -> Any:
    from tfx.types import standard_artifacts

    from components.example_gen.settings import Compression, IngestionSettings
    from components.example_gen.sources import base_and_pattern, find_files
    from components.example_gen.writing.examples import write_examples
    from components.example_gen.writing.planning import make_plan

    table = repeat_rows(find_trips(scratch), rows, scratch / "table" / "trips.csv")
    settings = IngestionSettings(compression=Compression.NONE)
    found = find_files(*base_and_pattern(table.parent, settings), settings)
    weights = settings.split.splits
    examples = _artifact(standard_artifacts.Examples, scratch, 1)
    (scratch / "times").mkdir()
    plan = make_plan(found, settings, list(weights.values()), scratch / "times")
    _timed(
        f"ingestion of {rows:,} rows",
        lambda: write_examples(plan, {"all": found}, weights, settings, examples.uri),
    )
    examples.set_string_custom_property("payload_format", "FORMAT_TF_EXAMPLE")
    examples.set_string_custom_property("file_format", "tfrecords_gzip")
    return examples


def _artifact(kind: Any, scratch: Path, number: int) -> Any:
    from tfx.types import artifact_utils

    artifact = kind()
    artifact.id = number
    artifact.uri = str(scratch / f"{kind.TYPE_NAME}-{number}")
    if "split_names" in (kind.PROPERTIES or {}):
        artifact.split_names = artifact_utils.encode_split_names(list(SPLITS))
    return artifact


def _timed(name: str, work: Callable[[], object]) -> None:
    wall, processor = time.perf_counter(), time.process_time()
    work()
    click.echo(
        f"{name:<32}{time.perf_counter() - wall:8.2f} s wall"
        f"{time.process_time() - processor:8.2f} s processor"
    )


if __name__ == "__main__":
    main()
