"""The parent's end of the fork server."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import selectors
import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

from core import errors, import_path
from pipeline.local.preparation import Preparation

# Keras 3 is what our models are written in; the variable must be set before
# tensorflow_transform, which otherwise sets it to the other value at import.
ENVIRONMENT = {
    "TF_USE_LEGACY_KERAS": "0",
    "TF_CPP_MIN_LOG_LEVEL": "1",
    "PYTHONUNBUFFERED": "1",
}


@dataclasses.dataclass(frozen=True)
class Message:
    """A message of the server.

    Attributes:
      kind: ``prepared``, ``refused``, ``progress``, ``ended`` or ``gone`` (the
        server itself died).
      content: Its fields.
    """

    kind: str
    content: dict[str, Any]


class ServerProcess:
    """A running fork server; a context manager that leaves no process behind.

    Args:
      log: The file that takes the server's own output.
      project: The folder of own modules, None where there are none.
    """

    def __init__(self, log: Path, project: Path | None) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        reading, writing = os.pipe()
        self._messages = reading
        self._rest = b""
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                import_path.module_command(
                    "pipeline.local.node_server",
                    str(writing),
                    str(os.getpid()),
                    also=(str(project),) if project is not None else (),
                ),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                pass_fds=(writing,),
                # Its own session: Ctrl-C reaches the parent alone, which ends the rest.
                start_new_session=True,
                env={
                    **ENVIRONMENT,
                    **os.environ,
                    "TF_USE_LEGACY_KERAS": "0",
                },
            )
        os.close(writing)
        os.set_blocking(reading, False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(reading, selectors.EVENT_READ)

    def __enter__(self) -> ServerProcess:
        return self

    def prepare(self, preparation: Preparation) -> None:
        """Orders the pipeline to be built."""
        self._order({"order": "prepare", "preparation": preparation.to_json()})

    def launch(self, node_id: str) -> None:
        """Orders one node to be run."""
        self._order({"order": "launch", "node": node_id})

    def _order(self, order: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # a dead server shows in `receive`
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()

    def receive(self, timeout: float) -> list[Message]:
        """The messages that came within `timeout` seconds; perhaps none.

        Returns:
          Messages in order. ``gone`` is the last one of a server that died.
        """
        if not self._selector.select(timeout):
            return []
        try:
            chunk = os.read(self._messages, 1 << 16)
        except BlockingIOError:
            return []
        if not chunk:
            code = self._process.wait()
            return [Message("gone", {"exit_code": code})]
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        records = [json.loads(line) for line in lines]
        return [Message(record.pop("message"), record) for record in records]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._selector.close()
        os.close(self._messages)


def death(content: dict[str, Any], log: Path) -> errors.MillraceError:
    """The error for a server that died: memory, a signal, or a broken installation."""
    code = int(content.get("exit_code", 0))
    tail: list[str] = []
    with contextlib.suppress(OSError):
        tail = log.read_text(errors="replace").strip().splitlines()[-3:]
    if code < 0:
        return errors.InfrastructureError(
            f"the process that runs the nodes was killed by {signal.Signals(-code).name}",
            hint="if the machine ran out of memory, lower beam.in_memory_bytes; "
            "then type `millrace resume`",
            code="server-killed",
        )
    return errors.InternalError(
        f"the process that runs the nodes ended with exit code {code}",
        evidence=tail,
        hint=f"see {log}; `millrace doctor` checks the installation",
        code="server-died",
    )
