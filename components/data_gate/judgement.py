"""All checks of one span, put together."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2, statistics_pb2

from components.data_gate import comparison, labels, row_checks
from components.data_gate.anomalies import findings_of_split
from components.data_gate.comparators import comparator_findings
from components.data_gate.findings import DATASET, Finding, worst_first
from components.data_gate.limits import Limits, check_names
from components.data_gate.missing_labels import missing_label, missing_label_note
from components.data_gate.presence import examples_with_values
from components.data_gate.profiles import SplitProfile, slice_profile, slices_of
from components.data_gate.repetition import without_repetition
from components.data_gate.rows import Column, Rows, Selection
from components.data_gate.settings import GateSettings
from components.data_gate.severities import Severities
from components.data_gate.split_checks import split_findings
from components.data_gate.statistics_profiles import profile_of_statistics
from components.data_gate.unknown_classes import unknown_classes
from preprocessing.label import Task

_Statistics: TypeAlias = statistics_pb2.DatasetFeatureStatistics


@dataclasses.dataclass(frozen=True)
class ModelInputs:
    """What the gate knows of the model.

    Attributes:
      kinds: The role of each raw column that it reads, such as ``numeric``.
      label: The label's expression; empty for none.
      task: The task.
      classes: The configured classes; None where there are none.
      split: How rows are split; where it is ``row`` there is nothing to doubt.
      key: The column by which they are, if there is one.
    """

    kinds: Mapping[str, str] = dataclasses.field(default_factory=dict)
    label: str = ""
    task: Task = "binary"
    classes: Sequence[str] | None = None
    split: str = ""
    key: str = ""


@dataclasses.dataclass(frozen=True)
class SplitData:
    """One split as the gate sees it.

    Attributes:
      anomalies: What ExampleValidator wrote.
      statistics: What StatisticsGen computed; None for an empty split.
      rows: What was read of the examples; None where they cannot be read.
    """

    anomalies: anomalies_pb2.Anomalies
    statistics: _Statistics | None
    rows: Rows | None


@dataclasses.dataclass(frozen=True)
class Baseline:
    """The data to compare with.

    Attributes:
      statistics: The accepted data's, by split.
      profiles: The accepted data's, by split.
      serving: The serving statistics.
    """

    statistics: Mapping[str, _Statistics] = dataclasses.field(default_factory=dict)
    profiles: Mapping[str, SplitProfile] = dataclasses.field(default_factory=dict)
    serving: _Statistics | None = None


@dataclasses.dataclass(frozen=True)
class Judgement:
    """What the gate says.

    Attributes:
      findings: Worst first.
      notes: What was not looked at, or not all of it, and why.
      profiles: Of the new data, by split.
      labelled: By split, how many of the rows that were looked at have a label (``used``),
        how many these are (``total``), and whether there are more (``sampled``).
    """

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    profiles: dict[str, SplitProfile]
    labelled: Mapping[str, Mapping[str, int]] = dataclasses.field(default_factory=dict)

    @property
    def refused(self) -> list[Finding]:
        """What stops the run."""
        return [finding for finding in self.findings if finding.blocks]

    @property
    def allowed(self) -> list[Finding]:
        """What would stop the run if it were not allowed."""
        return [finding for finding in self.findings if finding.allowed]

    @property
    def warnings(self) -> list[Finding]:
        """What is only noted."""
        return [finding for finding in self.findings if finding.severity == "warn"]


def judge(
    splits: Mapping[str, SplitData],
    schema: schema_pb2.Schema,
    settings: GateSettings,
    model: ModelInputs,
    baseline: Baseline,
) -> Judgement:
    """Answers the six questions about new data, and makes the further checks.

    Args:
      splits: The new data by split.
      schema: The schema.
      settings: The gate's settings.
      model: What the model reads.
      baseline: The data to compare with.

    Raises:
      UserError: If the settings name a feature or an anomaly that there is not.
    """
    severities = Severities(settings)
    known = [feature.name for feature in schema.feature]
    for split in splits.values():
        known += split.rows.columns if split.rows else []
    check_names(settings, known)
    judge = _Judge(splits, schema, settings, model, baseline)
    found = list(judge.findings())
    findings = worst_first(severities.judge(without_repetition(found, judge.slice_counts())))
    return Judgement(tuple(findings), tuple(judge.notes), judge.profiles, judge.labelled())


class _Judge:
    """Goes through all splits; collects profiles and notes on the way."""

    def __init__(
        self,
        splits: Mapping[str, SplitData],
        schema: schema_pb2.Schema,
        settings: GateSettings,
        model: ModelInputs,
        baseline: Baseline,
    ) -> None:
        self._splits = splits
        self._schema = schema
        self._settings = settings
        self._model = model
        self._baseline = baseline
        self._limits = Limits(settings, schema, model.kinds, labels.label_columns(model.label))
        self.notes: list[str] = []
        self.profiles: dict[str, SplitProfile] = {}
        read = {name: split.rows for name, split in splits.items() if split.rows}
        self._labels = labels.labels_by_split(model.label, model.task, model.classes, read)

    def findings(self) -> Iterator[Finding]:
        pairs: list[comparison.Pair] = []
        read = {name: split.rows for name, split in self._splits.items() if split.rows}
        for name, split in self._splits.items():
            of_schema = findings_of_split(name, split.anomalies, split.statistics, self._schema)
            yield from of_schema
            reported = {found.feature for found in of_schema if "PRESENT" in found.check}
            if split.rows is not None:
                pairs += self._profile(name, split.rows)
                yield from examples_with_values(name, split.rows.columns, self._schema, reported)
            elif split.statistics is not None:
                self.profiles[name] = profile_of_statistics(split.statistics)
        # Every comparison may go wrong; together they keep to what was asked for.
        alpha = self._settings.drift.false_alarm / max(1, 2 * len(pairs))
        yield from self._comparisons(pairs, alpha)
        for name, rows in read.items():
            yield from self._checks(name, rows, alpha)
        yield from row_checks.split_overlap(read, self._settings.checks.split_overlap)
        if self._model.split != "row":
            yield from self._of_split(read)

    def slice_counts(self) -> dict[str, int]:
        """How many slices each split has."""
        return {name: len(profile.slices) - 1 for name, profile in self.profiles.items()}

    def labelled(self) -> dict[str, dict[str, int]]:
        """How many rows of each split have a label."""
        found = {}
        for name, label in self._labels.items():
            rows = self._splits[name].rows
            assert rows is not None
            found[name] = {
                "used": int(label.known.sum()),
                "total": rows.sampled,
                "sampled": int(rows.sampled < rows.total),
            }
        return found

    def _profile(self, split: str, rows: Rows) -> list[comparison.Pair]:
        """Profiles a split, and pairs it with what it is compared with."""
        settings = self._settings
        if rows.sampled < rows.total:
            self.notes.append(
                f"{split}: values were looked at in {rows.sampled:,} of {rows.total:,} rows, "
                "drawn at random (gate.sample_rows)"
            )
        slices = {"": Selection(rows.sampled)}
        slices.update(slices_of(rows.columns, settings.slices, settings.minimum_slice_examples))
        label = self._labels.get(split)
        self.profiles[split] = SplitProfile(
            rows.total,
            {
                name: slice_profile(rows.columns, chosen, self._limits.categories)
                for name, chosen in slices.items()
            },
            label.profile() if label else None,
        )
        compared = {
            name: column for name, column in rows.columns.items() if self._limits.is_compared(name)
        }
        found: list[comparison.Pair] = []
        minimum = settings.minimum_slice_examples
        old = self._baseline.profiles.get(split)
        if old is not None:
            found += comparison.pairs_of(split, compared, slices, old, "accepted", minimum)
            self._note_slices(split, slices, old)
        if self._baseline.serving is not None:
            serving = profile_of_statistics(self._baseline.serving)
            found += comparison.pairs_of(
                split, compared, {"": slices[""]}, serving, "serving", minimum
            )
        return found

    def _note_slices(self, split: str, slices: Mapping[str, Selection], old: SplitProfile) -> None:
        new = sorted(set(slices) - set(old.slices))
        if new:
            self.notes.append(
                f"{split}: nothing to compare {', '.join(new[:5])}"
                f"{' and others' if len(new) > 5 else ''} with: the accepted data have too few"
            )

    def _comparisons(self, pairs: list[comparison.Pair], alpha: float) -> Iterator[Finding]:
        checks, limits = self._settings.checks, self._limits
        beyond_chance: dict[tuple[str, str, str], bool] = {}
        for pair in pairs:
            yield from comparison.proportion(pair, self._settings.proportion_change, limits, alpha)
            measured = comparison.distance_of(pair, limits, alpha)
            if measured is not None:
                distance, now = measured
                yield from comparison.drift(pair, distance, now, limits)
                if not pair.slice:
                    beyond = distance.value > distance.chance
                    beyond_chance[pair.split, pair.feature, pair.other] = beyond
            if not limits.is_used(pair.feature):
                continue
            extrapolation, unknown = checks.extrapolation, checks.unknown_categories
            if extrapolation.severity != "off" and not limits.is_category(pair.feature):
                yield from _with_severity(
                    comparison.extrapolation(pair, extrapolation.at_most, alpha),
                    extrapolation.severity,
                )
            if unknown.severity != "off":
                yield from _with_severity(
                    comparison.unknown_categories(pair, unknown.at_most, alpha),
                    unknown.severity,
                )
        yield from self._of_comparators(beyond_chance)
        for name, split in self._splits.items():
            old = self._baseline.profiles.get(name)
            total = split.rows.total if split.rows else None
            if total is None and split.statistics is not None:
                total = int(split.statistics.num_examples)
            if old is not None and total is not None:
                yield from comparison.example_count(
                    name, total, old, self._settings.example_count_ratio
                )

    def _of_comparators(self, beyond: Mapping[tuple[str, str, str], bool]) -> Iterator[Finding]:
        """The schema's comparators, each distance beyond chance."""
        for name, split in self._splits.items():
            if split.statistics is None:
                continue
            for other, previous, serving in (
                ("accepted", self._baseline.statistics.get(name), None),
                ("serving", None, self._baseline.serving),
            ):
                for found in comparator_findings(
                    name, split.statistics, self._schema, previous, serving
                ):
                    if found.feature == DATASET or beyond.get((name, found.feature, other), True):
                        yield found

    def _of_split(self, read: Mapping[str, Rows]) -> Iterator[Finding]:
        """Whether the splits judge what was learned, or mislead."""
        yield from split_findings(
            {name: rows.columns for name, rows in read.items()},
            self._labels,
            sorted(self._model.kinds),
            self._settings.checks,
            self._model.key,
        )

    def _checks(self, split: str, rows: Rows, alpha: float) -> Iterator[Finding]:
        checks = self._settings.checks
        yield from row_checks.duplicated_rows(split, rows, checks.duplicated_rows)
        used: dict[str, Column] = {
            name: column for name, column in rows.columns.items() if name in self._model.kinds
        }
        yield from row_checks.constant_columns(split, used, self._limits, checks.constant_columns)
        label = self._labels.get(split)
        if label is None:
            return
        yield from unknown_classes(split, label, checks.unknown_classes)
        yield from missing_label(split, label, rows, checks.missing_label)
        if (note := missing_label_note(split, label, rows)) is not None:
            self.notes.append(note)
        yield from labels.majority_label(split, label, checks.majority_label)
        old = self._baseline.profiles.get(split)
        if old is not None:
            yield from labels.label_drift(split, label, old.label, checks.label_drift, alpha)
        yield from labels.label_leakage(
            split, label, rows.columns, sorted(used), checks.label_leakage
        )


def _with_severity(findings: Iterator[Finding], severity: Any) -> Iterator[Finding]:
    for finding in findings:
        yield dataclasses.replace(finding, severity="block" if severity == "block" else "warn")
