"""One run as ML Metadata recorded it: executions, artifacts, properties.

TFX's contexts are used as they are: the type ``pipeline_run`` (its name is the
run id) gathers a run's executions, the type ``node`` names the node of each
(``<pipeline>.<node id>``).
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import ml_metadata
from google.protobuf import json_format
from ml_metadata.proto import metadata_store_pb2

from core.errors import InfrastructureError
from metadata.store import STORE_ERRORS

# int, float, bool, text, or what TFX packed into a struct (lists, dicts, None).
PropertyValue: TypeAlias = int | float | bool | str | list[Any] | dict[str, Any] | None

RUN_CONTEXT = "pipeline_run"
NODE_CONTEXT = "node"
# TFX wraps a JSON value that is not an object under this key of a struct.
_STRUCT_VALUE = "__value__"
_INPUTS = (metadata_store_pb2.Event.INPUT, metadata_store_pb2.Event.DECLARED_INPUT)
OUTPUT_EVENTS = (metadata_store_pb2.Event.OUTPUT, metadata_store_pb2.Event.DECLARED_OUTPUT)
# Resolvers pass on what they found as internal outputs: they did not make it.
FOUND_EVENTS = (metadata_store_pb2.Event.INTERNAL_OUTPUT,)


@dataclasses.dataclass(frozen=True)
class Artifact:
    """One artifact.

    Attributes:
      id: Its id in the store.
      type: Its type's name, such as ``Examples``.
      uri: Where its files are.
      state: ``LIVE``, ``PENDING`` and so on.
      properties: Properties of the type.
      custom_properties: All others.
      created: When it was recorded, UTC.
    """

    id: int
    type: str
    uri: str
    state: str
    properties: Mapping[str, PropertyValue]
    custom_properties: Mapping[str, PropertyValue]
    created: datetime.datetime

    def value(self, key: str) -> PropertyValue:
        """The property or custom property of that name, None where there is none."""
        return self.properties.get(key, self.custom_properties.get(key))


@dataclasses.dataclass(frozen=True)
class Execution:
    """One execution of a node.

    Attributes:
      id: Its id in the store.
      node: The node's id.
      type: The component's class name, with its module.
      run_id: The run that it belongs to, empty where unknown.
      state: ``RUNNING``, ``COMPLETE``, ``CACHED``, ``FAILED``, ``CANCELED``, ``NEW``.
      properties: Execution properties of the component (TFX stores them all here).
      inputs: Input artifacts by key, in their order.
      outputs: Output artifacts by key; for a resolver, what it found.
      created: When it began, UTC.
      updated: When it last changed; for one that ended, its end.
    """

    id: int
    node: str
    type: str
    run_id: str
    state: str
    properties: Mapping[str, PropertyValue]
    inputs: Mapping[str, tuple[Artifact, ...]]
    outputs: Mapping[str, tuple[Artifact, ...]]
    created: datetime.datetime
    updated: datetime.datetime


@dataclasses.dataclass(frozen=True)
class RecordedRun:
    """All that the store knows of one run.

    Attributes:
      run_id: The run's id.
      executions: Its executions, oldest first.
    """

    run_id: str
    executions: tuple[Execution, ...] = ()

    def execution(self, node: str) -> Execution | None:
        """The node's last execution that succeeded, else its last one, else None."""
        own = [execution for execution in self.executions if execution.node == node]
        good = [execution for execution in own if execution.state in ("COMPLETE", "CACHED")]
        best = good or own
        return best[-1] if best else None

    def output(self, key: str, type_name: str | None = None) -> Artifact | None:
        """The newest artifact that a node of this run put out under a key.

        Args:
          key: TFX's output key, such as ``statistics`` or ``model``.
          type_name: The artifact's type, where nodes of different kinds use the key.

        Returns:
          A live artifact before an abandoned one (a failed node's); None where
          there is none. What a resolver found in older runs does not count.
        """
        found = [
            artifact
            for execution in self.executions
            if not execution.type.endswith("Resolver")
            for artifact in execution.outputs.get(key, ())
            if type_name in (None, artifact.type)
        ]
        live = [artifact for artifact in found if artifact.state in ("LIVE", "UNKNOWN")]
        best = live or found
        return best[-1] if best else None


def read_run(store: ml_metadata.MetadataStore, run_id: str) -> RecordedRun:
    """Reads a run; one that recorded nothing yet is empty.

    Args:
      store: The store.
      run_id: The name of the run's ``pipeline_run`` context.

    Raises:
      InfrastructureError: If the store stops answering.
    """
    try:
        context = store.get_context_by_type_and_name(RUN_CONTEXT, run_id)
        if context is None:
            return RecordedRun(run_id)
        executions = store.get_executions_by_context(context.id)
        return RecordedRun(run_id, tuple(Reader(store).executions(executions)))
    except STORE_ERRORS as error:
        raise InfrastructureError(
            f"The metadata of run {run_id} cannot be read",
            evidence=[str(error).splitlines()[0][:200]],
            hint="try again; if another run is writing, it will finish its transaction soon",
            code="metadata-read",
        ) from error


class Reader:
    """Turns rows of a store into records, asking for each type name once."""

    def __init__(self, store: ml_metadata.MetadataStore) -> None:
        self._store = store

    def executions(self, rows: Iterable[metadata_store_pb2.Execution]) -> list[Execution]:
        """Reads executions with their artifacts, oldest first."""
        rows = sorted(rows, key=lambda row: row.id)
        events = self._store.get_events_by_execution_ids([row.id for row in rows]) if rows else []
        artifacts = self.artifacts({event.artifact_id for event in events})
        by_execution: dict[int, list[metadata_store_pb2.Event]] = defaultdict(list)
        for event in events:
            by_execution[event.execution_id].append(event)
        return [self._execution(row, by_execution[row.id], artifacts) for row in rows]

    def artifacts(self, ids: Iterable[int]) -> dict[int, Artifact]:
        """Reads artifacts by id."""
        wanted = sorted(set(ids))
        rows = self._store.get_artifacts_by_id(wanted) if wanted else []
        return {row.id: self._artifact(row) for row in rows}

    def _artifact(self, row: metadata_store_pb2.Artifact) -> Artifact:
        return Artifact(
            id=row.id,
            type=row.type or self._artifact_type(row.type_id),
            uri=row.uri,
            state=metadata_store_pb2.Artifact.State.Name(row.state),
            properties=_values(row.properties),
            custom_properties=_values(row.custom_properties),
            created=_time(row.create_time_since_epoch),
        )

    def _execution(
        self,
        row: metadata_store_pb2.Execution,
        events: Iterable[metadata_store_pb2.Event],
        artifacts: Mapping[int, Artifact],
    ) -> Execution:
        node, run_id = "", ""
        for context in self._store.get_contexts_by_execution(row.id):
            kind = context.type or self._context_type(context.type_id)
            if kind == NODE_CONTEXT:
                node = context.name.partition(".")[2] or context.name
            elif kind == RUN_CONTEXT:
                run_id = context.name
        outputs = _by_key(events, OUTPUT_EVENTS, artifacts)
        return Execution(
            id=row.id,
            node=node,
            type=row.type or self._execution_type(row.type_id),
            run_id=run_id,
            state=metadata_store_pb2.Execution.State.Name(row.last_known_state),
            properties={**_values(row.properties), **_values(row.custom_properties)},
            inputs=_by_key(events, _INPUTS, artifacts),
            outputs=outputs or _by_key(events, FOUND_EVENTS, artifacts),
            created=_time(row.create_time_since_epoch),
            updated=_time(row.last_update_time_since_epoch),
        )

    @functools.cached_property
    def _artifact_types(self) -> dict[int, str]:
        return {kind.id: kind.name for kind in self._store.get_artifact_types()}

    @functools.cached_property
    def _execution_types(self) -> dict[int, str]:
        return {kind.id: kind.name for kind in self._store.get_execution_types()}

    @functools.cached_property
    def _context_types(self) -> dict[int, str]:
        return {kind.id: kind.name for kind in self._store.get_context_types()}

    def _artifact_type(self, type_id: int) -> str:
        return self._artifact_types.get(type_id, "")

    def _execution_type(self, type_id: int) -> str:
        return self._execution_types.get(type_id, "")

    def _context_type(self, type_id: int) -> str:
        return self._context_types.get(type_id, "")


def output_artifacts(
    store: ml_metadata.MetadataStore, execution_id: int
) -> list[metadata_store_pb2.Artifact]:
    """The artifacts that an execution put out, cached ones included."""
    ids = {
        event.artifact_id
        for event in store.get_events_by_execution_ids([execution_id])
        if event.type in (*OUTPUT_EVENTS, *FOUND_EVENTS)
    }
    return list(store.get_artifacts_by_id(sorted(ids))) if ids else []


def _by_key(
    events: Iterable[metadata_store_pb2.Event],
    kinds: tuple[int, ...],
    artifacts: Mapping[int, Artifact],
) -> dict[str, tuple[Artifact, ...]]:
    places: dict[str, list[tuple[int, Artifact]]] = defaultdict(list)
    for event in events:
        if event.type not in kinds or event.artifact_id not in artifacts:
            continue
        # TFX writes the path as [key, index].
        key, index = "", 0
        for step in event.path.steps:
            if step.WhichOneof("value") == "key":
                key = step.key
            else:
                index = step.index
        places[key].append((index, artifacts[event.artifact_id]))
    return {
        key: tuple(artifact for _, artifact in sorted(found, key=lambda pair: pair[0]))
        for key, found in places.items()
    }


def _values(values: Mapping[str, metadata_store_pb2.Value]) -> dict[str, PropertyValue]:
    return {key: _value(value) for key, value in values.items()}


def _value(value: metadata_store_pb2.Value) -> PropertyValue:
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "struct_value":
        struct = json_format.MessageToDict(value.struct_value)
        return struct.get(_STRUCT_VALUE, struct)
    if kind == "proto_value":
        return value.proto_value.type_url
    return getattr(value, kind)


def _time(milliseconds: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc)
