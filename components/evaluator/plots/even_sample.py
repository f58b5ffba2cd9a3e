"""A sample of batches that is spread evenly over a stream of unknown length."""

from __future__ import annotations

from typing import Generic, TypeVar

_T = TypeVar("_T")


class EvenSample(Generic[_T]):
    """Keeps every batch at first, then every second, every fourth and so on.

    Ask `wants_next` once for each batch, in order, and `add` those that are wanted.

    Args:
      most: How many batches are kept at most.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._stride = 1
        self._seen = 0
        self.kept: list[_T] = []

    def wants_next(self) -> bool:
        """Whether the next batch is one of the sample."""
        place, self._seen = self._seen, self._seen + 1
        if place % self._stride:
            return False
        if len(self.kept) == self._most:
            self.kept = self.kept[::2]
            self._stride *= 2
            return place % self._stride == 0
        return True

    def add(self, batch: _T) -> None:
        """Keeps a batch that was wanted."""
        self.kept.append(batch)
