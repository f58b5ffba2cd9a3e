"""From a gate that refused to an entry of the quarantine."""

from __future__ import annotations

import json
import logging
from typing import Any

import ml_metadata
from ml_metadata.proto import metadata_store_pb2

from components.example_source import reading_execution
from components.quarantine import records
from components.quarantine.artifacts import rows_of
from components.quarantine.entry import Change, DataIdentity, Entry
from components.quarantine.report_files import (
    own_evidence,
    report_contents,
    report_folder,
    write_report,
)
from core.errors import DataError, MillraceError

_EXAMPLES = "examples"
# A store is no place for a long list; the whole one is in the report's files.
_KEPT_EVIDENCE = 20
_Event = metadata_store_pb2.Event
_INPUTS = (_Event.INPUT, _Event.DECLARED_INPUT)


def is_refusal(error: MillraceError) -> bool:
    """Whether an error of a gate says that the data are bad, not that the gate broke."""
    return isinstance(error, DataError) and error.code.startswith("data-")


def record_refusal(
    store: ml_metadata.MetadataStore,
    execution_id: int,
    error: MillraceError,
    *,
    gate: str,
    pipeline: str,
    run_id: str,
    root: str,
) -> Entry:
    """Quarantines the data that an execution of a gate refused.

    Args:
      store: The metadata store.
      execution_id: The gate's execution; its input `examples` are the data.
      error: The refusal.
      gate: The gate's node id.
      pipeline: The pipeline's name.
      run_id: The run.
      root: Where the files of the quarantine go, a path or an address.

    Returns:
      The entry.

    Raises:
      LookupError: If the store does not know which data the execution read.
    """
    examples, data = refused_data(store, execution_id, pipeline)
    folder = report_folder(root, data.id)
    try:
        write_report(folder, report_contents(error))
    except Exception:
        logging.exception("the report of the refused data could not be written to %s", folder)
        folder = ""
    refusal = Change("refused", gate, records.utc_now(), error.headline, run_id)
    entry = Entry(
        data=data,
        rows=rows_of(examples.custom_properties),
        reason=error.headline,
        evidence=own_evidence(error)[:_KEPT_EVIDENCE],
        code=error.code,
        report=folder,
        history=(refusal,),
    )
    kept = records.quarantine(store, entry)
    records.attribute(store, kept.id, run_id)
    return kept


def refused_data(
    store: ml_metadata.MetadataStore, execution_id: int, pipeline: str
) -> tuple[metadata_store_pb2.Artifact, DataIdentity]:
    """The data that an execution of a gate read.

    Args:
      store: The metadata store.
      execution_id: The gate's execution.
      pipeline: The pipeline's name.

    Returns:
      The Examples artifact, and the identity of the files that it was made from.

    Raises:
      LookupError: If the store does not know them.
    """
    for event in store.get_events_by_execution_ids([execution_id]):
        if event.type in _INPUTS and _key(event) == _EXAMPLES:
            [examples] = store.get_artifacts_by_id([event.artifact_id])
            return examples, _identity(store, examples, pipeline)
    raise LookupError(f"execution {execution_id} read no examples")


def _identity(
    store: ml_metadata.MetadataStore, examples: metadata_store_pb2.Artifact, pipeline: str
) -> DataIdentity:
    values = examples.custom_properties
    reading = reading_execution(store, examples.id)
    if reading is None:
        raise LookupError(f"no execution made artifact {examples.id}")
    made = reading.custom_properties
    text = made["input_config"].string_value if "input_config" in made else ""
    splits = json.loads(text).get("splits", []) if text else []
    return DataIdentity(
        pipeline=pipeline,
        input_base=made["input_base"].string_value if "input_base" in made else "",
        patterns={split["name"]: split["pattern"] for split in splits},
        span=values["span"].int_value if "span" in values else 0,
        version=values["version"].int_value if "version" in values else None,
        fingerprint=_fingerprint(values),
    )


def _fingerprint(values: Any) -> str:
    name = "input_fingerprint"
    return str(values[name].string_value) if name in values else ""


def _key(event: metadata_store_pb2.Event) -> str:
    return next((step.key for step in event.path.steps if step.WhichOneof("value") == "key"), "")
