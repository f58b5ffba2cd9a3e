"""Runs one node of a compiled pipeline through TFX's portable launcher.

The local runner calls this in a forked child, a cluster in a container: driver,
executor, publisher, cache and lineage are TFX's own, so a node behaves the same
wherever it runs.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import traceback
from typing import TYPE_CHECKING, Any, Literal

from core import errors, os_errors
from pipeline.definition import ALL_STANDARD, PUSHER, check_node_id
from pipeline.extensions.failures import own_failure

if TYPE_CHECKING:
    from ml_metadata.proto import metadata_store_pb2
    from tfx.proto.orchestration import pipeline_pb2


# The custom property in which TFX keeps what an execution that failed had to say.
EXECUTION_RESULT = "__execution_result__"

LaunchState = Literal["done", "cached", "failed", "skipped"]


@dataclasses.dataclass(frozen=True)
class NodeOutcome:
    """How a node ended.

    Attributes:
      state: ``done``, ``cached``, ``failed`` or ``skipped`` (an input that it
        needs does not exist).
      result: A few words for people.
      blessed: False if an evaluation refused the model, True if it
        blessed it, None where the node says nothing of that kind.
      error: Why it failed.
    """

    state: LaunchState
    result: str = ""
    blessed: bool | None = None
    error: errors.MillraceError | None = None


def find_node(pipeline: pipeline_pb2.Pipeline, node_id: str) -> pipeline_pb2.PipelineNode:
    """The node of that id.

    Raises:
      errors.UserError: If the pipeline has no such node.
    """
    known = {node.pipeline_node.node_info.id: node.pipeline_node for node in pipeline.nodes}
    check_node_id(node_id, tuple(known))
    return known[node_id]


def launch_node(pipeline: pipeline_pb2.Pipeline, node_id: str) -> NodeOutcome:
    """Runs one node and says how it ended; raises nothing that a node can cause.

    Args:
      pipeline: The intermediate representation, run id substituted.
      node_id: The node.

    Returns:
      The outcome. A failure carries the error, explained as far as it can be.

    Raises:
      errors.UserError: If the pipeline has no such node.
    """
    from tfx.orchestration.local import runner_utils
    from tfx.orchestration.portable import launcher

    from core.beam_workers import import_as_here
    from metadata.pipeline_store import connection_config, latest_execution, metadata_handle
    from metadata.store import open_store
    from pipeline.extensions.outputs import note_data
    from pipeline.nodes.refused_data import set_aside
    from pipeline.nodes.results import describe_outputs
    from registry.pushing_turn import push_in_turn

    node = find_node(pipeline, node_id)
    deployment = runner_utils.extract_local_deployment_config(pipeline)
    try:
        store = metadata_handle(pipeline)
        executor = runner_utils.extract_executor_spec(deployment, node_id)
        if any("multi_processing" in word for word in getattr(executor, "beam_pipeline_args", ())):
            import_as_here()
        launch = launcher.Launcher(
            pipeline_node=node,
            mlmd_connection=store,
            pipeline_info=pipeline.pipeline_info,
            pipeline_runtime_spec=pipeline.runtime_spec,
            executor_spec=executor,
            custom_driver_spec=runner_utils.extract_custom_driver_spec(deployment, node_id),
        ).launch
        if node_id == PUSHER:
            run_id = pipeline.runtime_spec.pipeline_run_id.field_value.string_value
            registry = open_store(connection_config(pipeline))
            push_in_turn(registry, pipeline.pipeline_info.id, run_id, launch)
        else:
            with _reads_watched(pipeline, node_id, executor):
                launch()
        with store as handle:
            execution = latest_execution(handle, node)
            if execution is None:
                return NodeOutcome("skipped", "an input that it needs does not exist")
            if execution.last_known_state == execution.FAILED:
                return NodeOutcome("failed", error=_unresolved(execution, node_id))
            cached = execution.last_known_state == execution.CACHED
            if node_id not in ALL_STANDARD and not cached:
                note_data(handle.store, execution.id)
            description = describe_outputs(handle.store, node_id, execution.id)
    except Exception as error:
        logging.exception("%s failed", node_id)
        return NodeOutcome("failed", error=set_aside(pipeline, node, explain(error, node_id)))
    return NodeOutcome("cached" if cached else "done", description.words, description.blessed)


def _reads_watched(
    pipeline: pipeline_pb2.Pipeline, node_id: str, executor: Any
) -> contextlib.AbstractContextManager[None]:
    """Keeps own code from reading what an edit would not be noticed of."""
    from components.execution_flags import parse_execution_flags
    from pipeline.extensions.undeclared_reads import undeclared_reads_refused

    # That of a node on Beam holds one of Python's; a resolver has none.
    python = getattr(executor, "python_executor_spec", executor)
    flags = parse_execution_flags(getattr(python, "extra_flags", None))
    apart = pipeline.runtime_spec.pipeline_root.field_value.string_value
    return undeclared_reads_refused(node_id, flags.modules, flags.files, apart=apart)


def _unresolved(execution: metadata_store_pb2.Execution, node_id: str) -> errors.MillraceError:
    evidence: list[str] = []
    if EXECUTION_RESULT in execution.custom_properties:
        result = json.loads(execution.custom_properties[EXECUTION_RESULT].string_value)
        evidence = str(result.get("resultMessage", "")).strip().splitlines()[-1:]
    return errors.InternalError(
        f"the inputs of {node_id} could not be resolved",
        evidence=evidence,
        hint="the log has the whole traceback",
        code="unresolved-inputs",
    )


def explain(error: BaseException, node_id: str) -> errors.MillraceError:
    """The error as one that a person can read.

    Errors of ours pass through, also where a library wrapped them; what the operating
    system refuses is named as such; a failure of the project's own code is told by
    its line; the rest becomes an internal error with the innermost message.
    """
    refused = os_errors.explained(error)
    # A file that the project's own code looks for is that code's matter.
    missing = refused is not None and refused.code in ("file-gone", "permission-denied")
    if refused is not None and not missing:
        if refused.code == "out-of-memory":
            refused.hint = "lower beam.in_memory_bytes or the batch size, or use a larger machine"
        return refused
    if _is_of_store(error):
        return errors.InfrastructureError(
            f"the metadata store failed while {node_id} was running",
            evidence=[(str(error).strip().splitlines() or [""])[0][:300]],
            hint="check the store's server; then type `millrace resume`",
            code="metadata-lost",
        )
    own = own_failure(error, node_id)
    if own is not None:
        return own
    if refused is not None:
        return refused
    lines = str(error).strip().splitlines() or [""]
    frames = traceback.extract_tb(error.__traceback__)
    place = f"at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return errors.InternalError(
        f"{node_id} failed: {type(error).__name__}: {lines[0][:300]}",
        evidence=[line[:300] for line in (*lines[1:4], place) if line],
        hint="the log has the whole traceback",
        code="component-failed",
    )


def _is_of_store(error: BaseException) -> bool:
    """Whether ML Metadata raised an error that its server caused, not a request."""
    import ml_metadata

    kinds = ml_metadata.errors
    lost = (
        kinds.AbortedError,
        kinds.CancelledError,
        kinds.DeadlineExceededError,
        kinds.InternalError,
        kinds.UnavailableError,
        kinds.UnknownError,
    )
    # TFX wraps what a failed connection says.
    return isinstance(error, lost) or "connection to Metadata storage" in str(error)
