"""A SQLite store follows its folder: after a move, its artifacts are told by where they are.

TFX finds artifacts by absolute paths, in resolvers, in its cache and in the registry alike. So
where the folder was renamed, moved or mounted elsewhere, the paths in the store are rewritten,
all in one transaction: whoever is killed meanwhile leaves the old paths or the new ones.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# As TFX places what a node puts out below the pipeline root, `Locations.artifacts`.
_OUTPUT = re.compile(r"(/.*)/artifacts/[^/]+/[^/]+(/.*)?")
_PROPERTIES = ("ArtifactProperty", "ExecutionProperty", "ContextProperty")
_UNDER_WAY = "SELECT 1 FROM Execution WHERE last_known_state IN (1, 2) LIMIT 1"
_WAIT_SECONDS = 10.0

Moved = Callable[[str], str]


def follow_move(store: Path, *, reading: bool = False) -> None:
    """Rewrites the paths of a store whose folder was moved; else it changes nothing.

    The folder was moved if it holds an artifact that is recorded in a folder which no longer
    exists. A copy goes on naming the files of the folder that it was copied from, as long
    as that is there.

    Args:
      store: The SQLite file; one that is missing or broken is left to whoever opens it.
      reading: Whether it is opened to be read: then it is left alone while a node runs.
    """
    if not store.is_file():
        return
    root = str(store.absolute().parent)
    with contextlib.suppress(sqlite3.Error), _connected(store) as connection:
        for former in _former_roots(connection, root):
            if reading and connection.execute(_UNDER_WAY).fetchone():
                return
            logging.info("%s was %s; the paths in it are rewritten", root, former)
            _rewrite(connection, _moves(former, root))


def moved_with(path: Path, former: Path, root: Path) -> Path:
    """Where a path is that was recorded beside or below a folder which was moved since.

    Args:
      path: The path; where it exists, it is meant as it is.
      former: Where the folder was.
      root: Where it is.
    """
    there = Path(os.path.normpath(root / os.path.relpath(path, former)))
    return there if _is_gone(str(path)) and there.exists() else path


@contextlib.contextmanager
def _connected(store: Path) -> Iterator[sqlite3.Connection]:
    address = f"{store.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(address, timeout=_WAIT_SECONDS, uri=True, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def _former_roots(connection: sqlite3.Connection, root: str) -> list[str]:
    """The folders, now gone, in which the store has artifacts that lie below `root`."""
    rows = connection.execute(
        "SELECT uri FROM Artifact WHERE uri LIKE '/%/artifacts/%'"
        " AND substr(uri, 1, ?) <> ? ORDER BY id DESC",
        (len(root) + 1, f"{root}/"),
    )
    found: dict[str, bool] = {}
    for (uri,) in rows:
        match = _OUTPUT.fullmatch(uri)
        if match and not found.get(match[1]):
            found[match[1]] = os.path.exists(root + uri[len(match[1]) :])
    return [former for former, is_here in found.items() if is_here and _is_gone(former)]


def _is_gone(path: str) -> bool:
    """Whether there is nothing; what may not be looked at may be there."""
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _moves(former: str, root: str) -> Moved:
    """Gives a path, or a JSON document with paths, in the new place."""
    before, after = former, root
    above, now_above = os.path.dirname(former), os.path.dirname(root)
    if os.path.basename(former) == os.path.basename(root) and _is_gone(above):
        before, after = above, now_above  # The project around it was moved.

    def moved(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: moved(item) for key, item in value.items()}
        if isinstance(value, list):
            return [moved(item) for item in value]
        if isinstance(value, str) and (value == before or value.startswith(f"{before}/")):
            return after + value[len(before) :]
        return value

    def text(value: str) -> str:
        if not value.startswith(("{", "[")):
            return str(moved(value))
        try:
            document = json.loads(value)
        except ValueError:
            return value
        there = moved(document)
        return value if there == document else json.dumps(there)

    return text


def _rewrite(connection: sqlite3.Connection, moved: Moved) -> None:
    connection.create_function("moved", 1, moved, deterministic=True)
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute("UPDATE Artifact SET uri = moved(uri) WHERE uri LIKE '/%'")
        for table in _PROPERTIES:
            connection.execute(
                f"UPDATE {table} SET string_value = moved(string_value)"
                " WHERE substr(string_value, 1, 1) IN ('/', '{', '[')"
                " AND moved(string_value) <> string_value"
            )
        _rename_quarantined(connection)
        connection.execute("COMMIT")
    except sqlite3.Error:
        connection.execute("ROLLBACK")
        raise


def _rename_quarantined(connection: sqlite3.Connection) -> None:
    """Names entries of the quarantine by what they are about, now that it is elsewhere."""
    # Here, for ML Metadata takes a while to import, and most stores were not moved.
    from components.quarantine.artifacts import ARTIFACT_TYPE
    from components.quarantine.entry import DataIdentity

    rows = connection.execute(
        "SELECT Artifact.id FROM Artifact JOIN Type ON Type.id = type_id WHERE Type.name = ?",
        (ARTIFACT_TYPE,),
    ).fetchall()
    for (artifact,) in rows:
        values = {
            name: number if text is None else text
            for name, text, number in connection.execute(
                "SELECT name, string_value, int_value FROM ArtifactProperty WHERE artifact_id = ?",
                (artifact,),
            )
        }
        data = DataIdentity(
            pipeline=values["pipeline"],
            input_base=values["input_base"],
            patterns=json.loads(values["pattern"]),
            span=values.get("span", 0),
            version=values.get("version"),
            fingerprint=values["input_fingerprint"],
        )
        connection.execute("UPDATE Artifact SET name = ? WHERE id = ?", (data.id, artifact))
