"""The record of who moved the champion, and of the move that is under way.

One artifact of the type ``ModelRegistry`` a pipeline. A move begins by writing itself
there as the one under way, which only one of several processes manages.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import json
import os
import socket
from pathlib import Path
from typing import Any

import ml_metadata
from ml_metadata.proto import metadata_store_pb2

from components.pusher.layout import push_token
from registry.store_access import Row, type_id

ARTIFACT_TYPE = "ModelRegistry"
# A move takes as long as copying a model. Whoever has not ended after this long is gone, where
# it cannot be seen whether the process runs.
_GONE_SECONDS = 600.0


def _place() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""


def _born(process: int) -> int:
    """When a process started, in ticks since the machine did; 0 where it does not run."""
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return 0
    fields = text.rpartition(")")[2].split()
    return 0 if fields[0] in "ZX" else int(fields[19])


@dataclasses.dataclass(frozen=True)
class Move:
    """A promotion, a rollback or a push.

    Attributes:
      action: ``promote``, ``rollback`` or ``push``.
      version: The version that becomes the champion; of a push the run.
      before: The champion before, empty where there was none.
      when: When it began, ISO 8601, UTC.
      who: Who asked for it.
      why: The reason.
      withdrawn: Versions that it withdrew.
      number: The number in the serving folder that it gave, 0 while it is under way.
      host: The machine that does it.
      process: The process that does it.
      place: The machine since it started, and the process's namespace; empty in old records.
      born: When the process started, so that a later one of its number is another.
    """

    action: str
    version: str
    before: str
    when: str
    who: str
    why: str = ""
    withdrawn: tuple[str, ...] = ()
    number: int = 0
    host: str = dataclasses.field(default_factory=socket.gethostname)
    process: int = dataclasses.field(default_factory=os.getpid)
    place: str = dataclasses.field(default_factory=_place)
    born: int = dataclasses.field(default_factory=lambda: _born(os.getpid()))

    @property
    def token(self) -> str:
        """Names its push, whichever process does it."""
        return push_token(self.action, self.version, self.when, self.who)

    def is_gone(self) -> bool:
        """Whether the process that does it has ended or must have ended."""
        if self.place and self.place == _place():
            return _born(self.process) != self.born
        began = datetime.datetime.fromisoformat(self.when)
        age = (datetime.datetime.now(datetime.timezone.utc) - began).total_seconds()
        if age > _GONE_SECONDS:
            return True
        return not self.place and self.host == socket.gethostname() and not _runs(self.process)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def registry_row(store: ml_metadata.MetadataStore, pipeline: str) -> Row:
    """The registry's artifact of a pipeline, which is made where it is missing.

    Args:
      store: The store, open for writing.
      pipeline: The pipeline's name.
    """
    row = store.get_artifact_by_type_and_name(ARTIFACT_TYPE, pipeline)
    if row is None:
        new = metadata_store_pb2.Artifact(
            type_id=type_id(store, ARTIFACT_TYPE),
            name=pipeline,
            state=metadata_store_pb2.Artifact.LIVE,
        )
        write_moves(new, None, ())
        # Another process may be faster.
        with contextlib.suppress(ml_metadata.errors.AlreadyExistsError):
            store.put_artifacts([new])
        row = store.get_artifact_by_type_and_name(ARTIFACT_TYPE, pipeline)
        assert row is not None, pipeline
    return row


def moves(store: ml_metadata.MetadataStore, pipeline: str) -> tuple[Move, ...]:
    """All moves that ended, oldest first.

    Args:
      store: The store.
      pipeline: The pipeline's name.
    """
    row = store.get_artifact_by_type_and_name(ARTIFACT_TYPE, pipeline)
    return () if row is None else ended(row)


def ended(row: Row) -> tuple[Move, ...]:
    """The moves of a registry's artifact that ended, oldest first."""
    return tuple(_move(item) for item in json.loads(row.custom_properties["moves"].string_value))


def under_way(row: Row) -> Move | None:
    """The move that a registry's artifact says is under way."""
    text = row.custom_properties["under_way"].string_value
    return move_from_json(text) if text else None


def move_from_json(text: str) -> Move:
    """Reads a move back."""
    return _move(json.loads(text))


def write_moves(row: Row, current: Move | None, done: tuple[Move, ...]) -> None:
    """Writes the moves into a registry's artifact.

    Args:
      row: Changed in place.
      current: The move under way.
      done: Those that ended.
    """
    text = json.dumps(dataclasses.asdict(current)) if current else ""
    row.custom_properties["under_way"].string_value = text
    row.custom_properties["moves"].string_value = json.dumps(
        [dataclasses.asdict(move) for move in done]
    )


def _move(values: dict[str, Any]) -> Move:
    names = {field.name for field in dataclasses.fields(Move)}
    known = {key: value for key, value in values.items() if key in names}
    known = {"place": "", "born": 0, **known}
    return Move(**{**known, "withdrawn": tuple(known.get("withdrawn", ()))})
