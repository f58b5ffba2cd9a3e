"""What happens to data that a gate refused: they are quarantined, wherever the gate ran."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from core import errors

if TYPE_CHECKING:
    from tfx.proto.orchestration import pipeline_pb2

    from components.quarantine.entry import Entry

_GATE = "DataGate"


def set_aside(
    pipeline: pipeline_pb2.Pipeline, node: pipeline_pb2.PipelineNode, error: errors.MillraceError
) -> errors.MillraceError:
    """Quarantines the data that a node refused; leaves all other failures alone.

    Args:
      pipeline: The intermediate representation, run id substituted.
      node: The node that failed.
      error: Why.

    Returns:
      The error, which now also says where the data are recorded; or that they could not
      be, which is no reason to hide the refusal.
    """
    from components.quarantine.refusal import is_refusal, record_refusal
    from components.quarantine.report_files import own_evidence
    from metadata.pipeline_store import latest_execution, metadata_handle

    if node.node_info.id != _GATE or not is_refusal(error):
        return error
    artifacts = pipeline.runtime_spec.pipeline_root.field_value.string_value
    try:
        with metadata_handle(pipeline) as handle:
            execution = latest_execution(handle, node)
            if execution is None:
                raise LookupError("the gate has no execution")
            entry = record_refusal(
                handle.store,
                execution.id,
                error,
                gate=node.node_info.id,
                pipeline=pipeline.pipeline_info.id,
                run_id=pipeline.runtime_spec.pipeline_run_id.field_value.string_value,
                root=artifacts.rstrip("/").rpartition("/")[0],
            )
    except Exception as failure:
        logging.exception("the refused data could not be quarantined")
        said = (str(failure).strip().splitlines() or [type(failure).__name__])[0][:200]
        error.evidence = (*error.evidence, f"the data could not be quarantined: {said}")
        return error
    if entry.is_blocking:
        note = f"{entry.data.words}: {entry.status} as {entry.id}; later runs skip these data"
        note += f"; the whole report: {entry.report}" if entry.report else ""
    else:
        note = f"{entry.data.words}: recorded as {entry.id}; not skipped, having no fingerprint"
    evidence = own_evidence(error) if entry.report else error.evidence
    error.evidence = (*evidence, note)
    error.hint = with_commands(error.hint, entry)
    return error


def with_commands(given: str, entry: Entry) -> str:
    """The gate's hint with the commands that concern this entry of the quarantine."""
    command = "`millrace data quarantine"
    hint = given.replace(f"{command} list`", f"{command} show {entry.id}`")
    if hint == given:
        hint = "; ".join(filter(None, (given, f"{command} show {entry.id}` tells more")))
    if entry.status == "quarantined" and entry.is_blocking:
        hint += f"; {command} release {entry.id}` then lets runs take the data again"
    return hint
