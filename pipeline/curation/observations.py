"""What a run saw of its data: statistics and anomalies, read without TensorFlow."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path

from tensorflow_metadata.proto.v0 import schema_pb2, statistics_pb2

from core.artifact_files import split_folders
from core.errors import UserError
from core.yaml_text import read_yaml
from metadata.run_folder import RunFolder
from pipeline.curation.naming import local_file
from report.story import Missing, Story, gather
from schema.amendments import Observed
from schema.statistics import read_statistics

_STATISTICS_FILE = "FeatureStats.pb"


@dataclasses.dataclass(frozen=True)
class RunData:
    """What a run saw of its data.

    Attributes:
      run_id: The run's id.
      splits: Statistics and anomalies by split.
      schema: The schema that the data were checked against.
      curated: The curated schema file that the run's configuration names; None where the
        run inferred its schema.
    """

    run_id: str
    splits: Mapping[str, Observed]
    schema: schema_pb2.Schema | None
    curated: Path | None


def read_run_data(root: Path, name: str) -> RunData:
    """Reads what a run saw.

    Args:
      root: The folder of all runs.
      name: A run's id, a unique beginning of one, or ``latest``.

    Raises:
      UserError: If there is no such run, or its data were not validated.
      DataError: If its statistics cannot be read.
    """
    story = gather(root, RunFolder(root).find(name))
    anomalies = story.anomalies
    if isinstance(anomalies, Missing):
        raise _nothing_seen(story, anomalies.reason)
    statistics = _statistics(story)
    return RunData(
        run_id=story.account.run_id,
        splits={
            split: Observed(statistics[split], found)
            for split, found in anomalies.items()
            if split in statistics
        },
        schema=None if isinstance(story.schema, Missing) else story.schema,
        curated=_curated(story),
    )


def read_run_statistics(
    root: Path, name: str
) -> dict[str, statistics_pb2.DatasetFeatureStatistics]:
    """Reads the statistics of each split that a run computed.

    Args:
      root: The folder of all runs.
      name: A run's id, a unique beginning of one, or ``latest``.

    Raises:
      UserError: If there is no such run, or it has no statistics.
      DataError: If they cannot be read.
    """
    return _statistics(gather(root, RunFolder(root).find(name)))


def _statistics(story: Story) -> dict[str, statistics_pb2.DatasetFeatureStatistics]:
    artifact = story.artifact("statistics", "ExampleStatistics")
    if artifact is None and isinstance(story.statistics, Missing):
        raise _nothing_seen(story, story.statistics.reason)
    folders = split_folders(artifact.uri) if artifact is not None else {}
    if not folders:
        raise _nothing_seen(story, "its statistics do not exist on this machine (any more)")
    return {split: read_statistics(folder / _STATISTICS_FILE) for split, folder in folders.items()}


def _nothing_seen(story: Story, reason: str) -> UserError:
    return UserError(
        f"the run {story.account.run_id} did not get as far as to know its data",
        evidence=[reason],
        hint="name another run; `millrace runs` lists them",
        code="no-statistics-in-run",
    )


def _curated(story: Story) -> Path | None:
    if isinstance(story.configuration, Missing):
        return None
    values = read_yaml(story.configuration)
    path = values.get("schema_file") if isinstance(values, dict) else None
    if not isinstance(path, str):
        return None
    found = local_file(path)
    order = story.files.folder / "preparation.json"
    if found.is_absolute() or not order.is_file():
        return found
    project = json.loads(order.read_text(encoding="utf-8")).get("project", "")
    return Path(project) / found
