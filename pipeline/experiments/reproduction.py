"""A run done again: the same configuration, code and data, and then the same metrics?"""

from __future__ import annotations

import dataclasses
import glob
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pydantic

from core.errors import InfrastructureError, UserError
from metadata import run_file
from metadata.relocation import moved_with
from metadata.run_folder import RunFolder
from pipeline.configuration.loading import LoadedConfiguration
from pipeline.configuration.model import PipelineConfiguration
from pipeline.definition import Locations
from pipeline.experiments.comparison import Row
from pipeline.identity.unchanged import identify
from pipeline.start import Request


@dataclasses.dataclass(frozen=True)
class Original:
    """A run that is to be done again.

    Attributes:
      record: Its account.
      configuration: What it was asked for.
      locations: Where it read and wrote, as far as that is still there.
      request: The same, ready to run, with the span that it took.
    """

    record: run_file.RunRecord
    configuration: PipelineConfiguration
    locations: Locations
    request: Request


def read_original(root: Path, run_id: str, *, span: int | None) -> Original:
    """Rebuilds what a run was asked for.

    Args:
      root: The folder of all runs.
      run_id: The run.
      span: The span that it took, so that a newer one is not taken now.

    Raises:
      InfrastructureError: If its files are gone.
      UserError: If this version of Millrace does not know its configuration any more.
    """
    own = RunFolder(root.absolute()).run(run_id)
    record = run_file.read(own.folder)
    path = own.folder / "preparation.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        values = document["configuration"]
        then = Locations(root=Path(document["root"]), project=Path(document["project"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InfrastructureError(
            f"what the run {run_id} was asked for is not known",
            evidence=[f"{path}: {type(error).__name__}"],
            hint="only runs of this machine whose folder is whole can be done again",
            code="run-not-reproducible",
        ) from error
    try:
        configuration = PipelineConfiguration.model_validate_json(json.dumps(values))
    except pydantic.ValidationError as error:
        raise UserError(
            f"this version of Millrace does not know the configuration of {run_id} any more",
            evidence=[str(error).splitlines()[0]],
            hint="check out the code of that run: `millrace lineage RUN` names its commit",
            code="configuration-outdated",
        ) from None
    # Root and project may have been moved since.
    former, now = Path(then.root), root.absolute()
    here = Locations(root=now, project=moved_with(then.project, former, now))
    data = configuration.data
    if data.path is not None and data.path.startswith("/"):
        place = str(moved_with(Path(data.path), former, now))
        data = data.model_copy(update={"path": place})
        configuration = configuration.model_copy(update={"data": data})
    again = configuration
    if span is not None and _has_spans(configuration):
        again = configuration.model_copy(update={"data": data.model_copy(update={"span": span})})
    loaded = LoadedConfiguration(again, {}, own.configuration)
    # What a run was is told from its own folder, as long as that is there: this may be a copy.
    first = dataclasses.replace(here, root=moved_with(former, former, now))
    return Original(record, configuration, first, Request(loaded, here))


def changes(original: Original) -> list[str]:
    """What is not as it was when a run started; empty where all is.

    Args:
      original: The run.
    """
    before = original.record.identity
    configuration, locations = original.configuration, original.locations
    now = identify(configuration, locations)
    found = []
    if before.code and before.code != now.code:
        found.append(f"the code was {before.code} and is {now.code}")
    # With spans the files include newer ones; then the fingerprints are compared afterwards.
    if before.data and before.data != now.data and not _has_spans(configuration):
        place = locations.in_project(str(configuration.data.path))
        gone = "://" not in place and not glob.glob(place)
        found.append(
            f"the data are gone: {place}"
            if gone
            else f"the data were {before.data} and are {now.data}"
        )
    # The run's own values are taken, so only what they name can have changed.
    if before.configuration and before.configuration != now.configuration:
        schema = locations.schema_file(configuration)
        what = f"the schema {schema}" if schema else "the configuration or the serving folder"
        found.append(f"{what} has changed: {before.configuration} is {now.configuration} now")
    if not before.code and not before.data:
        found.append("the run was a part of a pipeline and noted neither code nor data")
    return found


def _has_spans(configuration: PipelineConfiguration) -> bool:
    return "{SPAN" in str(configuration.data.path)


@dataclasses.dataclass(frozen=True)
class Verdict:
    """How a run that was done again compares with the first.

    Attributes:
      same: Whether no metric is off by more than the tolerance, and the data are the same.
      largest: The largest relative difference of a metric, NaN where nothing compares.
      off: The names of what differs by more.
    """

    same: bool
    largest: float
    off: tuple[str, ...]


def judge(rows: Sequence[Row], tolerance: float) -> Verdict:
    """Compares the metrics and the data of two runs.

    Args:
      rows: Of `comparison.compare_runs` of both.
      tolerance: The largest relative difference of a metric that is taken for none.
    """
    off, gaps = [], []
    for row in rows:
        if row.section == "data" and row.differs:
            off.append(row.name)
        if row.section == "metric":
            gap = _gap(*row.values)
            gaps.append(gap)
            if not gap <= tolerance:
                off.append(row.name)
    if not gaps:
        return Verdict(False, math.nan, ("metrics",))
    return Verdict(not off, max(gaps), tuple(off))


def _gap(before: Any, after: Any) -> float:
    if before is None or after is None:
        return math.inf
    if before == after or (math.isnan(before) and math.isnan(after)):
        return 0.0
    gap = abs(before - after) / max(abs(before), abs(after))
    return math.inf if math.isnan(gap) else gap
