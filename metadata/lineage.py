"""Where an artifact came from: backwards over ML Metadata to the input files."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import ml_metadata
from ml_metadata.proto import metadata_store_pb2

from components.nodes import ALL_STANDARD
from core.errors import InfrastructureError
from metadata.records import (
    OUTPUT_EVENTS,
    Artifact,
    Execution,
    PropertyValue,
    Reader,
)
from metadata.store import STORE_ERRORS

# Inputs that a step compared with or started from; they have their own story.
_REFERENCES = frozenset({"baseline_model", "base_model"})
_ROWS = "rows_"
_BLESSING = "ModelBlessing"
_EVALUATION = "ModelEvaluation"
# Far deeper than any pipeline; a cycle cannot occur, a broken store might show one.
_MAX_DEPTH = 64


@dataclasses.dataclass(frozen=True)
class Step:
    """One execution on the way.

    Attributes:
      execution: The execution that made an artifact of the lineage.
      inputs: Pairs of input key and artifact id.
      outputs: Pairs of output key and artifact id, of those that matter here.
    """

    execution: Execution
    inputs: tuple[tuple[str, int], ...]
    outputs: tuple[tuple[str, int], ...]


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Examples that nothing of the pipeline came before.

    Attributes:
      artifact: The Examples artifact.
      span: Its span number.
      version: Its version within the span.
      fingerprint: TFX's fingerprint of the input files.
      rows: Rows by split, where recorded.
      rejected: Rows that could not be read and were set aside.
      input_base: Where the input files were.
      patterns: Of the input files below it, or queries of a database; empty where unknown.
    """

    artifact: Artifact
    span: int | None
    version: int | None
    fingerprint: str
    rows: Mapping[str, int]
    rejected: int
    input_base: str
    patterns: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """Where the input files were, as precisely as it is known."""
        base = self.input_base.rstrip("/")
        if base and self.patterns:
            return tuple(f"{base}/{pattern}" for pattern in self.patterns)
        return self.patterns or ((base,) if base else ())


@dataclasses.dataclass(frozen=True)
class Lineage:
    """What an artifact was made of.

    Attributes:
      root: The artifact asked about.
      artifacts: All artifacts on the way by id, the root included.
      steps: The executions that made them, oldest first.
    """

    root: Artifact
    artifacts: Mapping[int, Artifact]
    steps: tuple[Step, ...]

    def step(self, artifact_id: int) -> Step | None:
        """The step that made an artifact, None where nothing recorded did."""
        for step in self.steps:
            if any(made == artifact_id for _, made in step.outputs):
                return step
        return None

    def key(self, artifact_id: int) -> str:
        """The output key under which an artifact was made, empty where unknown."""
        step = self.step(artifact_id)
        pairs = step.outputs if step else ()
        return next((key for key, made in pairs if made == artifact_id), "")

    def first(self, key: str) -> Artifact | None:
        """The newest artifact made under an output key, such as ``transform_graph``."""
        for step in reversed(self.steps):
            for name, artifact_id in step.outputs:
                if name == key:
                    return self.artifacts[artifact_id]
        return None

    @property
    def datasets(self) -> tuple[Dataset, ...]:
        """The data at the beginning, each once, however often they were read."""
        found: dict[tuple[object, ...], Dataset] = {}
        for read in self.first_examples:
            # Without a fingerprint nothing says that two are the same.
            same = read.fingerprint or read.artifact.id
            rows = tuple(sorted(read.rows.items()))
            found.setdefault((read.span, read.version, same, rows), read)
        return tuple(found.values())

    @property
    def first_examples(self) -> tuple[Dataset, ...]:
        """The examples at the beginning, those of a tuner and those of a trainer alike."""
        found = []
        for artifact in self.artifacts.values():
            step = self.step(artifact.id)
            if artifact.type == "Examples" and (step is None or not step.inputs):
                found.append(_dataset(artifact, step))
        return tuple(found)

    @property
    def changed_examples(self) -> tuple[tuple[str, Artifact], ...]:
        """Examples that components of the project's own made of examples, with the node."""
        return tuple(
            (step.execution.node, self.artifacts[artifact_id])
            for step in self.steps
            if step.execution.node not in ALL_STANDARD
            and any(self.artifacts[read].type == "Examples" for _, read in step.inputs)
            for _, artifact_id in step.outputs
            if self.artifacts[artifact_id].type == "Examples"
        )

    @property
    def hyperparameters(self) -> Mapping[str, PropertyValue]:
        """What the Trainer was told, by name; a tuner may have told it better."""
        for step in reversed(self.steps):
            if any(key == "model" for key, _ in step.outputs):
                return dict(_parameters(step.execution.properties))
        return {}

    @property
    def references(self) -> tuple[Artifact, ...]:
        """Models that were compared with or started from."""
        ids = {i for step in self.steps for key, i in step.inputs if key in _REFERENCES}
        return tuple(self.artifacts[i] for i in sorted(ids) if i in self.artifacts)


def trace(store: ml_metadata.MetadataStore, artifact_id: int) -> Lineage:
    """Follows an artifact back to the examples it began with.

    An artifact that a cached execution took over belongs to the execution that
    really made it. Models that were only compared with are named, not followed.

    Args:
      store: The store.
      artifact_id: Id of the artifact.

    Raises:
      InfrastructureError: If the store does not answer or has no such artifact.
    """
    reader = Reader(store)
    try:
        steps: dict[int, Execution] = {}
        seen: set[int] = set()
        level = {artifact_id}
        for _ in range(_MAX_DEPTH):
            level -= seen
            if not level:
                break
            seen |= level
            makers = [e for e in _makers(store, reader, level) if e.id not in steps]
            steps.update((maker.id, maker) for maker in makers)
            level = {
                artifact.id
                for maker in makers
                for key, artifacts in maker.inputs.items()
                if key not in _REFERENCES
                for artifact in artifacts
            }
        artifacts = dict(reader.artifacts(seen))
    except STORE_ERRORS as error:
        raise InfrastructureError(
            f"The lineage of artifact {artifact_id} cannot be read",
            evidence=[str(error).splitlines()[0][:200]],
            hint="try again when no other process is writing to the store",
            code="metadata-read",
        ) from error
    if artifact_id not in artifacts:
        raise InfrastructureError(
            f"The metadata store has no artifact {artifact_id}",
            hint="the store was replaced after the run; use the run's own store",
            code="artifact-missing",
        )
    for execution in steps.values():
        for key in _REFERENCES & set(execution.inputs):
            artifacts.update((a.id, a) for a in execution.inputs[key])
        # A blessing stands on the evaluation beside it, which nothing reads.
        if any(artifact.type == _BLESSING for artifact in made(execution)):
            artifacts.update((a.id, a) for a in made(execution) if a.type == _EVALUATION)
    ordered = [steps[key] for key in sorted(steps)]
    return Lineage(artifacts[artifact_id], artifacts, tuple(_step(e, artifacts) for e in ordered))


def made(execution: Execution) -> list[Artifact]:
    """All output artifacts of an execution."""
    return [artifact for artifacts in execution.outputs.values() for artifact in artifacts]


def _makers(
    store: ml_metadata.MetadataStore, reader: Reader, artifact_ids: Iterable[int]
) -> list[Execution]:
    events = store.get_events_by_artifact_ids(sorted(artifact_ids))
    ids = sorted({event.execution_id for event in events if event.type in OUTPUT_EVENTS})
    rows = store.get_executions_by_id(ids) if ids else []
    cached = metadata_store_pb2.Execution.CACHED
    return reader.executions(row for row in rows if row.last_known_state != cached)


def _step(execution: Execution, artifacts: Mapping[int, Artifact]) -> Step:
    def pairs(channels: Mapping[str, tuple[Artifact, ...]]) -> tuple[tuple[str, int], ...]:
        return tuple((k, a.id) for k, found in channels.items() for a in found if a.id in artifacts)

    return Step(execution, pairs(execution.inputs), pairs(execution.outputs))


def _dataset(artifact: Artifact, step: Step | None) -> Dataset:
    properties = step.execution.properties if step else {}
    return Dataset(
        artifact=artifact,
        span=_integer(artifact.value("span")),
        version=_integer(artifact.value("version")),
        fingerprint=str(artifact.value("input_fingerprint") or ""),
        rows=rows_by_split(artifact),
        rejected=_integer(artifact.value("rejected_rows")) or 0,
        input_base=str(properties.get("input_base") or ""),
        patterns=_patterns(properties.get("input_config")),
    )


def _patterns(told: PropertyValue | None) -> tuple[str, ...]:
    splits = _json_object(told).get("splits")
    if not isinstance(splits, list):
        return ()
    found = (split.get("pattern") for split in splits if isinstance(split, dict))
    return tuple(str(pattern) for pattern in found if pattern)


def rows_by_split(artifact: Artifact) -> dict[str, int]:
    """Rows of an Examples artifact by split, from what its maker recorded on it.

    Args:
      artifact: The artifact; its custom properties ``rows_<split>`` count.

    Returns:
      Empty where nothing was recorded; train first.
    """
    counts = {
        name.removeprefix(_ROWS): count
        for name, value in artifact.custom_properties.items()
        if name.startswith(_ROWS) and (count := _integer(value)) is not None
    }
    return {split: counts[split] for split in sorted(counts, key=lambda s: (s != "train", s))}


def _parameters(properties: Mapping[str, PropertyValue]) -> Iterator[tuple[str, PropertyValue]]:
    for name in ("train_args", "custom_config"):
        told = _json_object(properties.get(name))
        # Millrace's own Trainer is told the hyperparameters beside features and label.
        for key, value in _json_object(told.get("hyperparameters", told)).items():
            if value is not None and not isinstance(value, dict):
                yield key, value


def _json_object(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}


def _integer(value: PropertyValue) -> int | None:
    try:
        return int(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
