"""The runs that a root knows: those with a folder, and a cluster's, which have none."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
from collections.abc import Iterator
from pathlib import Path

import ml_metadata
from ml_metadata.proto import metadata_store_pb2

from core.errors import InfrastructureError
from metadata import run_file
from metadata.records import NODE_CONTEXT, RUN_CONTEXT
from metadata.removed_runs import removed_runs
from metadata.run_folder import RunFolder

# A task of a cluster that says it runs, and has said nothing else for so long, was killed.
_SILENCE = datetime.timedelta(days=1)
_ENDED = ("succeeded", "not_blessed")


@dataclasses.dataclass(frozen=True)
class KnownRun:
    """One run.

    Attributes:
      run_id: Its id.
      pipeline: The pipeline's name.
      started: When it started.
      finished: Whether it came to its end, blessed or not.
      executions: The ids of its executions in the store.
      under_way: Whether a task of it says that it runs; a run on this machine says so by
        the lock of its pipeline instead.
    """

    run_id: str
    pipeline: str
    started: datetime.datetime
    finished: bool
    executions: tuple[int, ...] = ()
    under_way: bool = False


@dataclasses.dataclass(frozen=True)
class KnownRuns:
    """All runs.

    Attributes:
      runs: Those that may be judged, newest first.
      others: Executions of runs that are not this root's, or whose account cannot be read:
        what they use stays.
    """

    runs: tuple[KnownRun, ...]
    others: tuple[int, ...] = ()


def known_runs(root: RunFolder, store: ml_metadata.MetadataStore | None) -> KnownRuns:
    """Reads all runs but those that were removed.

    Args:
      root: The folder of all runs.
      store: The metadata store; None where nothing was recorded yet.
    """
    removed = removed_runs(root.runs)
    contexts = {row.name: row for row in (store.get_contexts_by_type(RUN_CONTEXT) if store else ())}
    found: list[KnownRun] = []
    others: list[int] = []
    for run_id in dict.fromkeys([*root.run_ids(), *contexts]):
        if run_id in removed:
            continue
        context = contexts.get(run_id)
        rows = store.get_executions_by_context(context.id) if store and context else []
        run = _with_account(root, run_id, rows)
        if run is None and store and context and not root.run(run_id).account.exists():
            run = _of_cluster(root, store, context, rows)
        if run is None:
            others += [row.id for row in rows]
        else:
            found.append(run)
    return KnownRuns(tuple(sorted(found, key=lambda run: run.started, reverse=True)), tuple(others))


def _with_account(
    root: RunFolder, run_id: str, rows: list[metadata_store_pb2.Execution]
) -> KnownRun | None:
    try:
        record = run_file.read(root.run(run_id).folder)
    except InfrastructureError:
        return None
    return KnownRun(
        run_id,
        record.pipeline,
        datetime.datetime.fromisoformat(record.started),
        record.status in _ENDED,
        tuple(row.id for row in rows),
    )


def _of_cluster(
    root: RunFolder,
    store: ml_metadata.MetadataStore,
    context: metadata_store_pb2.Context,
    rows: list[metadata_store_pb2.Execution],
) -> KnownRun | None:
    """A run without an account here; None where it wrote to another root."""
    uris = [row.uri.removeprefix("file://") for row in store.get_artifacts_by_context(context.id)]
    place = f"{root.root.absolute()}/"
    if not any(uri.startswith(place) for uri in uris):
        return None
    nodes = [c.name for row in rows[:1] for c in store.get_contexts_by_execution(row.id)
             if c.type == NODE_CONTEXT]  # fmt: skip
    ended = (metadata_store_pb2.Execution.COMPLETE, metadata_store_pb2.Execution.CACHED)
    going = (metadata_store_pb2.Execution.RUNNING, metadata_store_pb2.Execution.NEW)
    heard = _time(max((row.last_update_time_since_epoch for row in rows), default=0))
    return KnownRun(
        context.name,
        nodes[0].partition(".")[0] if nodes else "",
        _time(context.create_time_since_epoch),
        all(row.last_known_state in ended for row in rows),
        tuple(row.id for row in rows),
        under_way=any(row.last_known_state in going for row in rows)
        and datetime.datetime.now(datetime.timezone.utc) - heard < _SILENCE,
    )


def _time(milliseconds: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc)


def folders_without_account(root: RunFolder) -> Iterator[Path]:
    """Run folders that a killed start left, before there was an account, a day ago or more."""
    if not root.runs.is_dir():
        return
    now = datetime.datetime.now().timestamp()  # noqa: DTZ005 - compared with the disk's clock
    for folder in sorted(root.runs.iterdir()):
        with contextlib.suppress(FileNotFoundError):
            old = now - folder.lstat().st_mtime > _SILENCE.total_seconds()
            is_folder = folder.is_dir() and not folder.is_symlink()
            if is_folder and old and not (folder / run_file.FILE_NAME).exists():
                yield folder
