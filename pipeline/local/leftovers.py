"""What killed nodes left behind: executions marked as running, half-written outputs."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.metadata.records import NODE_CONTEXT, RUN_CONTEXT

if TYPE_CHECKING:
    import ml_metadata
    from ml_metadata.proto import metadata_store_pb2


def run_executions(
    store: ml_metadata.MetadataStore, run_id: str
) -> list[metadata_store_pb2.Execution]:
    """All executions of one run; none where the run never reached the store."""
    context = store.get_context_by_type_and_name(RUN_CONTEXT, run_id)
    return list(store.get_executions_by_context(context.id)) if context else []


def finished_nodes(
    store: ml_metadata.MetadataStore, run_id: str
) -> dict[str, metadata_store_pb2.Execution]:
    """The nodes of a run that ended well, as the metadata store knows them.

    The store is asked and not the runner's account, which a kill may have kept from
    noting a node's end.

    Args:
      store: The metadata store.
      run_id: The run.

    Returns:
      The execution of each such node, by the node's id.
    """
    found = {}
    for execution in run_executions(store, run_id):
        if execution.last_known_state in (execution.COMPLETE, execution.CACHED):
            for context in store.get_contexts_by_execution(execution.id):
                if context.type == NODE_CONTEXT:
                    # TFX names it <pipeline>.<node>; a pipeline's name has no dot.
                    found[context.name.partition(".")[2]] = execution
    return found


def clear_leftovers(store: ml_metadata.MetadataStore, run_id: str, artifacts: Path) -> None:
    """Clears what the unfinished executions of a run left, so that they can run again.

    Outputs are removed, executions that say they run are cancelled; a node's stateful
    working folder, where a trainer keeps its checkpoints, stays.

    Args:
      store: The metadata store.
      run_id: The run, no node of which may be running any more.
      artifacts: The pipeline root.
    """
    for execution in run_executions(store, run_id):
        if execution.last_known_state not in (execution.COMPLETE, execution.CACHED):
            for folder in artifacts.glob(f"*/*/{execution.id}"):
                shutil.rmtree(folder, ignore_errors=True)
    cancel_running(store, run_id)


def cancel_running(store: ml_metadata.MetadataStore, run_id: str) -> None:
    """Marks the executions of a stopped run that were still running as cancelled.

    Args:
      store: The metadata store.
      run_id: The run, no node of which may be running any more.
    """
    running = [
        execution
        for execution in run_executions(store, run_id)
        if execution.last_known_state in (execution.RUNNING, execution.NEW)
    ]
    for execution in running:
        execution.last_known_state = execution.CANCELED
    if running:
        store.put_executions(running)
