"""What killed nodes left behind: executions marked as running, half-written outputs."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from metadata.records import NODE_CONTEXT, RUN_CONTEXT

if TYPE_CHECKING:
    import ml_metadata
    from ml_metadata.proto import metadata_store_pb2

# Where the launcher keeps an attempt's temporary files, below the node's folder.
_ATTEMPT = ".system/executor_execution"


def run_executions(
    store: ml_metadata.MetadataStore, run_id: str
) -> list[metadata_store_pb2.Execution]:
    """All executions of one run; none where the run never reached the store."""
    context = store.get_context_by_type_and_name(RUN_CONTEXT, run_id)
    return list(store.get_executions_by_context(context.id)) if context else []


def node_executions(
    store: ml_metadata.MetadataStore, run_id: str
) -> list[tuple[str, metadata_store_pb2.Execution]]:
    """All executions of one run, each with the id of its node."""
    found = []
    for execution in run_executions(store, run_id):
        for context in store.get_contexts_by_execution(execution.id):
            if context.type == NODE_CONTEXT:
                # TFX names it <pipeline>.<node>; a pipeline's name has no dot.
                found.append((context.name.partition(".")[2], execution))
    return found


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
    return {
        node: execution
        for node, execution in node_executions(store, run_id)
        if _has_finished(execution)
    }


def clear_leftovers(store: ml_metadata.MetadataStore, run_id: str, artifacts: str | Path) -> None:
    """Clears what the unfinished executions of a run left, so that they can run again.

    Outputs are removed, executions that say they run are cancelled; a node's stateful
    working folder, where a trainer keeps its checkpoints, stays.

    Args:
      store: The metadata store.
      run_id: The run, no node of which may be running any more.
      artifacts: The pipeline root, which may be a ``gs://`` address.
    """
    for node, execution in node_executions(store, run_id):
        if not _has_finished(execution):
            _remove_outputs(str(artifacts), node, execution.id)
    cancel_running(store, run_id)


def clear_node_leftovers(
    store: ml_metadata.MetadataStore, run_id: str, node_id: str, artifacts: str | Path
) -> int:
    """Clears what earlier attempts at one node left, so that it can run again.

    For an orchestrator that starts a failed or killed node anew in the same run. TFX's
    launcher then takes up the cancelled execution again, with the same id, so that a
    trainer finds the checkpoints of the attempt before.

    Args:
      store: The metadata store.
      run_id: The run; other nodes of it may be running.
      node_id: The node, of which no attempt may be running any more.
      artifacts: The pipeline root, which may be a ``gs://`` address.

    Returns:
      How many unfinished executions there were.
    """
    unfinished = [
        execution
        for node, execution in node_executions(store, run_id)
        if node == node_id and not _has_finished(execution)
    ]
    for execution in unfinished:
        _remove_outputs(str(artifacts), node_id, execution.id)
    _cancel(store, unfinished)
    return len(unfinished)


def cancel_running(store: ml_metadata.MetadataStore, run_id: str) -> None:
    """Marks the executions of a stopped run that were still running as cancelled.

    Args:
      store: The metadata store.
      run_id: The run, no node of which may be running any more.
    """
    _cancel(store, run_executions(store, run_id))


def _has_finished(execution: metadata_store_pb2.Execution) -> bool:
    return execution.last_known_state in (execution.COMPLETE, execution.CACHED)


def _cancel(
    store: ml_metadata.MetadataStore, executions: Iterable[metadata_store_pb2.Execution]
) -> None:
    running = [
        execution
        for execution in executions
        if execution.last_known_state in (execution.RUNNING, execution.NEW)
    ]
    for execution in running:
        execution.last_known_state = execution.CANCELED
    if running:
        store.put_executions(running)


def _remove_outputs(artifacts: str, node: str, execution_id: int) -> None:
    """Removes ``<node>/<output key>/<execution>`` and the attempt's temporary files."""
    patterns = (f"{node}/*/{execution_id}", f"{node}/{_ATTEMPT}/{execution_id}")
    if "://" not in artifacts:
        for pattern in patterns:
            for folder in Path(artifacts).glob(pattern):
                shutil.rmtree(folder, ignore_errors=True)
        return
    from tfx.dsl.io import fileio

    for pattern in patterns:
        for address in fileio.glob(f"{artifacts.rstrip('/')}/{pattern}"):
            fileio.rmtree(address)
