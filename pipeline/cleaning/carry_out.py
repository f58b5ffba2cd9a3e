"""Removing what a plan names, so that a kill at any moment leaves nothing that lies.

First the runs are noted as removed, then ML Metadata marks the artifacts as deleted (no
row ever goes), then the files go. Whoever is killed in between has left files that nobody
believes to be there; the next cleaning finds them.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import ml_metadata
from ml_metadata.proto import metadata_store_pb2

from core import locks
from core.errors import InfrastructureError
from core.files import shown_path
from metadata import run_file
from metadata.removed_runs import note_removed
from metadata.run_folder import RunFolder
from pipeline.cleaning.known_runs import known_runs
from pipeline.cleaning.plan import Plan, Rule, make_plan

_SHOWN = 5


def clean(
    root: RunFolder,
    store: ml_metadata.MetadataStore | None,
    rule: Rule,
    *,
    dry_run: bool = False,
) -> Plan:
    """Removes the runs that may go and all that only they need.

    A pipeline of which a run is under way is left alone, and none starts meanwhile.

    Args:
      root: The root.
      store: The metadata store, open for writing; None where nothing was recorded yet.
      rule: How much stays.
      dry_run: Whether to find out only.

    Returns:
      What went, or would go.

    Raises:
      InfrastructureError: If the disk refuses; what could go is gone.
    """
    with _alone(root, store, rule) as in_use:
        plan = make_plan(root, store, rule, in_use)
        if not dry_run:
            carry_out(root, store, plan)
    return plan


@contextlib.contextmanager
def _alone(
    root: RunFolder, store: ml_metadata.MetadataStore | None, rule: Rule
) -> Iterator[list[str]]:
    """Keeps runs from starting; yields the pipelines of which one is under way."""
    pipelines = {run.pipeline for run in known_runs(root, store).runs}
    with contextlib.ExitStack() as stack:
        yield [
            pipeline
            for pipeline in sorted(pipelines)
            if rule.pipeline in (None, pipeline)
            and not stack.enter_context(locks.held(root.use_lock(pipeline)))
        ]


def carry_out(root: RunFolder, store: ml_metadata.MetadataStore | None, plan: Plan) -> None:
    """Removes what a plan names.

    Args:
      root: The root.
      store: The metadata store, open for writing.
      plan: What goes.

    Raises:
      InfrastructureError: If the disk refuses; what could go is gone.
    """
    refused: list[str] = []
    try:
        if plan.runs:
            note_removed(root.runs, plan.runs, run_file.utc_now())
        if store is not None:
            _mark_deleted(store, [one for removal in plan.removals for one in removal.artifacts])
        for removal in plan.removals:
            refused += _remove(removal.path)
    except OSError as error:
        refused.append(str(error))
    if refused:
        raise InfrastructureError(
            f"not all could be removed from {shown_path(root.root)}",
            evidence=refused[:_SHOWN],
            hint="correct the permissions of what is named and clean again",
            code="not-removed",
        )


def _mark_deleted(store: ml_metadata.MetadataStore, artifacts: Iterable[int]) -> None:
    ids = sorted(set(artifacts))
    deleted = metadata_store_pb2.Artifact.DELETED
    rows = [row for row in (store.get_artifacts_by_id(ids) if ids else ()) if row.state != deleted]
    for row in rows:
        row.state = deleted
    if rows:
        store.put_artifacts(rows)


def _remove(path: Path) -> list[str]:
    """Removes a file or a folder, links in it as links; returns what was refused."""
    refused: list[str] = []

    def note(function: object, place: str, failure: tuple[object, BaseException, object]) -> None:
        if not isinstance(failure[1], FileNotFoundError):
            refused.append(str(failure[1]))

    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, onerror=note)
    else:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
    return refused
