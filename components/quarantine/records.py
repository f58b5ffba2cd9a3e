"""The quarantine in ML Metadata: one artifact of the type ``QuarantinedData`` an entry.

The artifact's name is the entry's id, which the store keeps unique, so that runs which
refuse the same data at the same time leave one entry. Nothing here imports TensorFlow.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable

import ml_metadata
from ml_metadata.proto import metadata_store_pb2, metadata_store_service_pb2

from components.quarantine.artifacts import ARTIFACT_TYPE, entry_from_artifact, write_entry
from components.quarantine.entry import Change, DataIdentity, Decision, Entry
from core.errors import InfrastructureError

_RUN_CONTEXT = "pipeline_run"
_TRIES = 8

EditEntry = Callable[[Entry], Entry]


def utc_now() -> str:
    """The time now: ISO 8601, UTC, milliseconds."""
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")


def entries(store: ml_metadata.MetadataStore) -> tuple[Entry, ...]:
    """All entries, the one that changed last first.

    Args:
      store: The metadata store.
    """
    found = [entry_from_artifact(row) for row in store.get_artifacts_by_type(ARTIFACT_TYPE)]
    return tuple(sorted(found, key=_last_change, reverse=True))


def find(store: ml_metadata.MetadataStore, entry_id: str) -> Entry | None:
    """The entry of that id, None where there is none."""
    row = _row(store, entry_id)
    return None if row is None else entry_from_artifact(row)


def blocking(store: ml_metadata.MetadataStore, data: DataIdentity) -> Entry | None:
    """The entry that keeps runs from taking these data, None where they may be taken."""
    entry = find(store, data.id)
    return entry if entry is not None and entry.is_blocking else None


def pass_over(store: ml_metadata.MetadataStore, data: DataIdentity, run_id: str) -> Entry | None:
    """As `blocking`, for a run that then leaves the data alone, which is noted."""
    entry = blocking(store, data)
    if entry is not None:
        attribute(store, entry.id, run_id)
    return entry


def blocked(store: ml_metadata.MetadataStore, pipeline: str) -> tuple[Entry, ...]:
    """The entries of a pipeline whose data runs skip."""
    return tuple(e for e in entries(store) if e.data.pipeline == pipeline and e.is_blocking)


def quarantine(store: ml_metadata.MetadataStore, entry: Entry) -> Entry:
    """Records data that a gate refused.

    Data that are recorded already get the new refusal into their history: released ones
    are quarantined again, discarded ones stay discarded. A gate that refuses twice in one
    run (a task that is tried again) counts once.

    Args:
      store: The metadata store.
      entry: The entry, whose history holds the refusal.

    Returns:
      The entry as it now is in the store.
    """
    if _row(store, entry.id) is None:
        artifact = metadata_store_pb2.Artifact(
            type_id=_type_id(store),
            name=entry.id,
            uri=entry.report,
            state=metadata_store_pb2.Artifact.LIVE,
        )
        write_entry(entry, artifact)
        try:
            store.put_artifacts([artifact])
            return entry
        except ml_metadata.errors.AlreadyExistsError:
            pass  # Another run was faster.
    return _edit(store, entry.id, lambda known: _refused_again(known, entry))


def change(
    store: ml_metadata.MetadataStore, entry_id: str, status: Decision, who: str, why: str
) -> Entry:
    """Releases or discards an entry.

    Args:
      store: The metadata store.
      entry_id: The entry, which must exist.
      status: ``released`` or ``discarded``.
      who: The person who decided.
      why: The person's reason.

    Returns:
      The entry as it now is.

    Raises:
      ValueError: If it may not change so: a discarded one is never released.
    """
    made = Change(status, who, utc_now(), why)

    def edit(known: Entry) -> Entry:
        check_change(known, status)
        return dataclasses.replace(known, status=status, history=(*known.history, made))

    return _edit(store, entry_id, edit)


def check_change(entry: Entry, status: Decision) -> None:
    """Refuses a change that an entry may not take.

    Raises:
      ValueError: With the entry's state in a few words.
    """
    if entry.status == status:
        raise ValueError(f"is {status} already")
    if entry.status == "discarded":
        raise ValueError("was discarded, which is for ever")


def attribute(store: ml_metadata.MetadataStore, entry_id: str, run_id: str) -> None:
    """Notes that an entry belongs to the story of a run, which refused or skipped its data.

    Nothing else is touched: a property of the examples would change TFX's cache keys.

    Args:
      store: The metadata store.
      entry_id: The entry.
      run_id: The run, whose ``pipeline_run`` context exists.
    """
    row = _row(store, entry_id)
    context = store.get_context_by_type_and_name(_RUN_CONTEXT, run_id)
    if row is None or context is None:
        return
    attribution = metadata_store_pb2.Attribution(artifact_id=row.id, context_id=context.id)
    store.put_attributions_and_associations([attribution], [])


def entries_of_run(store: ml_metadata.MetadataStore, run_id: str) -> tuple[Entry, ...]:
    """The entries whose data a run refused or skipped.

    Args:
      store: The metadata store.
      run_id: The run.
    """
    context = store.get_context_by_type_and_name(_RUN_CONTEXT, run_id)
    if context is None:
        return ()
    kind = _known_type(store)
    if kind is None:
        return ()
    rows = store.get_artifacts_by_context(context.id)
    found = [entry_from_artifact(row) for row in rows if row.type_id == kind]
    return tuple(sorted(found, key=_last_change))


def _refused_again(known: Entry, entry: Entry) -> Entry:
    refusal = entry.history[-1]
    if known.status != "released" and known.was_refused_in(refusal.run_id):
        return known
    # The newest reasons count; the older ones are in the history.
    return dataclasses.replace(
        entry,
        report=entry.report or known.report,
        status="discarded" if known.status == "discarded" else "quarantined",
        history=(*known.history, refusal),
    )


def _last_change(entry: Entry) -> tuple[str, str]:
    return (entry.last.when if entry.last else "", entry.id)


def _row(store: ml_metadata.MetadataStore, entry_id: str) -> metadata_store_pb2.Artifact | None:
    return store.get_artifact_by_type_and_name(ARTIFACT_TYPE, entry_id)


def _known_type(store: ml_metadata.MetadataStore) -> int | None:
    kinds = {kind.name: kind.id for kind in store.get_artifact_types()}
    return kinds.get(ARTIFACT_TYPE)


def _type_id(store: ml_metadata.MetadataStore) -> int:
    known = _known_type(store)
    if known is not None:
        return known
    try:
        made = store.put_artifact_type(metadata_store_pb2.ArtifactType(name=ARTIFACT_TYPE))
    except ml_metadata.errors.StatusError:
        # Two processes that make it at once: one of them finds it made.
        made = _known_type(store)
        if made is None:
            raise
    return int(made)


def _edit(store: ml_metadata.MetadataStore, entry_id: str, edit: EditEntry) -> Entry:
    """Changes an entry; if another process changes it at the same time, anew from there."""
    for _ in range(_TRIES):
        row = _row(store, entry_id)
        assert row is not None, entry_id
        known = entry_from_artifact(row)
        changed = edit(known)
        if changed == known:
            return known
        write_entry(changed, row)
        request = metadata_store_service_pb2.PutArtifactsRequest(artifacts=[row])
        # `put_artifacts` has no argument for it.
        request.options.abort_if_latest_updated_time_changed = True
        try:
            store._call("PutArtifacts", request, metadata_store_service_pb2.PutArtifactsResponse())
        except ml_metadata.errors.FailedPreconditionError:
            continue
        return changed
    raise InfrastructureError(
        f"the quarantine's entry {entry_id} is being changed by others all the time",
        hint="try again",
        code="quarantine-busy",
    )
