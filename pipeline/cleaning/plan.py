"""What a cleaning would remove, before anything is removed."""

from __future__ import annotations

import dataclasses
import datetime
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Literal

import ml_metadata
from ml_metadata.proto import metadata_store_pb2

from components.pusher import layout
from metadata.records import NODE_CONTEXT, RUN_CONTEXT
from metadata.removed_runs import removed_runs
from metadata.run_folder import RunFolder
from pipeline.cleaning.folders import (
    OutputFolder,
    output_folders,
    size,
    stateful_folders,
    subfolders,
)
from pipeline.cleaning.known_runs import KnownRun, folders_without_account, known_runs
from pipeline.cleaning.needs import needed_by_models, needed_next, used_by
from registry.registration import read_models

Kind = Literal["run", "artifact", "abandoned", "compiled"]
# TFX's name for where an execution keeps what it would go on from.
_STATEFUL_KEY = "__stateful_working_dir_index__"
# What nobody's lock tells of is left alone for so long.
_DAY = 24 * 3600.0


@dataclasses.dataclass(frozen=True)
class Rule:
    """How much stays.

    Attributes:
      keep: So many of the newest runs of each pipeline; None where their number is no reason.
      older_than: Runs go that started so long ago, and are beyond `keep`; None for any age.
      keep_models: Of how many versions beside champion and predecessor the stored model
        stays; None for all.
      pipeline: Only runs of this pipeline go; of all where it is None.
    """

    keep: int | None = None
    older_than: datetime.timedelta | None = None
    keep_models: int | None = None
    pipeline: str | None = None


@dataclasses.dataclass(frozen=True)
class Removal:
    """One file or folder that goes.

    Attributes:
      kind: What it is.
      path: Where it is.
      bytes: How much it holds.
      artifacts: The artifacts that lie in it.
    """

    kind: Kind
    path: Path
    bytes: int
    artifacts: tuple[int, ...] = ()


@dataclasses.dataclass(frozen=True)
class Plan:
    """What goes.

    Attributes:
      runs: The ids of the runs that go, the oldest first.
      kept: How many runs stay.
      in_use: Pipelines of which a run is under way: nothing of them goes.
      removals: What goes of the disk.
    """

    runs: tuple[str, ...] = ()
    kept: int = 0
    in_use: tuple[str, ...] = ()
    removals: tuple[Removal, ...] = ()

    @property
    def bytes(self) -> int:
        """How much is freed."""
        return sum(removal.bytes for removal in self.removals)

    def of(self, kind: Kind) -> list[Removal]:
        """What goes of one kind."""
        return [removal for removal in self.removals if removal.kind == kind]


def make_plan(
    root: RunFolder,
    store: ml_metadata.MetadataStore | None,
    rule: Rule,
    in_use: Collection[str] = (),
) -> Plan:
    """Finds what may go. Whoever holds the locks of the pipelines can carry it out.

    Args:
      root: The root.
      store: The metadata store; None where nothing was recorded yet.
      rule: How much stays.
      in_use: Pipelines of which a run is under way on this machine.
    """
    # Before the runs are read: whatever a run writes that starts now is not looked at.
    artifacts = root.root.absolute() / "artifacts"
    folders = list(output_folders(artifacts)) if store else []
    stateful = list(stateful_folders(artifacts)) if store else []
    known = known_runs(root, store)
    busy = {*in_use, *(run.pipeline for run in known.runs if run.under_way)}
    models = read_models(store) if store else {}
    champions = {m.champion.facts.run_id for m in models.values() if m.champion}
    going = _going(known.runs, rule, busy, champions)
    kept = [run for run in known.runs if run not in going]
    gone = {*(run.run_id for run in going), *removed_runs(root.runs)}
    pipelines = {run.pipeline for run in known.runs} - busy
    if rule.pipeline is not None:
        pipelines &= {rule.pipeline}
    removals: list[Removal] = []
    if store is not None:
        executions = [*known.others, *(e for run in kept for e in run.executions)]
        needed = used_by(store, executions) | needed_next(store)
        for one in models.values():
            own = rule.pipeline in (None, one.pipeline)
            needed |= needed_by_models(store, one, rule.keep_models if own else None)
        removals += _artifacts(store, folders, gone, needed, pipelines)
        removals += _stateful(store, stateful, executions)
    removals += _run_folders(root, gone)
    removals += _left_by_pushes(root, pipelines)
    removals += _compiled(root.root / "compiled", rule)
    return Plan(
        tuple(run.run_id for run in reversed(going)),
        len(kept),
        tuple(sorted(busy)),
        tuple(removals),
    )


def _going(
    runs: Iterable[KnownRun], rule: Rule, busy: Collection[str], champions: Collection[str]
) -> list[KnownRun]:
    """The runs that go, newest first."""
    now = datetime.datetime.now(datetime.timezone.utc)
    by_pipeline: dict[str, list[KnownRun]] = defaultdict(list)
    for run in runs:
        by_pipeline[run.pipeline].append(run)
    going = []
    for pipeline, own in by_pipeline.items():
        if pipeline in busy or rule.pipeline not in (None, pipeline):
            continue
        # Partial runs reuse the results of the last run that came to its end.
        last = next((run for run in own if run.finished), None)
        for position, run in enumerate(own):
            beyond = rule.keep is None or position >= rule.keep
            old = rule.older_than is None or now - run.started > rule.older_than
            if beyond and old and run is not last and run.run_id not in champions:
                going.append(run)
    return going


def _artifacts(
    store: ml_metadata.MetadataStore,
    folders: Iterable[OutputFolder],
    gone: Collection[str],
    needed: Collection[int],
    pipelines: Collection[str],
) -> list[Removal]:
    folders = list(folders)
    ids = sorted({folder.execution for folder in folders})
    known = (
        {row.id: _places(store, row.id) for row in store.get_executions_by_id(ids)} if ids else {}
    )
    outputs = _outputs(store, known)
    found = []
    for folder in folders:
        # Not known, or of another node: the folder is of another store.
        if not any(
            run in gone and node == folder.node and pipeline in pipelines
            for pipeline, node, run in known.get(folder.execution, ())
        ):
            continue
        inside = [
            row.id
            for row in outputs.get(folder.execution, ())
            if row.uri.rstrip("/").split("/")[-3:] == list(folder.path.parts[-3:])
        ]
        if any(artifact in needed for artifact in inside):
            continue
        kind: Kind = "artifact" if inside else "abandoned"
        found.append(Removal(kind, folder.path, size(folder.path), tuple(inside)))
    return found


def _places(store: ml_metadata.MetadataStore, execution: int) -> list[tuple[str, str, str]]:
    """The pipeline, the node and the run of an execution."""
    contexts = store.get_contexts_by_execution(execution)
    runs = [context.name for context in contexts if context.type == RUN_CONTEXT]
    nodes = [context.name.partition(".") for context in contexts if context.type == NODE_CONTEXT]
    return [(pipeline, node, run) for pipeline, _, node in nodes for run in runs]


def _outputs(
    store: ml_metadata.MetadataStore, executions: Iterable[int]
) -> Mapping[int, list[metadata_store_pb2.Artifact]]:
    ids = sorted(executions)
    events = store.get_events_by_execution_ids(ids) if ids else []
    rows = store.get_artifacts_by_id(sorted({event.artifact_id for event in events}))
    by_id = {row.id: row for row in rows}
    found: dict[int, list[metadata_store_pb2.Artifact]] = defaultdict(list)
    for event in events:
        found[event.execution_id].append(by_id[event.artifact_id])
    return found


def _stateful(
    store: ml_metadata.MetadataStore, folders: Iterable[Path], executions: Iterable[int]
) -> list[Removal]:
    """What killed attempts would have gone on from, of no run that is there."""
    ids = sorted(set(executions))
    kept = {
        row.custom_properties[_STATEFUL_KEY].string_value
        for row in (store.get_executions_by_id(ids) if ids else ())
        if _STATEFUL_KEY in row.custom_properties
    }
    return [
        Removal("abandoned", folder, size(folder))
        for folder in folders
        if folder.name not in kept and _is_old(folder)
    ]


def _run_folders(root: RunFolder, gone: Collection[str]) -> list[Removal]:
    found = [
        Removal("run", folder, size(folder))
        for folder in subfolders(root.runs)
        if folder.name in gone
    ]
    return found + [
        Removal("abandoned", folder, size(folder))
        for folder in folders_without_account(root)
        if folder.name not in gone
    ]


def _left_by_pushes(root: RunFolder, pipelines: Iterable[str]) -> list[Removal]:
    return [
        Removal("abandoned", folder, size(folder))
        for pipeline in sorted(pipelines)
        for folder in subfolders(root.root / "serving" / pipeline)
        if folder.name.startswith((layout.IN_PROGRESS, layout.REMOVED)) and _is_old(folder)
    ]


def _compiled(folder: Path, rule: Rule) -> list[Removal]:
    """Compiled pipelines: whoever needs one that went builds it again."""
    if folder.is_symlink():
        return []
    files = sorted(folder.glob("*.pb"), key=lambda path: path.lstat().st_mtime, reverse=True)
    limit = 0.0 if rule.older_than is None else rule.older_than.total_seconds()
    return [
        Removal("compiled", path, size(path))
        for position, path in enumerate(files)
        if (rule.keep is None or position >= rule.keep)
        and time.time() - path.lstat().st_mtime >= limit
    ]


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.lstat().st_mtime > _DAY
    except FileNotFoundError:
        return False
