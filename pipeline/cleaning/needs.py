"""Which artifacts must stay: what kept runs, models and the next comparison need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import ml_metadata
from ml_metadata.proto import metadata_store_pb2

from metadata.lineage import made, trace
from metadata.records import NODE_CONTEXT
from registry.model_version import ModelVersion
from registry.models import Models
from registry.registration import is_served
from registry.store_access import known_types

# Of components.data_gate.artifacts, which brings TFX.
_DATA_BLESSING = "DataBlessing"
_JUDGED = ("statistics_id", "examples_id")
_SPAN = "span"
_HYPERPARAMETERS = "HyperParameters"
_VERDICTS = ("ModelBlessing", "InfraBlessing", "ModelEvaluation")


def used_by(store: ml_metadata.MetadataStore, executions: Iterable[int]) -> set[int]:
    """The artifacts that executions read or wrote, those taken from the cache included."""
    ids = sorted(set(executions))
    events = store.get_events_by_execution_ids(ids) if ids else []
    return {event.artifact_id for event in events}


def needed_by_models(
    store: ml_metadata.MetadataStore, models: Models, keep: int | None
) -> set[int]:
    """What the registry's versions need: all behind the champion, the others' stored model.

    A version that is restored becomes the baseline of the next evaluation, so its model
    and the blessings of it stay as well.

    Args:
      store: The store.
      models: The models of one pipeline.
      keep: Of how many versions beside champion and predecessor the model stays; None for
        all.
    """
    found: set[int] = set()
    if models.champion is not None:
        lineage = trace(store, models.champion.artifact)
        found |= set(lineage.artifacts)
        found |= {artifact.id for step in lineage.steps for artifact in made(step.execution)}
    for version in kept_versions(models, keep):
        found |= {version.artifact, version.model}
        found |= _verdicts(store, version.model)
    return found


def kept_versions(models: Models, keep: int | None) -> list[ModelVersion]:
    """The versions whose stored model stays.

    Args:
      models: The models of one pipeline.
      keep: As for `needed_by_models`.

    Returns:
      Champion, predecessor and others that were not withdrawn or still serve.
    """
    first = [version for version in (models.champion, models.previous) if version is not None]
    rest = [
        version
        for version in reversed(models.versions)
        if version not in first
        and (version.withdrawn is None or any(is_served(p.destination) for p in version.pushes))
    ]
    return first + (rest if keep is None else rest[:keep])


def _verdicts(store: ml_metadata.MetadataStore, model: int) -> set[int]:
    if not model:
        return set()
    readers = {
        event.execution_id
        for event in store.get_events_by_artifact_ids([model])
        if event.type in (metadata_store_pb2.Event.INPUT, metadata_store_pb2.Event.DECLARED_INPUT)
    }
    rows = store.get_artifacts_by_id(sorted(used_by(store, readers)))
    return {row.id for row in rows if row.type in _VERDICTS}


def needed_next(store: ml_metadata.MetadataStore) -> set[int]:
    """What the next run of each pipeline looks for: data accepted last, tuned values.

    Args:
      store: The store.
    """
    found: set[int] = set()
    for blessings in _live(store, _DATA_BLESSING).values():
        newest = max(blessings, key=lambda row: row.id)
        of_last_span = max(blessings, key=lambda row: (_number(row, _SPAN), row.id))
        for row in (newest, of_last_span):
            found |= {row.id, *(_number(row, name) for name in _JUDGED)}
    for tuned in _live(store, _HYPERPARAMETERS).values():
        found.add(max(row.id for row in tuned))
    return found


def _live(
    store: ml_metadata.MetadataStore, kind: str
) -> Mapping[str, list[metadata_store_pb2.Artifact]]:
    """The live artifacts of a type by pipeline."""
    found: dict[str, list[metadata_store_pb2.Artifact]] = defaultdict(list)
    if kind not in known_types(store):
        return found
    for row in store.get_artifacts_by_type(kind):
        if row.state != metadata_store_pb2.Artifact.LIVE:
            continue
        for context in store.get_contexts_by_artifact(row.id):
            if context.type == NODE_CONTEXT:
                found[context.name.partition(".")[0]].append(row)
                break
    return found


def _number(row: metadata_store_pb2.Artifact, name: str) -> int:
    return int(row.custom_properties[name].int_value) if name in row.custom_properties else 0
