"""An entry as the custom properties of an artifact, and back."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, cast, get_args

from ml_metadata.proto import metadata_store_pb2

from components.quarantine.entry import Change, DataIdentity, Entry, Status

ARTIFACT_TYPE = "QuarantinedData"
# As on Examples, so that the same readers understand both.
_ROWS = "rows_"


def write_entry(entry: Entry, artifact: metadata_store_pb2.Artifact) -> None:
    """Writes an entry into an artifact's custom properties.

    Args:
      entry: The entry.
      artifact: Changed in place; its name and type stay.
    """
    data = entry.data
    artifact.uri = entry.report
    texts = {
        "pipeline": data.pipeline,
        "input_base": data.input_base,
        "pattern": json.dumps(dict(data.patterns), sort_keys=True),
        "input_fingerprint": data.fingerprint,
        "reason": entry.reason,
        "evidence": json.dumps(entry.evidence),
        "code": entry.code,
        "report": entry.report,
        "status": entry.status,
        "history": json.dumps([dataclasses.asdict(change) for change in entry.history]),
        # Beside the history for whoever reads the store with other programs.
        "who": entry.last.who if entry.last else "",
        "when": entry.last.when if entry.last else "",
    }
    numbers = {"span": data.span, **{_ROWS + split: n for split, n in entry.rows.items()}}
    if data.version is not None:
        numbers["version"] = data.version
    properties = artifact.custom_properties
    for name, text in texts.items():
        properties[name].string_value = text
    for name, number in numbers.items():
        properties[name].int_value = number


def entry_from_artifact(artifact: metadata_store_pb2.Artifact) -> Entry:
    """Reads an entry back.

    Args:
      artifact: An artifact of the type `ARTIFACT_TYPE`.
    """
    values = artifact.custom_properties
    return Entry(
        data=DataIdentity(
            pipeline=_text(values, "pipeline"),
            input_base=_text(values, "input_base"),
            patterns=dict(_json(values, "pattern", {})),
            span=values["span"].int_value if "span" in values else 0,
            version=values["version"].int_value if "version" in values else None,
            fingerprint=_text(values, "input_fingerprint"),
        ),
        rows=rows_of(values),
        reason=_text(values, "reason"),
        evidence=tuple(_json(values, "evidence", [])),
        code=_text(values, "code"),
        report=_text(values, "report"),
        status=_status(_text(values, "status")),
        history=tuple(Change(**change) for change in _json(values, "history", [])),
    )


def rows_of(values: Mapping[str, metadata_store_pb2.Value]) -> dict[str, int]:
    """Rows by split from custom properties, train first.

    Args:
      values: Those of an Examples artifact or of an entry's.
    """
    names = [name for name in values if name.startswith(_ROWS)]
    order = sorted(names, key=lambda name: (name != _ROWS + "train", name))
    return {name.removeprefix(_ROWS): int(values[name].int_value) for name in order}


def _text(values: Mapping[str, metadata_store_pb2.Value], name: str) -> str:
    return str(values[name].string_value) if name in values else ""


def _json(values: Mapping[str, metadata_store_pb2.Value], name: str, default: Any) -> Any:
    text = _text(values, name)
    return json.loads(text) if text else default


def _status(text: str) -> Status:
    # One that this version does not know is taken for the careful one.
    return cast(Status, text) if text in get_args(Status) else "quarantined"
