"""Writing the registry's artifacts: several at once, and only if nobody was faster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import ml_metadata
from ml_metadata.proto import metadata_store_pb2, metadata_store_service_pb2

Row: TypeAlias = metadata_store_pb2.Artifact


def known_types(store: ml_metadata.MetadataStore) -> dict[str, int]:
    """The ids of all artifact types by name."""
    return {kind.name: int(kind.id) for kind in store.get_artifact_types()}


def type_id(store: ml_metadata.MetadataStore, name: str) -> int:
    """The id of an artifact type, which is made where it is missing."""
    known = known_types(store).get(name)
    if known is not None:
        return known
    try:
        return int(store.put_artifact_type(metadata_store_pb2.ArtifactType(name=name)))
    except ml_metadata.errors.StatusError:
        # Two processes that make it at once: one of them finds it made.
        made = known_types(store).get(name)
        if made is None:
            raise
        return made


def put_unchanged(store: ml_metadata.MetadataStore, rows: Sequence[Row]) -> bool:
    """Writes artifacts together, unless one of them was changed since it was read.

    Args:
      store: The store.
      rows: The artifacts, as they were read and then changed.

    Returns:
      Whether they were written; else none was.
    """
    request = metadata_store_service_pb2.PutArtifactsRequest(artifacts=rows)
    # `put_artifacts` has no argument for it.
    request.options.abort_if_latest_updated_time_changed = True
    try:
        store._call("PutArtifacts", request, metadata_store_service_pb2.PutArtifactsResponse())
    except ml_metadata.errors.FailedPreconditionError:
        return False
    return True
