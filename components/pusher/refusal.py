"""Why a blessed model must not be pushed now, told to the executor by whoever launches it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

_reason: ContextVar[Exception | None] = ContextVar("reason", default=None)


class RefusedError(RuntimeError):
    """A model that has all its blessings was not pushed."""


@contextlib.contextmanager
def of_blessed(reason: Exception | None) -> Iterator[None]:
    """Has executors of this thread refuse blessed models.

    Args:
      reason: Why; None where they may be pushed.
    """
    token = _reason.set(reason)
    try:
        yield
    finally:
        _reason.reset(token)


def raise_if_refused() -> None:
    """Ends a push that must not be.

    Raises:
      RefusedError: If there is a reason.
    """
    reason = _reason.get()
    if reason is not None:
        raise RefusedError(str(reason)) from reason
