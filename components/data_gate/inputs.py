"""Reads what the gate judges, and what it compares with."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2, statistics_pb2
from tfx import types
from tfx.dsl.io import fileio
from tfx.types import artifact_utils
from tfx.utils import io_utils

from components.data_gate import artifacts
from components.data_gate.accepted_data import bundled_of
from components.data_gate.judgement import Baseline, SplitData
from components.data_gate.profiles import SplitProfile, load_profiles
from components.data_gate.rows import Rows, read_rows
from components.data_gate.settings import GateSettings
from components.data_gate.statistics_profiles import profile_of_statistics
from components.data_gate.words import unlike_words
from core import columnar_examples
from core.errors import DataError, UserError
from schema.statistics import ALL_EXAMPLES, parse_statistics, read_statistics

ANOMALIES_FILE = "SchemaDiff.pb"
STATISTICS_FILE = "FeatureStats.pb"
_Statistics: TypeAlias = statistics_pb2.DatasetFeatureStatistics


def read_schema(artifact: types.Artifact) -> schema_pb2.Schema:
    """The schema of a Schema artifact."""
    path = os.path.join(artifact.uri, "schema.pbtxt")
    return io_utils.parse_pbtxt_file(path, schema_pb2.Schema())


def read_split(
    split: str,
    anomalies: types.Artifact,
    statistics: types.Artifact,
    examples: types.Artifact,
    settings: GateSettings,
    notes: list[str],
) -> SplitData:
    """Reads one split.

    Args:
      split: The split's name.
      anomalies: ExampleValidator's.
      statistics: The statistics that they were found in.
      examples: The examples.
      settings: How many rows are looked at.
      notes: Takes up what cannot be read.
    """
    path = os.path.join(artifact_utils.get_split_uri([anomalies], split), ANOMALIES_FILE)
    found = anomalies_pb2.Anomalies.FromString(_read(path))
    computed = _statistics_of(statistics, split)
    rows = None
    if computed is not None:
        rows = _rows(split, examples, int(computed.num_examples), settings, notes)
    return SplitData(found, computed, rows)


def _statistics_of(artifact: types.Artifact, split: str) -> _Statistics | None:
    path = os.path.join(artifact_utils.get_split_uri([artifact], split), STATISTICS_FILE)
    if not fileio.exists(path):
        return None
    # Computed in this run: what is in them need not be doubted.
    whole = statistics_pb2.DatasetFeatureStatisticsList.FromString(_read(path))
    named = [item for item in whole.datasets if item.name in ("", ALL_EXAMPLES)]
    return named[0] if named and named[0].num_examples else None


def _rows(
    split: str,
    examples: types.Artifact,
    expected: int,
    settings: GateSettings,
    notes: list[str],
) -> Rows | None:
    checks = settings.checks
    hashed = any(c.severity != "off" for c in (checks.duplicated_rows, checks.split_overlap))
    try:
        return read_rows(
            columnar_examples.read_examples(examples.uri, split),
            expected,
            settings.sample_rows,
            checks.split_overlap.key,
            hashed=hashed,
        )
    except FileNotFoundError:
        notes.append(
            f"{split}: the examples cannot be read row by row, so only the schema and its "
            "comparators were asked"
        )
        return None


def read_baseline(
    statistics: Sequence[types.Artifact],
    blessings: Sequence[types.Artifact],
    splits: Sequence[str],
    settings: GateSettings,
    notes: list[str],
) -> Baseline:
    """Reads what the new data are compared with.

    Args:
      statistics: The statistics of the accepted data, or none.
      blessings: Their blessing, or none; one alone is of data that these are not like.
      splits: The splits of the new data.
      settings: Where the serving statistics are.
      notes: Takes up what is missing.

    Raises:
      UserError: If the serving statistics are missing.
      DataError: If statistics are of another version of TFDV.
    """
    serving = _serving(settings.serving_statistics) if settings.serving_statistics else None
    accepted: dict[str, _Statistics] = {}
    profiles: dict[str, SplitProfile] = {}
    if statistics:
        for split in splits:
            found = _accepted_statistics(statistics[0], split)
            if found is not None:
                accepted[split] = found
                profiles[split] = profile_of_statistics(found)
        if not accepted:
            notes.append("the statistics of the data accepted before are gone")
        profiles.update(_profiles(blessings, splits, notes))
    elif blessings:
        notes.append(unlike_words(bundled_of(blessings[0])))
    return Baseline(accepted, profiles, serving)


def _accepted_statistics(artifact: types.Artifact, split: str) -> _Statistics | None:
    path = os.path.join(artifact_utils.get_split_uri([artifact], split), STATISTICS_FILE)
    if not fileio.exists(path):
        return None
    try:
        return parse_statistics(_read(path), path)
    except DataError as error:
        if error.code == "empty-statistics":
            return None
        raise


def _profiles(
    blessings: Sequence[types.Artifact], splits: Sequence[str], notes: list[str]
) -> dict[str, SplitProfile]:
    path = os.path.join(blessings[0].uri, artifacts.PROFILE_FILE) if blessings else ""
    try:
        if not path or not fileio.exists(path):
            raise ValueError("it is gone")
        found = load_profiles(_read(path).decode())
    except ValueError as error:
        notes.append(
            f"the profile of the data accepted before cannot be used ({error}), so slices were "
            "not compared, and numeric features by ten bins only"
        )
        return {}
    return {split: found[split] for split in splits if split in found}


def _serving(path: str) -> _Statistics:
    candidates = [
        path,
        os.path.join(path, STATISTICS_FILE),
        *sorted(fileio.glob(os.path.join(path, "Split-*", STATISTICS_FILE))),
    ]
    for candidate in candidates:
        if fileio.exists(candidate) and not fileio.isdir(candidate):
            if "://" in candidate:
                return parse_statistics(_read(candidate), candidate)
            return read_statistics(Path(candidate))
    raise UserError(
        f"there are no serving statistics at {path}",
        evidence=[f"looked for {', '.join(candidates[:2])}"],
        hint="correct gate.serving_statistics, or leave it out",
        code="missing-serving-statistics",
    )


def _read(path: str) -> bytes:
    with fileio.open(path, "rb") as file:
        return bytes(file.read())
