"""The next item while the last one is worked on."""

from __future__ import annotations

import contextlib
import dataclasses
import queue
import threading
from collections.abc import Generator, Iterator
from typing import TypeVar

_Item = TypeVar("_Item")
_END = object()
# How long a thread waits for room before it looks whether anybody still wants its items.
_PATIENCE_SECONDS = 0.1


@dataclasses.dataclass(frozen=True)
class _Failure:
    error: Exception


@contextlib.contextmanager
def prefetched(items: Generator[_Item, None, None]) -> Iterator[Iterator[_Item]]:
    """Makes items in a thread, one ahead of whoever takes them; the thread ends with the block.

    Parsing in Arrow and inflating gzip release Python's lock, so they run beside the
    encoding and hashing of the batch before.

    Args:
      items: What makes the items; runs in the thread, and is closed there.

    Yields:
      The same items in the same order. The iterator raises what `items` raises, after the
      items before it.
    """
    held: queue.Queue[object] = queue.Queue(1)
    unwanted = threading.Event()

    def put(item: object) -> bool:
        while not unwanted.is_set():
            with contextlib.suppress(queue.Full):
                held.put(item, timeout=_PATIENCE_SECONDS)
                return True
        return False

    def work() -> None:
        try:
            with contextlib.closing(items):
                for item in items:
                    if not put(item):
                        return
            put(_END)
        except Exception as error:  # noqa: BLE001 - raised again where the items are taken
            put(_Failure(error))

    def taken() -> Iterator[_Item]:
        while (item := held.get()) is not _END:
            if isinstance(item, _Failure):
                raise item.error
            yield item  # type: ignore[misc]

    thread = threading.Thread(target=work, name="prefetch", daemon=True)
    thread.start()
    try:
        yield taken()
    finally:
        unwanted.set()
        thread.join()
