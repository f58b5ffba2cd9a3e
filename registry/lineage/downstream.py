"""Forward over ML Metadata: which models were trained on some examples."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import ml_metadata
from ml_metadata.proto import metadata_store_pb2

from metadata.records import OUTPUT_EVENTS, Artifact, Reader

# What examples become on their way to a model. Statistics and evaluations are made of
# examples too, but a model that was judged by some data was not trained on them.
_ON_THE_WAY = ("Examples", "TransformGraph")
_MODEL = "Model"
_INPUTS = (metadata_store_pb2.Event.INPUT, metadata_store_pb2.Event.DECLARED_INPUT)


@dataclasses.dataclass(frozen=True)
class Trained:
    """A model that was trained on some examples.

    Attributes:
      model: The id of the Model artifact.
      run_id: The run that trained it.
      when: When its training ended, ISO 8601, UTC.
    """

    model: int
    run_id: str
    when: str


def trained_on(store: ml_metadata.MetadataStore, examples: Iterable[int]) -> tuple[Trained, ...]:
    """The models that were trained on some examples, directly or transformed.

    Args:
      store: The store.
      examples: Ids of Examples artifacts.

    Returns:
      The models, oldest first.
    """
    reader = Reader(store)
    seen: set[int] = set()
    level = set(examples)
    models: set[int] = set()
    while level:
        seen |= level
        used = _events(store.get_events_by_artifact_ids(sorted(level)), _INPUTS)
        users = sorted({event.execution_id for event in used})
        made = _events(store.get_events_by_execution_ids(users) if users else [], OUTPUT_EVENTS)
        artifacts = reader.artifacts({event.artifact_id for event in made})
        models |= {a.id for a in artifacts.values() if a.type == _MODEL}
        level = {a.id for a in artifacts.values() if a.type in _ON_THE_WAY} - seen
    return _trainings(store, reader, models)


def same_data(store: ml_metadata.MetadataStore, examples: Artifact) -> set[int]:
    """The ids of all Examples artifacts that were made of the same input files.

    Args:
      store: The store.
      examples: One of them.
    """
    fingerprint, span = examples.value("input_fingerprint"), examples.value("span")
    if not fingerprint:
        return {examples.id}
    reader = Reader(store)
    rows = store.get_artifacts_by_type("Examples")
    known = reader.artifacts([row.id for row in rows])
    return {examples.id} | {
        a.id
        for a in known.values()
        if a.value("input_fingerprint") == fingerprint and a.value("span") == span
    }


def _trainings(
    store: ml_metadata.MetadataStore, reader: Reader, models: set[int]
) -> tuple[Trained, ...]:
    made = _events(
        store.get_events_by_artifact_ids(sorted(models)) if models else [], OUTPUT_EVENTS
    )
    rows = store.get_executions_by_id(sorted({e.execution_id for e in made})) if made else []
    # A cached execution took a model over; the first one made it.
    cached = metadata_store_pb2.Execution.CACHED
    found: dict[int, Trained] = {}
    for execution in reader.executions(r for r in rows if r.last_known_state != cached):
        for artifacts in execution.outputs.values():
            for artifact in artifacts:
                if artifact.id in models:
                    when = execution.updated.isoformat(timespec="milliseconds")
                    found.setdefault(artifact.id, Trained(artifact.id, execution.run_id, when))
    return tuple(found[model] for model in sorted(found))


def _events(
    events: Iterable[metadata_store_pb2.Event], kinds: tuple[int, ...]
) -> list[metadata_store_pb2.Event]:
    return [event for event in events if event.type in kinds]
