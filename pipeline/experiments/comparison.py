"""Runs side by side: parameters, data, code and metrics."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import yaml

from core.errors import MillraceError
from core.yaml_text import read_yaml
from metadata.run_folder import RunFolder
from metadata.run_store import run_store
from metadata.store import STORE_ERRORS, open_for_reading
from pipeline.configuration.loading import flattened
from registry.facts import run_facts
from report.story import Missing, Story, gather

Section = Literal["run", "parameter", "data", "code", "metric"]

# How a cluster would run it and where things are does not make another experiment.
_PLACES = ("kubeflow", "metadata", "beam")


@dataclasses.dataclass(frozen=True)
class Row:
    """One fact of each run.

    Attributes:
      section: What kind of fact it is.
      name: Its name, such as ``trainer.train_steps``.
      values: A value for each run, None where it has none.
    """

    section: Section
    name: str
    values: tuple[Any, ...]

    @property
    def differs(self) -> bool:
        """Whether the values are not all the same."""
        return any(value != self.values[0] for value in self.values)


def compare_runs(root: Path, run_ids: Sequence[str]) -> list[Row]:
    """All facts of some runs, a row each.

    Args:
      root: The folder of all runs.
      run_ids: The runs.

    Raises:
      InfrastructureError: If a run has no readable account.
    """
    stories = [gather(root, run_id) for run_id in run_ids]
    rows = [_row("run", "status", [story.account.status for story in stories])]
    rows += _merged("parameter", [_parameters(story) for story in stories])
    rows += _merged("data", [_data(story) for story in stories])
    rows += _merged("code", [_code(story, _noted(root, story)) for story in stories])
    rows += _merged("metric", [_metrics(story) for story in stories])
    return rows


def _row(section: Section, name: str, values: Sequence[Any]) -> Row:
    return Row(section, name, tuple(values))


def _merged(section: Section, found: Sequence[dict[str, Any]]) -> list[Row]:
    names = dict.fromkeys(name for one in found for name in one)
    return [_row(section, name, [one.get(name) for one in found]) for name in names]


def _parameters(story: Story) -> dict[str, Any]:
    if isinstance(story.configuration, Missing):
        return {}
    try:
        values = read_yaml(story.configuration)
    except yaml.YAMLError:
        return {}
    if not isinstance(values, dict):
        return {}
    return {
        ".".join(path): value
        for path, value in flattened({k: v for k, v in values.items() if k not in _PLACES})
    }


def _data(story: Story) -> dict[str, Any]:
    if isinstance(story.lineage, Missing):
        return {}
    found: dict[str, Any] = {}
    for index, dataset in enumerate(story.lineage.datasets):
        prefix = f"{index + 1}. " if len(story.lineage.datasets) > 1 else ""
        found[f"{prefix}span"] = dataset.span
        found[f"{prefix}version"] = dataset.version
        for split, count in dataset.rows.items():
            found[f"{prefix}rows {split}"] = count
        found[f"{prefix}fingerprint"] = dataset.fingerprint
    return found


def _noted(root: Path, story: Story) -> dict[str, str]:
    """What the run noted of itself in its metadata store; empty where that is gone."""
    folder, run_id = RunFolder(root), story.account.run_id
    try:
        return run_facts(open_for_reading(run_store(folder, run_id)), run_id)
    except (MillraceError, *STORE_ERRORS):
        return {}


def _code(story: Story, noted: dict[str, str]) -> dict[str, Any]:
    identity = story.account.identity
    # A part of a pipeline has no identity in its account, and notes one all the same.
    found: dict[str, Any] = {
        "code": noted.get("code") or identity.code,
        "configuration": noted.get("configuration") or identity.configuration,
    }
    for name in ("commit", "started_by"):
        if noted.get(name):
            found[name.replace("_", " ")] = noted[name]
    libraries = json.loads(noted.get("libraries") or "{}")
    if libraries:
        return {**found, **libraries}
    if not isinstance(story.lineage, Missing):
        versions = {str(a.value("tfx_version")) for a in story.lineage.artifacts.values()}
        found["tfx"] = ", ".join(sorted(versions - {"None"}))
    return found


def _metrics(story: Story) -> dict[str, Any]:
    evaluation = story.evaluation
    if isinstance(evaluation, Missing) or evaluation.overall is None:
        return {}
    return {name: metric.value for name, metric in evaluation.overall.metrics.items()}
