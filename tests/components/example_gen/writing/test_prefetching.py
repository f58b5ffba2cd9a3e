"""Making items one ahead."""

from __future__ import annotations

import threading
from collections.abc import Generator

import pytest

from components.example_gen.writing.prefetching import prefetched


def test_items_come_in_order_from_another_thread() -> None:
    def items() -> Generator[tuple[int, int], None, None]:
        for number in range(5):
            yield number, threading.get_ident()

    with prefetched(items()) as taken:
        found = list(taken)
    assert [number for number, _ in found] == [0, 1, 2, 3, 4]
    assert threading.get_ident() not in {thread for _, thread in found}


def test_an_error_comes_after_the_items_before_it() -> None:
    def items() -> Generator[int, None, None]:
        yield 1
        raise ValueError("broken")

    with prefetched(items()) as taken:
        assert next(taken) == 1
        with pytest.raises(ValueError, match="broken"):
            next(taken)


def test_whoever_stops_early_leaves_no_thread_behind() -> None:
    closed = threading.Event()

    def items() -> Generator[int, None, None]:
        try:
            yield from range(1000)
        finally:
            closed.set()

    with prefetched(items()) as taken:
        next(taken)
    assert closed.is_set()
    assert not [thread for thread in threading.enumerate() if thread.name == "prefetch"]
