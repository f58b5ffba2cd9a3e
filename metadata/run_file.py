"""The runner's own account of a run: `run.json` in the run's folder.

It is small and readable without TensorFlow, TFX or a metadata store, so that
listing runs is instant and a run that failed before its first node still has a
story. Artifacts, properties and lineage are ML Metadata's (`records.py`).
"""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, cast, get_args

from core.errors import InfrastructureError, MillraceError, error_from_json
from core.files import write_text
from core.locks import is_held

VERSION = 1
FILE_NAME = "run.json"
# Held by the process that carries out the run, which ends with it, however it ends.
LOCK_NAME = "lock"

RunStatus = Literal["running", "interrupted", "succeeded", "failed", "stopped", "not_blessed"]
NodeState = Literal["waiting", "running", "cached", "done", "failed", "skipped"]


def utc_now() -> str:
    """The time now as run files write it: ISO 8601, UTC, milliseconds."""
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")


@dataclasses.dataclass(frozen=True)
class NodeRecord:
    """One node of a run.

    Attributes:
      id: The node's id, such as ``StatisticsGen``.
      upstream: Ids of the nodes whose end it waits for.
      state: Where it stands.
      started: ISO 8601 UTC time of its start, None where it did not start.
      seconds: Wall time from start to end in seconds, None until it ended.
      result: A few words for people, such as ``10,012 / 4,990 rows``.
    """

    id: str
    upstream: tuple[str, ...] = ()
    state: NodeState = "waiting"
    started: str | None = None
    seconds: float | None = None
    result: str = ""


@dataclasses.dataclass(frozen=True)
class ErrorRecord:
    """What ended a run early, in the words of `core.errors`.

    Attributes:
      kind: Name of the error class, such as ``DataError``.
      headline: One line that says what is wrong.
      evidence: The facts behind it.
      hint: The next step.
      code: The short stable name.
      node: The node that failed, None where the failure was not a node's.
    """

    kind: str
    headline: str
    evidence: tuple[str, ...] = ()
    hint: str = ""
    code: str = "internal"
    node: str | None = None

    @classmethod
    def of(cls, error: MillraceError, node: str | None = None) -> ErrorRecord:
        """Takes the record from an error."""
        return cls(
            kind=type(error).__name__,
            headline=error.headline,
            evidence=error.evidence,
            hint=error.hint,
            code=error.code,
            node=node,
        )

    def to_error(self) -> MillraceError:
        """Gives the error back, with the class that decides the exit code."""
        return error_from_json(json.dumps(dataclasses.asdict(self)))


@dataclasses.dataclass(frozen=True)
class Identity:
    """Digests that tell whether a run would repeat another one.

    Attributes:
      data: Of the input files.
      configuration: Of the resolved configuration.
      code: Of Millrace's and the project's code.
    """

    data: str = ""
    configuration: str = ""
    code: str = ""


@dataclasses.dataclass(frozen=True)
class RunRecord:
    """One run, as `run.json` holds it.

    Attributes:
      run_id: The id; also the name of the run's folder and of its
        `pipeline_run` context in ML Metadata.
      pipeline: The pipeline's name.
      status: How the run stands.
      started: ISO 8601 UTC time.
      finished: ISO 8601 UTC time, None while it runs.
      error: What ended it early, None otherwise.
      identity: What it ran on.
      nodes: All nodes in the order of the pipeline.
    """

    run_id: str
    pipeline: str
    status: RunStatus
    started: str
    finished: str | None = None
    error: ErrorRecord | None = None
    identity: Identity = Identity()
    nodes: tuple[NodeRecord, ...] = ()

    @property
    def seconds(self) -> float | None:
        """Wall time from start to end in seconds, None while the run goes on."""
        if self.finished is None:
            return None
        start = datetime.datetime.fromisoformat(self.started)
        return (datetime.datetime.fromisoformat(self.finished) - start).total_seconds()

    def node(self, node_id: str) -> NodeRecord | None:
        """The node of that id, None where the run has no such node."""
        return next((node for node in self.nodes if node.id == node_id), None)

    def with_node(self, node: NodeRecord) -> RunRecord:
        """A copy in which `node` takes the place of the node with its id."""
        nodes = tuple(node if known.id == node.id else known for known in self.nodes)
        return dataclasses.replace(self, nodes=nodes)


def write(run_folder: Path, record: RunRecord) -> Path:
    """Writes `run.json` whole or not at all.

    Args:
      run_folder: The folder of this run, ``<root>/runs/<run_id>``.
      record: What to write.

    Returns:
      The file's path.

    Raises:
      OSError: If the disk refuses.
    """
    path = run_folder / FILE_NAME
    document = {"version": VERSION, **dataclasses.asdict(record)}
    write_text(path, json.dumps(document, indent=1) + "\n")
    return path


def read(run_folder: Path) -> RunRecord:
    """Reads a run's account.

    One that says ``running`` while nobody carries the run out any more, because its process
    was killed, is read as ``interrupted``.

    Keys that this version does not know are passed over, so that a newer version may add
    some without a new format.

    Args:
      run_folder: The folder of the run.

    Raises:
      InfrastructureError: If the file is missing, broken or of a newer format.
    """
    path = run_folder / FILE_NAME
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        version = document["version"]
        if not isinstance(version, int) or version < 1:
            raise ValueError(f"version is {version!r}")
        if version <= VERSION:
            return _as_it_stands(run_folder, _record(document))
    except FileNotFoundError as error:
        raise InfrastructureError(
            f"No account of the run at {run_folder}",
            evidence=[f"{path} does not exist"],
            hint="the run was deleted, or never started",
            code="run-file-missing",
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InfrastructureError(
            f"The account of the run at {run_folder} cannot be read",
            evidence=[f"{path}: {type(error).__name__}: {error}"],
            hint="move the folder away; other runs are not affected",
            code="run-file-broken",
        ) from error
    raise InfrastructureError(
        f"The run at {run_folder} was written by a newer version of Millrace",
        evidence=[f"{path} has format {version}, this version reads up to {VERSION}"],
        hint="use the version that made the run, or a newer one",
        code="run-file-newer",
    )


def _as_it_stands(run_folder: Path, record: RunRecord) -> RunRecord:
    if record.status != "running" or is_held(run_folder / LOCK_NAME):
        return record
    nodes = tuple(
        dataclasses.replace(node, state="waiting", result="interrupted")
        if node.state == "running"
        else node
        for node in record.nodes
    )
    return dataclasses.replace(record, status="interrupted", nodes=nodes)


def _record(document: Mapping[str, Any]) -> RunRecord:
    error = document.get("error")
    identity = document.get("identity") or {}
    return RunRecord(
        run_id=_text(document["run_id"]),
        pipeline=_text(document["pipeline"]),
        status=cast(RunStatus, _one_of(document["status"], get_args(RunStatus))),
        started=_time(document["started"]),
        finished=None if document.get("finished") is None else _time(document["finished"]),
        error=_error(error) if error else None,
        identity=Identity(
            data=_text(identity.get("data", "")),
            configuration=_text(identity.get("configuration", "")),
            code=_text(identity.get("code", "")),
        ),
        nodes=tuple(_node(node) for node in document.get("nodes", ())),
    )


def _error(document: Mapping[str, Any]) -> ErrorRecord:
    node = document.get("node")
    return ErrorRecord(
        kind=_text(document["kind"]),
        headline=_text(document["headline"]),
        evidence=tuple(_text(line) for line in document.get("evidence", ())),
        hint=_text(document.get("hint", "")),
        code=_text(document.get("code", "internal")),
        node=None if node is None else _text(node),
    )


def _node(document: Mapping[str, Any]) -> NodeRecord:
    seconds = document.get("seconds")
    started = document.get("started")
    return NodeRecord(
        id=_text(document["id"]),
        upstream=tuple(_text(name) for name in document.get("upstream", ())),
        state=cast(NodeState, _one_of(document.get("state", "waiting"), get_args(NodeState))),
        started=None if started is None else _time(started),
        seconds=None if seconds is None else float(seconds),
        result=_text(document.get("result", "")),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected text, got {value!r}")
    return value


def _time(value: object) -> str:
    text = _text(value)
    if datetime.datetime.fromisoformat(text).tzinfo is None:
        raise ValueError(f"time {text!r} has no time zone")
    return text


def _one_of(value: object, allowed: Iterable[str]) -> str:
    if value not in tuple(allowed):
        raise ValueError(f"{value!r} is not one of {', '.join(allowed)}")
    return str(value)
