"""Work in a forked child whose imports and threads do not stay in this process.

Code of the project's own is imported where the pipeline is built. If it starts
TensorFlow's runtime at its top, a process that forks must not be the one.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable

from core import errors, processes

_GOOD = b"+"
_BAD = b"-"


def in_child(work: Callable[[], bytes], name: str) -> bytes:
    """Does some work in a forked child.

    Args:
      work: Gives the result. What else it changes in memory is lost.
      name: What to call it in errors.

    Returns:
      What `work` gave.

    Raises:
      errors.MillraceError: What `work` raised, as far as it can be explained; or if the
        child died.
    """
    reading, writing = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            processes.die_with_parent(parent)
            _write(writing, work, name)
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if answer[:1] == _GOOD:
        return answer[1:]
    if answer[:1] == _BAD:
        raise errors.error_from_json(answer[1:].decode())
    code = os.waitstatus_to_exitcode(status)
    how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
    raise errors.InternalError(
        f"the process of {name} {how}", hint="the log's last lines may say why", code="build-died"
    )


def _write(descriptor: int, work: Callable[[], bytes], name: str) -> None:
    from pipeline.nodes.launch import explain

    try:
        answer = _GOOD + work()
    except Exception as error:
        logging.exception("%s failed", name)
        answer = _BAD + explain(error, name).to_json().encode()
    with os.fdopen(descriptor, "wb") as pipe:
        pipe.write(answer)
    logging.shutdown()
    os._exit(0)
