"""A real MariaDB server on loopback, which ends with the process that started it."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.servers import free_port, serving

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
    common = ["--no-defaults", f"--datadir={folder / 'data'}"]
    if os.geteuid() == 0:
        common.append("--user=root")
    subprocess.run(
        [
            "mariadb-install-db",
            *common,
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ],
        check=True,
        capture_output=True,
    )
    server = MariaDb(free_port(), folder / "s.sock")
    command = [
        shutil.which("mariadbd") or "mariadbd",
        *common,
        "--bind-address=127.0.0.1",
        f"--port={server.port}",
        f"--socket={server.socket}",
        f"--pid-file={folder / 'pid'}",
        "--innodb-flush-log-at-trx-commit=0",
    ]
    with serving(command, server.port, folder / "server.log"):
        yield server
