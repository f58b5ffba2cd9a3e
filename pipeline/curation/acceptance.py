"""Accepts a run's anomalies in the curated schema file."""

from __future__ import annotations

import dataclasses
import datetime
import difflib
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

from tensorflow_metadata.proto.v0 import schema_pb2

from core import files
from core.errors import UserError
from core.login import login_name
from pipeline.curation.observations import RunData, read_run_data
from schema.amended_text import NEW, Place, amended_text
from schema.amendments import Refusal, amend
from schema.description import ASPECTS
from schema.difference import FeatureDifference
from schema.reading import parse_schema, read_schema_text

_COMMENT_WIDTH = 94


@dataclasses.dataclass(frozen=True)
class Acceptance:
    """What was accepted.

    Attributes:
      run_id: The run.
      path: The curated schema file; None where it was not needed.
      differences: What changed in it.
      refusals: What was not accepted, and why.
      file_difference: The change of the text, as a unified diff.
      why_nothing: Why nothing changed, where nothing did.
    """

    run_id: str
    path: Path | None = None
    differences: tuple[FeatureDifference, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    file_difference: str = ""
    why_nothing: str = ""


def accept_run(
    root: Path,
    name: str,
    *,
    features: Sequence[str] = (),
    by: str | None = None,
    because: str = "",
    relax_domains: bool = False,
    schema_file: Path | None = None,
    dry_run: bool = False,
) -> Acceptance:
    """Amends the curated schema file so that it accepts what a run found.

    Args:
      root: The folder of all runs.
      name: A run's id, a unique beginning of one, or ``latest``.
      features: The features to accept; empty for all that have anomalies.
      by: Who accepts; None for the login's name.
      because: Why.
      relax_domains: Whether unexpected values lower `min_domain_mass` instead of joining
        the domain.
      schema_file: The file; None for the one that the run's configuration names.
      dry_run: Whether the file stays as it is.

    Raises:
      UserError: If the run, a feature or the file does not exist, or the file is wrong.
      DataError: If the run's statistics cannot be read.
      OSError: If the file cannot be written.
    """
    run = read_run_data(root, name)
    if not _has_anomalies(run):
        return Acceptance(run.run_id, why_nothing=f"the run {run.run_id} found no anomalies")
    path = _file(run, schema_file).resolve()
    text = read_schema_text(path)
    amendment = amend(
        parse_schema(text, str(path)), run.splits, features=features, relax_domains=relax_domains
    )
    done = Acceptance(run.run_id, path, amendment.differences, amendment.refusals)
    if not amendment.differences:
        why = f"{path} already accepts what {run.run_id} found"
        return dataclasses.replace(done, why_nothing=why)
    remarks = _remarks(amendment.differences, amendment.schema, run.run_id, by, because)
    edited = amended_text(text, amendment.schema, remarks)
    if not dry_run:
        files.write_text(path, edited)
    return dataclasses.replace(done, file_difference=_file_difference(path, text, edited))


def _has_anomalies(run: RunData) -> bool:
    return any(
        split.anomalies.anomaly_info or split.anomalies.HasField("dataset_anomaly_info")
        for split in run.splits.values()
    )


def _file(run: RunData, schema_file: Path | None) -> Path:
    path = schema_file or run.curated
    if path is None:
        raise UserError(
            f"the run {run.run_id} has no curated schema to amend",
            evidence=["its configuration names no schema_file: the schema was inferred"],
            hint="make one with `millrace schema infer`, or name the file with --schema",
            code="no-curated-schema",
        )
    return path


def _remarks(
    differences: Iterable[FeatureDifference],
    schema: schema_pb2.Schema,
    run_id: str,
    by: str | None,
    because: str,
) -> dict[Place, list[str]]:
    """The comments by the place of the change that they stand above."""
    today = datetime.datetime.now(datetime.timezone.utc).date()
    domains = {feature.name: feature.domain for feature in schema.feature}
    reason = f" Why: {' '.join(because.split())}" if because.strip() else ""
    who = " ".join((by or "").split()) or login_name()
    remarks: dict[Place, list[str]] = {}

    def add(place: Place, what: str) -> None:
        line = f"{today} {who}, run {run_id}: {what}.{reason}"
        first, *rest = textwrap.wrap(line, _COMMENT_WIDTH) or [""]
        remarks.setdefault(place, [first, *(f"  {more}" for more in rest)])

    for feature in differences:
        if feature.kind == "added":
            add((feature.feature, NEW), "new column")
        for change in feature.changes:
            places = [(feature.feature, field) for field in ASPECTS.get(change.aspect, ())]
            if change.aspect == "domain":
                places.append((domains[feature.feature], "value"))
            for place in places:
                add(place, change.describe())
    return remarks


def _file_difference(path: Path, before: str, after: str) -> str:
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), str(path), str(path)
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
