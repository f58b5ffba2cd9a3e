"""Work in a child gives its result or its error, and leaves this process as it was."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from core import errors
from pipeline.local.apart import in_child


def test_the_result_comes_back_and_nothing_else() -> None:
    def work() -> bytes:
        sys.modules["made_in_a_child"] = sys
        return bytes(100_000)

    assert in_child(work, "the work") == bytes(100_000)
    assert "made_in_a_child" not in sys.modules


def test_an_error_comes_back_as_it_was() -> None:
    def work() -> bytes:
        raise errors.DataError("too few rows", evidence=["3"], hint="more", code="few")

    with pytest.raises(errors.DataError, match="too few rows") as caught:
        in_child(work, "the work")
    assert (caught.value.evidence, caught.value.code) == (("3",), "few")


def test_a_child_that_dies_is_named() -> None:
    with pytest.raises(errors.InternalError, match="the work was killed by SIGKILL"):
        in_child(lambda: os.kill(os.getpid(), signal.SIGKILL) or b"", "the work")
