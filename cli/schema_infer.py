"""``millrace schema infer``: a schema to curate, from data."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.options import json_option, root_option
from cli.printing import print_json
from core.errors import UserError

if TYPE_CHECKING:
    from tensorflow_metadata.proto.v0 import statistics_pb2

    from components.example_gen.settings import IngestionSettings
    from pipeline.configuration.model import PipelineConfiguration


@click.command()
@click.argument("data", required=False)
@click.option("--run", metavar="RUN", help="Infer from the statistics of a run, not from DATA.")
@click.option(
    "--config",
    "configuration",
    type=click.Path(path_type=Path),
    metavar="CONFIG",
    help="A configuration that says how DATA is read, what the label and the features are.",
)
@click.option(
    "--label",
    metavar="COLUMN",
    help="The label, a column or an expression: its columns are absent when a model serves.",
)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write it there.")
@click.option("--force", is_flag=True, help="Replace FILE where it exists.")
@click.option(
    "--drift-threshold",
    type=float,
    metavar="DISTANCE",
    help="Let no feature move further (0 to 1) from one span to the next.",
)
@click.option(
    "--skew-threshold",
    type=float,
    metavar="DISTANCE",
    help="Let no feature of training and serving lie further apart (0 to 1).",
)
@root_option
@json_option
def infer(
    data: str | None,
    run: str | None,
    configuration: Path | None,
    label: str | None,
    output: Path | None,
    force: bool,
    drift_threshold: float | None,
    skew_threshold: float | None,
    root: Path,
    as_json: bool,
) -> None:
    """Infer a schema from DATA: a file, a folder or a glob pattern.

    DATA may be CSV, Parquet, JSON lines, Avro or TFRecord.

    What TFDV finds is taken as the rule: types, domains of texts with few values, how many
    values there are, what is always there. Read it, widen what was chance, and add ranges,
    then name it as `schema_file` in the configuration.

    With a label the schema has two environments: TRAINING, and SERVING without the label's
    columns. With --config, those are the columns that the label reads and no feature does.

    Distances are L-infinity for texts and Jensen-Shannon divergence for numbers; they are
    written as TFDV's drift_comparator and skew_comparator.

    \b
    Examples:
      millrace schema infer trips.csv
      millrace schema infer trips/ --label tips --output schema/taxi/schema.pbtxt
      millrace schema infer --run latest --config configs/taxi.yaml --drift-threshold 0.1
    """
    from core import files
    from schema.inference import check_threshold, infer_schema
    from schema.rendering import render_schema

    if output is not None and output.exists() and not force:
        raise UserError(
            f"{output} exists",
            hint="name another file, or replace it with --force",
            code="file-exists",
        )
    check_threshold(drift_threshold)
    check_threshold(skew_threshold)
    settings = _configuration(configuration)
    not_served = _label_columns(label, settings)
    splits, source = _statistics(data, run, settings, configuration, root, not_served)
    made = infer_schema(
        splits,
        not_served=not_served,
        drift_threshold=drift_threshold,
        skew_threshold=skew_threshold,
    )
    rows = sum(split.num_examples for split in splits)
    today = datetime.datetime.now(datetime.timezone.utc).date()
    text = render_schema(made, [f"Inferred from {source}, {rows:,} examples, on {today}."])
    if output is not None:
        files.write_text(output, text)
    if as_json:
        print_json(_document(made, rows, output, text, not_served))
        return
    if output is None:
        click.echo(text, nl=False)
    else:
        click.echo(f"{len(made.feature)} features of {rows:,} examples: {output}")
    if len(not_served) > 1 and settings is None:
        click.echo(
            f"absent in SERVING: {', '.join(not_served)}, since the label reads them; take"
            " the mark off those that are features, or name the configuration with --config",
            err=True,
        )


def _configuration(path: Path | None) -> PipelineConfiguration | None:
    from pipeline.configuration.loading import load

    return None if path is None else load(path).configuration


def _statistics(
    data: str | None,
    run: str | None,
    settings: PipelineConfiguration | None,
    configuration: Path | None,
    root: Path,
    label_columns: list[str],
) -> tuple[list[statistics_pb2.DatasetFeatureStatistics], str]:
    """The statistics of each split, and what they are of."""
    if run is not None and data is not None:
        raise UserError("DATA and --run are two sources", hint="name one", code="two-sources")
    if run is not None:
        from metadata.run_folder import RunFolder
        from pipeline.curation.observations import read_run_statistics

        run_id = RunFolder(root).find(run)
        return list(read_run_statistics(root, run_id).values()), f"run {run_id}"
    from pipeline.curation.table_statistics import table_statistics
    from pipeline.definition import Locations
    from pipeline.start import project_folder

    path = data
    if path is None and settings is not None and settings.data.path is not None:
        assert configuration is not None
        locations = Locations(root=root, project=project_folder(configuration))
        path = locations.in_project(settings.data.path)
    if path is None:
        raise UserError(
            "there is no data to infer a schema from",
            hint="name a file, a folder or a pattern, or a run with --run",
            code="no-data",
        )
    ingestion = None if settings is None else settings.data.ingestion
    _check_label(label_columns, path, ingestion)
    return [table_statistics(path, ingestion)], path


def _check_label(columns: list[str], path: str, ingestion: IngestionSettings | None) -> None:
    """Refuses a wrong label by the data's header, before all of the data is read."""
    from components.example_gen.inspection import inspect_source
    from schema.inference import check_not_served

    known = [column.name for column in inspect_source(path, ingestion, columns=columns).columns]
    check_not_served(columns, known)


def _label_columns(label: str | None, settings: PipelineConfiguration | None) -> list[str]:
    from preprocessing.expression import parse_label
    from preprocessing.features import raw_columns

    text = label or (settings.label if settings is not None else None)
    if text is None:
        return []
    served = set(raw_columns(settings.features)) if settings is not None else set()
    return [name for name in parse_label(text).columns if name not in served]


def _document(
    made: Any, rows: int, output: Path | None, text: str, not_served: list[str]
) -> dict[str, Any]:
    return {
        "examples": rows,
        "features": [feature.name for feature in made.feature],
        "not_served": not_served,
        "output": None if output is None else str(output),
        "schema": text,
    }
