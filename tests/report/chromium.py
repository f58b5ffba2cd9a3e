"""Drives headless Chromium over its debugging pipe: what a page asks for, says and shows.

A proxy would see the browser's own calls home too; the DevTools protocol tells
the page's alone. https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

EXECUTABLE = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
MISSING = "no chromium on this machine: apt-get install chromium"

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing listens there, so nothing leaves this machine whatever a page asks for.
    "--proxy-server=127.0.0.1:9",
    "--remote-debugging-pipe",
)
_PATIENCE = 60.0


@dataclasses.dataclass
class Visit:
    """What happened on a page.

    Attributes:
      requests: Addresses that the page asked for, its own first.
      console: What it wrote to the console, and what the browser refused it.
      answers: Values of the expressions that were asked for, in order.
    """

    requests: list[str] = dataclasses.field(default_factory=list)
    console: list[str] = dataclasses.field(default_factory=list)
    answers: list[Any] = dataclasses.field(default_factory=list)


class _Pipe:
    """Messages to and from the browser: JSON, each ended by a zero byte."""

    def __init__(self, read: int, write: int, visit: Visit) -> None:
        self._read, self._write, self._visit = read, write, visit
        self._rest, self._number, self._seen = b"", 0, set[str]()

    def call(self, method: str, session: str = "", **parameters: Any) -> dict[str, Any]:
        """Calls a method and waits for its answer."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return dict(answer["result"])

    def wait_for(self, event: str) -> None:
        """Waits until an event was seen."""
        while event not in self._seen:
            self._next()

    def _next(self) -> dict[str, Any]:
        end = time.monotonic() + _PATIENCE
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._read], [], [], max(0.0, end - time.monotonic()))
            data = os.read(self._read, 1 << 20) if ready else b""
            if not data:
                raise TimeoutError("chromium does not answer")
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        method, details = message.get("method", ""), message.get("params", {})
        self._seen.add(method)
        if method == "Network.requestWillBeSent":
            self._visit.requests.append(details["request"]["url"])
        elif method == "Log.entryAdded":
            self._visit.console.append(details["entry"]["text"])
        elif method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
            self._visit.console.append(json.dumps(details))
        return message


def visit(address: str, profile: Path, *expressions: str) -> Visit:
    """Opens a page and evaluates JavaScript in it.

    Args:
      address: The page's address.
      profile: A new folder for the browser's own files.
      *expressions: What to evaluate after loading.
    """
    seen = Visit()
    with _browser(profile, seen) as pipe:
        target = pipe.call("Target.createTarget", url="about:blank")["targetId"]
        session = pipe.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            pipe.call(f"{domain}.enable", session)
        pipe.call("Page.navigate", session, url=address)
        pipe.wait_for("Page.loadEventFired")
        for expression in expressions:
            answer = pipe.call(
                "Runtime.evaluate", session, expression=expression, returnByValue=True
            )
            seen.answers.append(answer["result"].get("value"))
    return seen


@contextlib.contextmanager
def _browser(profile: Path, seen: Visit) -> Iterator[_Pipe]:
    assert EXECUTABLE is not None, MISSING
    # The browser reads from its descriptor 3 and writes to its descriptor 4.
    to_browser, from_here = os.pipe()
    from_browser, to_here = os.pipe()
    script = f'exec "$0" "$@" 3<&{to_browser} 4>&{to_here}'
    process = subprocess.Popen(
        ["bash", "-c", script, EXECUTABLE, *_FLAGS, f"--user-data-dir={profile}"],
        pass_fds=(to_browser, to_here),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(to_browser)
    os.close(to_here)
    try:
        yield _Pipe(from_browser, from_here, seen)
    finally:
        os.close(from_here)
        os.close(from_browser)
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
