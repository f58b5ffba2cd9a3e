"""What is noted about the outputs of a component of the project's own, after it ran."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ml_metadata.proto import metadata_store_pb2

if TYPE_CHECKING:
    import ml_metadata

_Event = metadata_store_pb2.Event
_INPUTS = (_Event.INPUT, _Event.DECLARED_INPUT)
_OUTPUTS = (_Event.OUTPUT, _Event.DECLARED_OUTPUT)
# What TFX's ExampleGens note. Spans, quarantine and the gate's memory go by them.
_OF_THE_DATA = ("span", "version", "input_fingerprint")
_SPLITS = "split_names"
# A text that a component leaves for the table of the run.
WORDS_PROPERTY = "words"
_LONGEST = 60
# TFX's types for what a function returns; the artifact is one file.
_VALUES = ("Integer", "Float", "String", "Boolean")


def note_data(store: ml_metadata.MetadataStore, execution_id: int) -> None:
    """Gives examples that were made of examples the span and the fingerprint of those.

    What the component has set itself stays.

    Args:
      store: The metadata store.
      execution_id: The component's execution.
    """
    read, made = _examples(store, execution_id)
    source = next((item for item in read if "input_fingerprint" in item.custom_properties), None)
    if source is None:
        return
    for artifact in made:
        for name in _OF_THE_DATA:
            if name in source.custom_properties and name not in artifact.custom_properties:
                artifact.custom_properties[name].CopyFrom(source.custom_properties[name])
        # Not by asking for its value: that would make an empty one.
        named = _SPLITS in artifact.properties and artifact.properties[_SPLITS].string_value
        if not named and _SPLITS in source.properties:
            artifact.properties[_SPLITS].CopyFrom(source.properties[_SPLITS])
    if made:
        store.put_artifacts(made)


def _examples(
    store: ml_metadata.MetadataStore, execution_id: int
) -> tuple[list[metadata_store_pb2.Artifact], list[metadata_store_pb2.Artifact]]:
    """The examples that an execution read, and those that it made."""
    events = store.get_events_by_execution_ids([execution_id])
    artifacts = {
        item.id: item
        for item in store.get_artifacts_by_id(sorted({event.artifact_id for event in events}))
        if item.type == "Examples"
    }
    kinds = [
        [artifacts[e.artifact_id] for e in events if e.type in kind and e.artifact_id in artifacts]
        for kind in (_INPUTS, _OUTPUTS)
    ]
    return kinds[0], kinds[1]


def own_words(store: ml_metadata.MetadataStore, execution_id: int) -> list[str]:
    """What a component of the project's own has to say of its outputs.

    Args:
      store: The metadata store.
      execution_id: Its execution.

    Returns:
      The custom property ``words`` of each output that has one, and small values (numbers,
      texts, truth values) with their names.
    """
    events = [
        event
        for event in store.get_events_by_execution_ids([execution_id])
        if event.type in _OUTPUTS
    ]
    names = {
        event.artifact_id: step.key
        for event in events
        for step in event.path.steps
        if step.WhichOneof("value") == "key"
    }
    said = []
    for artifact in store.get_artifacts_by_id(sorted(names)) if names else []:
        if WORDS_PROPERTY in artifact.custom_properties:
            said.append(artifact.custom_properties[WORDS_PROPERTY].string_value)
        elif artifact.type in _VALUES:
            value = _value(artifact)
            said.append(f"{names[artifact.id]} {value}" if value else "")
    return [words for words in said if words]


def _value(artifact: metadata_store_pb2.Artifact) -> str:
    from core.artifact_files import local_path

    path = local_path(artifact.uri)
    if path is None or not path.is_file():
        return ""
    text = path.read_text(encoding="utf-8", errors="replace").strip()
    if artifact.type == "Boolean":
        text = {"0": "false", "1": "true"}.get(text, text)
    if artifact.type == "Float":
        text = f"{float(text):.6g}"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
