"""Backslashes in all texts of a message are replaced, wherever they stand, and come back."""

from __future__ import annotations

from ml_metadata.proto import metadata_store_pb2, metadata_store_service_pb2

from metadata.postgresql import STORED_BACKSLASH, replace_in_texts


def _request() -> metadata_store_service_pb2.PutExecutionRequest:
    request = metadata_store_service_pb2.PutExecutionRequest()
    request.execution.name = r"a\b"
    request.execution.custom_properties["config"].string_value = r'{"a": "\"b\""}'
    request.execution.custom_properties["steps"].int_value = 92  # a backslash's own number
    pair = request.artifact_event_pairs.add()
    pair.artifact.uri = r"C:\models"
    pair.event.path.steps.add(key=r"k\1")
    return request


def test_no_backslash_is_left_and_all_come_back() -> None:
    request = _request()

    replace_in_texts(request, "\\", STORED_BACKSLASH)

    assert b"\\" not in request.execution.custom_properties["config"].SerializeToString()
    assert request.execution.name == f"a{STORED_BACKSLASH}b"
    assert request.artifact_event_pairs[0].artifact.uri == f"C:{STORED_BACKSLASH}models"
    replace_in_texts(request, STORED_BACKSLASH, "\\")
    assert request == _request()


def test_repeated_texts_and_maps_of_plain_values_are_walked() -> None:
    request = metadata_store_service_pb2.GetContextsByTypeRequest(type_name=r"a\b")
    mask = metadata_store_service_pb2.PutArtifactsRequest()
    mask.update_mask.paths.extend([r"a\b", "c"])
    kind = metadata_store_pb2.ContextType(name="n", properties={"p": metadata_store_pb2.INT})

    for message in (request, mask, kind):
        replace_in_texts(message, "\\", "/")

    assert request.type_name == "a/b"
    assert list(mask.update_mask.paths) == ["a/b", "c"]
    assert dict(kind.properties) == {"p": metadata_store_pb2.INT}
