"""Database servers for tests: a free port, waiting for the first answer, several clients."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from core import processes
from tests.e2e.command import REPOSITORY

_OPEN = """
import json, sys, pydantic
from metadata.settings import MetadataSettings
from metadata.connection import connection_config
from metadata.store import open_store
settings = pydantic.TypeAdapter(MetadataSettings).validate_python(json.loads(sys.argv[1]))
sys.stdin.read()
open_store(connection_config(settings, "/unused")).get_context_types()
"""


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@contextlib.contextmanager
def serving(command: list[str], port: int, log: Path, *, user: str | None = None) -> Iterator[None]:
    """Runs a server while the block runs; it dies with this process, however that ends.

    Args:
      command: The server's program and arguments.
      port: Where it will answer.
      log: What takes its output.
      user: Whose process it is to be; None for one's own.
    """
    parent = os.getpid()
    with log.open("wb") as output:
        server = subprocess.Popen(
            command,
            user=user,
            cwd="/",
            stdout=output,
            stderr=output,
            preexec_fn=lambda: processes.die_with_parent(parent),
        )
    try:
        deadline = time.monotonic() + 60
        while not _answers(port):
            ended = server.poll() is not None or time.monotonic() > deadline
            assert not ended, log.read_text(errors="replace")[-2000:]
            time.sleep(0.05)
        yield
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def open_at_once(settings: dict[str, object], *, clients: int) -> list[int]:
    """Opens a store in several processes at the same moment; their exit codes."""
    command = [sys.executable, "-c", _OPEN, json.dumps(settings)]
    waiting = [
        subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE) for _ in range(clients)
    ]
    for process in waiting:
        assert process.stdin is not None
        process.stdin.close()
    return [process.wait() for process in waiting]
