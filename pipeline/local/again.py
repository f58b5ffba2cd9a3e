"""A run that evaluates the model of another one again, against the champion of now."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from core import files
from metadata import run_file
from metadata.run_file import NodeRecord, RunRecord
from metadata.run_folder import RunFiles, RunFolder
from pipeline.definition import BASELINE_RESOLVER
from pipeline.local.preparation import Preparation
from pipeline.local.runner import new_run_id


def is_overtaken(record: RunRecord) -> bool:
    """Whether a run ended because another model became the champion meanwhile."""
    if record.error is None:
        return False
    # Imported here, since a run that ended well needs nothing of ML Metadata for this.
    from registry.overtaken import CODE

    return record.error.code == CODE


def evaluated_again(preparation: Preparation, record: RunRecord) -> tuple[Preparation, RunRecord]:
    """Prepares a run that takes another's model and all that does not wait for the baseline.

    A run of its own, since an evaluation that has ended is not done again in its run.

    Args:
      preparation: Of the run that was overtaken.
      record: Its account.

    Returns:
      The new run's order and account; its folder is made.

    Raises:
      errors.InfrastructureError: If the folder cannot be made.
    """
    root = RunFolder(Path(preparation.root))
    before = RunFiles(Path(preparation.run_folder))
    shared = preparation.configuration["metadata"]["kind"] != "sqlite"
    own = root.run(new_run_id(record.pipeline, root, shared_store=shared))
    again = dataclasses.replace(
        preparation,
        run_id=own.folder.name,
        run_folder=str(own.folder),
        from_nodes=(BASELINE_RESOLVER,),
        base_run=record.run_id,
        as_found_by="",
        resumed=False,
    )
    shutil.copyfile(before.configuration, own.configuration)
    files.write_text(own.folder / "preparation.json", json.dumps(again.to_json(), indent=1))
    anew = _waiting_for(BASELINE_RESOLVER, record.nodes)
    nodes = tuple(
        NodeRecord(node.id, node.upstream)
        if node.id in anew
        else dataclasses.replace(node, state="cached" if node.state == "done" else node.state)
        for node in record.nodes
    )
    return again, RunRecord(
        run_id=own.folder.name,
        pipeline=record.pipeline,
        status="running",
        started=run_file.utc_now(),
        identity=record.identity,
        nodes=nodes,
    )


def _waiting_for(node_id: str, nodes: Iterable[NodeRecord]) -> set[str]:
    """A node and all that wait for it, directly or not."""
    nodes = tuple(nodes)
    found = {node_id}
    for _ in nodes:
        found |= {node.id for node in nodes if found & set(node.upstream)}
    return found
