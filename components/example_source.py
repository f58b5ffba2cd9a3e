"""Which execution read the files behind an Examples artifact.

A component of the project's own may stand between ExampleGen and the gate and put out
examples made of examples; where the rows came from is then known to ExampleGen alone.
"""

from __future__ import annotations

import ml_metadata
from ml_metadata.proto import metadata_store_pb2

_Event = metadata_store_pb2.Event
_INPUTS = (_Event.INPUT, _Event.DECLARED_INPUT)
_OUTPUTS = (_Event.OUTPUT, _Event.DECLARED_OUTPUT)
_EXAMPLES = "Examples"
# What ExampleGen's executions say of their files.
_FILES_PROPERTY = "input_config"
# So many components in a row are nobody's intention.
_DEEPEST = 20


def reading_execution(
    store: ml_metadata.MetadataStore, examples_id: int
) -> metadata_store_pb2.Execution | None:
    """The execution that read the files, followed back through what was made of examples.

    Args:
      store: The metadata store.
      examples_id: The id of an Examples artifact.

    Returns:
      ExampleGen's execution; where none in the line says what it read, the one that made
      these examples; None where nobody made them. Of a cached execution and the one that it
      repeats the latter: TFX leaves the resolved patterns there only.
    """
    first = found = _maker(store, examples_id)
    for _ in range(_DEEPEST):
        if found is None:
            break
        if _FILES_PROPERTY in found.custom_properties:
            return found
        earlier = _examples_of(store, found.id)
        if earlier is None:
            break
        found = _maker(store, earlier)
    return first


def _maker(
    store: ml_metadata.MetadataStore, artifact_id: int
) -> metadata_store_pb2.Execution | None:
    events = store.get_events_by_artifact_ids([artifact_id])
    ids = sorted({event.execution_id for event in events if event.type in _OUTPUTS})
    executions = store.get_executions_by_id(ids) if ids else []
    made = [item for item in executions if item.last_known_state != item.CACHED]
    return min(made, key=lambda item: item.id, default=None)


def _examples_of(store: ml_metadata.MetadataStore, execution_id: int) -> int | None:
    """The examples that an execution read, the first of several."""
    ids = {
        event.artifact_id
        for event in store.get_events_by_execution_ids([execution_id])
        if event.type in _INPUTS
    }
    found = store.get_artifacts_by_id(sorted(ids)) if ids else []
    return next((item.id for item in found if item.type == _EXAMPLES), None)
