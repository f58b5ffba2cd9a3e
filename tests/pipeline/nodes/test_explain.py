"""Whatever a component raises becomes words that a person can act on."""

from __future__ import annotations

import errno

from core import errors
from pipeline.nodes.launch import explain


def test_an_error_of_ours_passes_through_a_library_that_wrapped_it() -> None:
    ours = errors.DataError("row 7 is broken")
    wrapped = RuntimeError("executor failed")
    wrapped.__cause__ = ours
    assert explain(wrapped, "ExampleGen") is ours


def test_a_full_disk_is_named_as_such() -> None:
    said = explain(OSError(errno.ENOSPC, "No space left on device"), "Transform")
    assert said.code == "disk-full"
    assert "resume" in said.hint


def test_lack_of_memory_is_an_infrastructure_error() -> None:
    assert isinstance(explain(MemoryError(), "Trainer"), errors.InfrastructureError)


def test_an_unknown_error_keeps_its_type_message_and_place() -> None:
    try:
        raise KeyError("tips")
    except KeyError as error:
        said = explain(error, "Transform")
    assert said.headline == "Transform failed: KeyError: 'tips'"
    assert any("test_explain.py" in line for line in said.evidence)
