"""Finding the metadata store that holds a quarantine, and an entry in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import ml_metadata

from components.quarantine import records
from components.quarantine.entry import Entry
from core.errors import InfrastructureError, UserError, nearest
from metadata.connection import (
    Connection,
    connection_config,
    connection_name,
    server_kind,
)
from metadata.run_folder import RunFolder
from metadata.run_store import run_store
from metadata.store import STORE_ERRORS, open_for_reading, open_store, sqlite_config

_SHOWN_IDS = 5


@dataclasses.dataclass(frozen=True)
class Quarantine:
    """The quarantine of one metadata store.

    Attributes:
      connection: The store's connection, without a password.
    """

    connection: Connection

    @property
    def name(self) -> str:
        """The store as people read it."""
        return connection_name(self.connection)

    def entries(self) -> tuple[Entry, ...]:
        """All entries, the one that changed last first.

        Raises:
          UserError: If there is no such store.
          InfrastructureError: If it does not answer.
        """
        self._check_exists()
        store = open_for_reading(self.connection)
        try:
            return records.entries(store)
        except STORE_ERRORS as error:
            raise unreadable(self.name, error) from error

    def open_for_changes(self) -> ml_metadata.MetadataStore:
        """The store, opened so that entries can be changed.

        Raises:
          UserError, InfrastructureError: As `entries`.
        """
        self._check_exists()
        return open_store(self.connection)

    def find(self, name: str) -> Entry:
        """The entry that a person means.

        Args:
          name: Its id, or the unique beginning of one.

        Raises:
          UserError: If no entry or more than one is meant, or there is no such store.
          InfrastructureError: If the store does not answer.
        """
        return find_entry(self.entries(), name, self.name)

    def _check_exists(self) -> None:
        if server_kind(self.connection) != "sqlite":
            return
        path = Path(self.connection.sqlite.filename_uri)
        # Opening a file that is not there would make it.
        if not path.is_file():
            raise UserError(
                f"there is no metadata store at {path}",
                hint="`millrace run` makes one; name another folder with --root, or a "
                "configuration whose store is a server with --config",
                code="no-store",
            )


def quarantine_of(root: Path, configuration: Path | None, profile: str | None) -> Quarantine:
    """The quarantine of the store that a person means.

    Args:
      root: The folder of the runs and of a SQLite store.
      configuration: A configuration whose section `metadata` names the store; else the
        newest run's, else the SQLite file in `root`.
      profile: The configuration's overlay.

    Raises:
      UserError: If the configuration is wrong.
      InfrastructureError: If the newest run's configuration cannot be read.
    """
    if configuration is not None:
        from pipeline.configuration.loading import load

        loaded = load(configuration, profile=profile).configuration
        return Quarantine(connection_config(loaded.metadata, root))
    if profile is not None:
        raise UserError(
            "--profile means nothing without --config",
            hint="name the configuration that the profile changes",
            code="profile-alone",
        )
    folder = RunFolder(root)
    known = folder.run_ids()
    if known:
        return Quarantine(run_store(folder, known[0]))
    return Quarantine(sqlite_config(folder.store.absolute()))


def refused_in(root: Path, run_id: str) -> tuple[Entry, ...]:
    """The entries whose data a run refused and which runs still skip.

    Args:
      root: The folder of the runs.
      run_id: The run.

    Raises:
      InfrastructureError: If the run's store cannot be read.
    """
    connection = run_store(RunFolder(root), run_id)
    try:
        found = records.entries_of_run(open_for_reading(connection), run_id)
    except STORE_ERRORS as error:
        raise unreadable(connection_name(connection), error) from error
    return tuple(e for e in found if e.is_blocking and e.was_refused_in(run_id))


def find_entry(entries: Sequence[Entry], name: str, store: str) -> Entry:
    """The entry among some that a person means.

    Args:
      entries: All there are.
      name: What the person typed.
      store: Where they are, for the error.

    Raises:
      UserError: If no entry or more than one is meant.
    """
    known = {entry.id: entry for entry in entries}
    matches = [entry_id for entry_id in known if name and entry_id.startswith(name.lower())]
    if len(matches) == 1:
        return known[matches[0]]
    if matches:
        raise UserError(
            f"{name} is the beginning of {len(matches)} entries",
            evidence=matches[:10],
            hint="type more of the id",
            code="ambiguous-entry",
        )
    if not known:
        raise UserError(
            f"there is no entry {name}: no data are quarantined in {store}",
            hint="--root or --config name another store",
            code="unknown-entry",
        )
    like = nearest(name, known)
    raise UserError(
        f"there is no entry {name} in {store}",
        evidence=[f"{entry.id}: {entry.data.words}" for entry in entries[:_SHOWN_IDS]],
        hint=f"did you mean {like}?" if like else "`millrace data quarantine list` lists them",
        code="unknown-entry",
    )


def unreadable(name: str, error: Exception) -> InfrastructureError:
    """The error where the store fails while its quarantine is read or changed."""
    return InfrastructureError(
        f"the quarantine in {name} cannot be read",
        evidence=[(str(error).splitlines() or [""])[0][:200]],
        hint="try again; if another process is writing, it will finish soon",
        code="metadata-read",
    )
