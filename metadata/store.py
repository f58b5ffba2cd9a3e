"""Opening an ML Metadata store without TFX.

`ml_metadata` alone imports in a fifth of a second; TFX's own wrapper would bring
TensorFlow with it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import ml_metadata
from ml_metadata.proto import metadata_store_pb2

from core.errors import InfrastructureError, MillraceError
from metadata.connection import (
    Connection,
    connection_name,
    server_address,
    server_kind,
    sqlite_config,
    with_password,
)
from metadata.diagnosis import Diagnosis, diagnose, unreachable
from metadata.password import PASSWORD_VARIABLE, password
from metadata.postgresql import PostgresqlMetadataStore
from metadata.relocation import follow_move

# Statuses that ml_metadata raises; the last is what a failed connection raises.
STORE_ERRORS = (ml_metadata.errors.StatusError, RuntimeError)

_GRPC_AWAY = (ml_metadata.errors.UnavailableError, ml_metadata.errors.DeadlineExceededError)

# Seconds between two tries to reach a server: five tries, a quarter of a minute in all.
WAITS = (1.0, 2.0, 4.0, 8.0)
# A person who wants to read something does not wait as long as a run.
READING_WAITS = WAITS[:2]

__all__ = ["STORE_ERRORS", "WAITS", "open_for_reading", "open_store", "sqlite_config"]


def open_store(
    connection: Connection, *, waits: Sequence[float] = WAITS
) -> ml_metadata.MetadataStore:
    """Connects to a store; waits a while for a server that is down.

    The password comes from the environment. Two processes that make the tables of an
    empty database at the same time get in each other's way; they are tried again as well.

    Args:
      connection: The connection, without a password.
      waits: Seconds to wait between tries; empty to try once.

    Raises:
      InfrastructureError: If the store is missing or broken, does not answer, or
        refuses the user. No error says the password.
    """
    if server_kind(connection) == "sqlite":
        return _open_file(connection)
    for seconds in (*waits, None):
        try:
            return _open_server(connection)
        except STORE_ERRORS as error:
            found = _cause(connection, error)
            if found.state in ("login", "database"):
                raise _refused(connection, found) from None
            if seconds is None:
                raise _given_up(connection, found, tries=len(waits) + 1) from None
        # Others that make the tables at this moment are done in a second or two: no word.
        if found.state == "down" or seconds > WAITS[1]:
            click.echo(
                f"the metadata store {connection_name(connection)} "
                f"{'does not answer' if found.state == 'down' else 'does not open'}; "
                f"trying again in {seconds:g} s",
                err=True,
            )
        time.sleep(seconds)
    raise AssertionError("the last try returns or raises")


def open_for_reading(store: Connection | Path) -> ml_metadata.MetadataStore:
    """Connects to a store that should exist.

    Args:
      store: The store's connection, or the path of a SQLite file. A file is opened
        so that nothing can change it, once it has followed a move of its folder.

    Raises:
      InfrastructureError: If it is missing or broken, or does not answer soon.
    """
    if isinstance(store, Path):
        return open_store(sqlite_config(store, read_only=True))
    if server_kind(store) == "sqlite":
        return open_store(sqlite_config(Path(store.sqlite.filename_uri), read_only=True))
    return open_store(store, waits=READING_WAITS)


def _open_file(config: metadata_store_pb2.ConnectionConfig) -> ml_metadata.MetadataStore:
    reading = config.sqlite.connection_mode == config.sqlite.READONLY
    follow_move(Path(config.sqlite.filename_uri), reading=reading)
    try:
        return ml_metadata.MetadataStore(config)
    except STORE_ERRORS as error:
        raise InfrastructureError(
            f"The metadata store {connection_name(config)} cannot be opened",
            evidence=[str(error).splitlines()[0][:200]],
            hint="check the path and that it is a metadata store of a finished or running run",
            code="metadata-store",
        ) from error


def _open_server(connection: Connection) -> ml_metadata.MetadataStore:
    # The libraries would wait for minutes for a host that drops what is sent to it.
    reason = unreachable(connection)
    if reason:
        raise ConnectionRefused(reason)
    kind = server_kind(connection)
    client = PostgresqlMetadataStore if kind == "postgresql" else ml_metadata.MetadataStore
    with _quiet():
        store = client(with_password(connection))
    if kind == "grpc":
        store.get_context_types()  # a channel connects only when it is used
    return store


class ConnectionRefused(RuntimeError):
    """Nobody answers at a server's address."""


def _cause(connection: Connection, error: Exception) -> Diagnosis:
    if isinstance(error, ConnectionRefused):
        return Diagnosis("down", str(error))
    text = (str(error).splitlines() or [type(error).__name__])[0][:200]
    if isinstance(error, _GRPC_AWAY):
        return Diagnosis("down", text)
    found = diagnose(connection)
    return Diagnosis("open", text) if found.state == "open" else found


def _refused(connection: Connection, found: Diagnosis) -> MillraceError:
    name = connection_name(connection)
    if found.state == "database":
        return InfrastructureError(
            f"the database of the metadata store {name} cannot be used",
            evidence=[found.text],
            hint=_creation(connection),
            code="metadata-database",
        )
    given = bool(password())
    return InfrastructureError(
        f"the metadata store {name} refuses the {'password' if given else 'user'}",
        evidence=[found.text],
        hint=f"check metadata.user and the password in {PASSWORD_VARIABLE}"
        if given
        else f"{PASSWORD_VARIABLE} is not set here; set it to the user's password "
        "(on a cluster with kubeflow.secrets)",
        code="metadata-refused",
    )


def _creation(connection: Connection) -> str:
    if server_kind(connection) == "mysql":
        mysql = connection.mysql
        return (
            f"as an administrator: CREATE DATABASE {mysql.database}; "
            f"GRANT ALL ON {mysql.database}.* TO '{mysql.user}'@'%';"
        )
    server = connection.postgresql
    return f'as an administrator: CREATE DATABASE {server.dbname} OWNER "{server.user}";'


def _given_up(connection: Connection, found: Diagnosis, *, tries: int) -> MillraceError:
    name = connection_name(connection)
    if found.state == "down":
        host, port = server_address(connection) or ("", 0)
        return InfrastructureError(
            f"the metadata store {name} does not answer",
            evidence=[found.text, f"tried {tries} times"],
            hint=f"check that the server runs and that {host}:{port} can be reached from here; "
            "the section `metadata` of the configuration names it",
            code="metadata-down",
        )
    hint = "check that the database was made by ML Metadata and by this version of it"
    if server_kind(connection) == "grpc":
        hint = "check that ML Metadata's gRPC service is what answers at this address"
    elif found.text.startswith("mysql_real_connect failed"):
        hint = (
            "ML Metadata knows MySQL's login method mysql_native_password only: "
            "create the user with it"
        )
    return InfrastructureError(
        f"the metadata store {name} cannot be opened",
        evidence=[found.text],
        hint=hint,
        code="metadata-store",
    )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keeps quiet what ML Metadata says when it connects.

    Its C++ code writes to standard error; its Python code logs the whole connection, the
    password included, where somebody has turned on debug messages.
    """
    kept = os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    level = logging.root.manager.disable
    try:
        logging.disable(max(level, logging.DEBUG))
        os.dup2(nothing, 2)
        yield
    finally:
        logging.disable(level)
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)
