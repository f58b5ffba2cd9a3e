"""Starts the serving process, watches its time and memory, and gathers what it did.

A process that dies or hangs in one of the unexpected inputs is started again for the
inputs after it, so that every one has its own verdict.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from components.serving_validator.observations import CASE, Observations, State, Step
from core.errors import InfrastructureError

STEPS = ("start", "first", "replay", "raw", "singles", "batches", "growth")
AFTERWARDS = "afterwards"

_SCRIPT = Path(__file__).with_name("replay.py")
_IMPORT_SECONDS = 600.0
_WATCH_SECONDS = 0.05
_MOST_RESTARTS = 4
_START = "start"


@dataclasses.dataclass(frozen=True)
class Limits:
    """What the process may take.

    Attributes:
      start_seconds: For the model to load.
      request_seconds: For every other step; measuring steps get some more.
      memory_bytes: Resident memory.
    """

    start_seconds: float
    request_seconds: float
    memory_bytes: int

    def of_step(self, step: str) -> float:
        """How long a step may take, in seconds."""
        if step == "start":
            return self.start_seconds
        # These stop asking by themselves after ten seconds.
        return self.request_seconds + (10.0 if step in ("singles", "batches", "growth") else 0.0)


def observe(request: Mapping[str, Any], limits: Limits) -> Observations:
    """Runs all steps of a request in processes of their own.

    Args:
      request: What `replay.py` reads, without `steps`.
      limits: Time and memory.

    Raises:
      InfrastructureError: If TensorFlow cannot be started at all.
    """
    skipped = () if request["raw_signature"] else ("raw",)
    waiting = [step for step in STEPS if step not in skipped]
    waiting += [CASE + case["name"] for case in request["cases"]] + [AFTERWARDS]
    steps: dict[str, Step] = {}
    peak, imported = 0, 0.0
    for _ in range(_MOST_RESTARTS + 1):
        again = [_START] if _START in steps else []
        one = _Attempt({**request, "steps": [*again, *waiting]}, limits)
        one.run()
        peak, imported = max(peak, one.peak), imported or one.import_seconds
        for name, step in one.steps.items():
            steps.setdefault(name, step)
        waiting = [step for step in waiting if step not in steps]
        # Without the ordinary requests there is nothing to learn from unusual ones.
        useful = one.steps[_START].done and steps.get("replay", Step("not reached")).done
        if not waiting or not useful:
            break
    return Observations(steps, peak, imported)


class _Attempt:
    """One process, from its start to its end."""

    def __init__(self, request: Mapping[str, Any], limits: Limits) -> None:
        self._request = {**request, "memory_bytes": limits.memory_bytes}
        self._limits = limits
        self._current: str | None = None
        self._deadline = time.monotonic() + _IMPORT_SECONDS
        self._unread = b""
        self.steps: dict[str, Step] = {}
        self.peak = 0
        self.import_seconds = 0.0

    def run(self) -> None:
        with tempfile.TemporaryDirectory(prefix="serving-validator-") as folder:
            request = Path(folder, "request.json")
            request.write_text(json.dumps(self._request), encoding="utf-8")
            log = Path(folder, "log")
            with log.open("wb") as output:
                reading, writing = os.pipe()
                try:
                    arguments = (str(writing), str(os.getpid()), str(request))
                    process = subprocess.Popen(
                        [sys.executable, "-I", str(_SCRIPT), *arguments],
                        pass_fds=(writing,),
                        stdin=subprocess.DEVNULL,
                        stdout=output,
                        stderr=output,
                        cwd=folder,
                        env=_environment(),
                        start_new_session=True,
                    )
                finally:
                    os.close(writing)
                try:
                    stopped = self._watch(process, reading)
                finally:
                    os.close(reading)
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
            self._conclude(process.returncode, stopped, log)

    def _watch(self, process: subprocess.Popen[bytes], reading: int) -> State | None:
        """Reads until the process closes its pipe; says why it had to be ended, if so."""
        with selectors.DefaultSelector() as selector:
            selector.register(reading, selectors.EVENT_READ)
            while True:
                if selector.select(_WATCH_SECONDS):
                    content = os.read(reading, 1 << 20)
                    if not content:
                        return None
                    self._take(content)
                memory = _resident(process.pid)
                self.peak = max(self.peak, memory)
                if memory > self._limits.memory_bytes:
                    return "memory"
                if time.monotonic() > self._deadline:
                    return "hung"

    def _take(self, content: bytes) -> None:
        *lines, self._unread = (self._unread + content).split(b"\n")
        for line in lines:
            self._event(json.loads(line))

    def _event(self, event: Mapping[str, Any]) -> None:
        self.peak = max(self.peak, event["rss"])
        self._deadline = time.monotonic() + self._limits.request_seconds
        if event["event"] == "imported":
            self.import_seconds = event["seconds"]
        elif event["event"] == "begin":
            self._current = event["step"]
            self._deadline = time.monotonic() + self._limits.of_step(event["step"])
        elif event["event"] == "end":
            self._current = None
            failed = "error" in event
            self.steps[event["step"]] = Step(
                "error" if failed else "done",
                event["seconds"],
                event.get("result", {}),
                event.get("error", ""),
                f"{event['error']}: {event['message']}" if failed else "",
            )

    def _conclude(self, status: int, stopped: State | None, log: Path) -> None:
        """Writes down the step in which the process ended before its time."""
        if self._current is None:
            if _START not in self.steps:
                raise InfrastructureError(
                    "the process that tries the model did not start",
                    evidence=[f"exit status {status}", *_last_lines(log)],
                    hint="check that this Python can import TensorFlow",
                    code="serving-process",
                )
            return
        limit = f"{self._limits.of_step(self._current):g}"
        words = {
            "hung": f"no answer within {limit} s",
            "memory": f"more than {self._limits.memory_bytes / 2**20:,.0f} MiB of memory",
        }.get(stopped or "", _ended(status))
        said = _last_lines(log)[-1:] if stopped is None else []
        self.steps[self._current] = Step(stopped or "crashed", words=": ".join([words, *said]))


def _ended(status: int) -> str:
    if status >= 0:
        return f"the process ended with status {status}"
    with contextlib.suppress(ValueError):
        return f"the process was ended by {signal.Signals(-status).name}"
    return f"the process was ended by signal {-status}"


def _last_lines(log: Path, count: int = 3) -> Sequence[str]:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4096))
        text = file.read().decode("utf-8", "replace")
    return [line.strip()[:300] for line in text.splitlines() if line.strip()][-count:]


def _environment() -> dict[str, str]:
    """This process's, without Millrace's own values (passwords among them) and the GPU."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MILLRACE_")}
    # A device's memory is not the model's to take while another node trains.
    return {**kept, "TF_CPP_MIN_LOG_LEVEL": "2", "CUDA_VISIBLE_DEVICES": "-1"}


def _resident(process: int) -> int:
    try:
        pages = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
