"""A real PostgreSQL server on loopback, which ends with the process that started it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.servers import free_port, serving

# Debian keeps the server's programs out of the search path.
_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
MISSING = not _PROGRAMS
REASON = "PostgreSQL is not installed: apt-get install postgresql"


@contextlib.contextmanager
def running(user: str, password: str) -> Iterator[int]:
    """Makes an empty server with one administrator and runs it; gives its port."""
    # PostgreSQL refuses to be run by root, and others cannot enter pytest's own folders.
    account = "postgres" if os.geteuid() == 0 else None
    home = Path(tempfile.mkdtemp(prefix="millrace-postgresql-", dir="/tmp"))
    try:
        secret = home / "password"
        secret.write_text(password)
        if account:
            for path in (home, secret):
                shutil.chown(path, account)
        data = f"--pgdata={home / 'data'}"
        login = [f"--username={user}", "--auth=scram-sha-256", f"--pwfile={secret}"]
        subprocess.run(
            [str(_PROGRAMS[-1] / "initdb"), data, *login, "--no-sync"],
            user=account,
            cwd="/",
            check=True,
            capture_output=True,
        )
        port = free_port()
        places = ["-D", str(home / "data"), "-k", str(home)]
        command = [str(_PROGRAMS[-1] / "postgres"), *places, "-h", "127.0.0.1", "-p", str(port)]
        with serving(command, port, home / "server.log", user=account):
            yield port
    finally:
        shutil.rmtree(home)
