"""A real MariaDB server on loopback, which ends with the process that started it."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from core import processes

MISSING = shutil.which("mariadbd") is None or shutil.which("mariadb-install-db") is None
REASON = "MariaDB is not installed: apt-get install mariadb-server"


@dataclasses.dataclass(frozen=True)
class MariaDb:
    """A running server.

    Attributes:
      port: Where it listens on 127.0.0.1.
      socket: Its socket file, for the administrator.
    """

    port: int
    socket: Path

    def execute(self, *statements: str) -> str:
        """Runs statements as the administrator; rows as lines."""
        return subprocess.run(
            ["mariadb", "--no-defaults", "--socket", str(self.socket), "-uroot", "-NB"],
            input=";\n".join(statements) + ";\n",
            capture_output=True,
            text=True,
            check=True,
        ).stdout


@contextlib.contextmanager
def running(folder: Path) -> Iterator[MariaDb]:
    """Makes an empty server in a folder and runs it while the block runs."""
    data = folder / "data"
    account = ["--user=root"] if os.geteuid() == 0 else []
    subprocess.run(
        [
            "mariadb-install-db",
            "--no-defaults",
            *account,
            f"--datadir={data}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ],
        check=True,
        capture_output=True,
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = folder / "s.sock"
    parent = os.getpid()
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [
                "mariadbd",
                "--no-defaults",
                *account,
                f"--datadir={data}",
                "--bind-address=127.0.0.1",
                f"--port={port}",
                f"--socket={address}",
                f"--pid-file={folder / 'pid'}",
                "--innodb-flush-log-at-trx-commit=0",
            ],
            stdout=log,
            stderr=log,
            preexec_fn=lambda: processes.die_with_parent(parent),
        )
    try:
        _wait(server, port, folder / "server.log")
        yield MariaDb(port, address)
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.05)
    raise AssertionError(f"MariaDB did not start:\n{log.read_text(errors='replace')[-2000:]}")
