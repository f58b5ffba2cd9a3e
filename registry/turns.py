"""Whose turn it is to change which model serves: one push, promotion or rollback at a time.

A turn is an artifact whose name holds the pipeline and a number. Names are unique in every
kind of store, so of several processes that want the next turn one gets it, also where a
database lets two of them overwrite the same row.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import time
from collections.abc import Iterator

import ml_metadata
from ml_metadata.proto import metadata_store_pb2

from core.errors import InfrastructureError
from metadata.store import STORE_ERRORS
from registry.moves_record import Move, move_from_json
from registry.store_access import Row, type_id

ARTIFACT_TYPE = "ModelTurn"
# More than a killed process on another machine can keep it.
PATIENCE_SECONDS = 900.0
_PAUSE_SECONDS = 0.2
_ENDED = metadata_store_pb2.Artifact.LIVE
_BUSY = (ml_metadata.errors.AlreadyExistsError, ml_metadata.errors.AbortedError)


class NotNowError(Exception):
    """Somebody else has the turn.

    Attributes:
      move: What they do.
    """

    def __init__(self, move: Move) -> None:
        super().__init__(f"{move.action} {move.version}")
        self.move = move


@contextlib.contextmanager
def turn(
    store: ml_metadata.MetadataStore, pipeline: str, move: Move, *, patience_seconds: float = 0.0
) -> Iterator[None]:
    """Holds the turn while the block runs.

    Args:
      store: The store, open for writing.
      pipeline: The pipeline's name.
      move: What is done meanwhile, for others to see; its process holds the turn.
      patience_seconds: How long to wait for others. A holder that was killed is not waited
        for: on this machine at once, on another one as long as `Move.is_gone` says.

    Raises:
      NotNowError: If somebody else still has it.
    """
    row = _take(store, pipeline, move, time.monotonic() + patience_seconds)
    try:
        yield
    finally:
        row.state = _ENDED
        try:
            store.put_artifacts([row])
        except STORE_ERRORS:
            # The end of this process ends it too.
            logging.exception("The end of %s was not recorded.", row.name)


def _take(store: ml_metadata.MetadataStore, pipeline: str, move: Move, deadline: float) -> Row:
    kind = type_id(store, ARTIFACT_TYPE)
    while True:
        number, holder = _last(store, pipeline)
        if holder is None or holder.is_gone():
            row = metadata_store_pb2.Artifact(
                type_id=kind,
                name=f"{pipeline}/{number + 1}",
                state=metadata_store_pb2.Artifact.PENDING,
            )
            row.custom_properties["move"].string_value = json.dumps(dataclasses.asdict(move))
            with contextlib.suppress(*_BUSY):
                [row.id] = store.put_artifacts([row])
                return row
        elif time.monotonic() >= deadline:
            raise NotNowError(holder)
        else:
            time.sleep(_PAUSE_SECONDS)


def _last(store: ml_metadata.MetadataStore, pipeline: str) -> tuple[int, Move | None]:
    """The number of the last turn, 0 for none, and who has it, None where it has ended."""
    last, number = None, 0
    for row in store.get_artifacts_by_type(ARTIFACT_TYPE):
        own, _, text = row.name.rpartition("/")
        if own == pipeline and int(text) > number:
            last, number = row, int(text)
    if last is None or last.state == _ENDED:
        return number, None
    return number, move_from_json(last.custom_properties["move"].string_value)


def still_busy(error: NotNowError) -> InfrastructureError:
    """What a push says that waited in vain."""
    move = error.move
    return InfrastructureError(
        f"another {move.action} has not ended",
        evidence=[f"{move.who} began to {move.action} {move.version} on {move.when}"],
        hint="type `millrace resume` when it has ended",
        code="registry-busy",
    )
