"""Why a store does not open, asked of its server.

ML Metadata's own drivers say little ("errno: , error: "). When they fail, the
server is asked once more through a plain driver, whose answer has a code. The drivers
(PyMySQL, pg8000) come with Apache Beam; without them the cause stays unnamed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import socket
from typing import Any, Literal

from metadata.connection import Connection, server_address, server_kind
from metadata.password import password

_SECONDS = 3.0

# Codes of a server that is there but does not take anybody just now.
_MYSQL_BUSY = (1040, 1053, 1203, 2002, 2003, 2006, 2013)
_POSTGRESQL_BUSY = ("53300", "57P01", "57P02", "57P03")
_MYSQL_LOGIN = (1045, 1130, 1251, 1698, 2059, 2061)
_POSTGRESQL_LOGIN = ("28000", "28P01")


@dataclasses.dataclass(frozen=True)
class Diagnosis:
    """What a server says of a connection.

    Attributes:
      state: ``down`` (nobody answers, or not now), ``login`` (the user or the password
        is refused), ``database`` (the database is missing or not allowed), ``open``
        (nothing is wrong, as far as a plain driver sees).
      text: The server's own words.
    """

    state: Literal["down", "login", "database", "open"]
    text: str = ""


def unreachable(connection: Connection) -> str:
    """Why nobody answers at a server's address; empty where somebody does."""
    address = server_address(connection)
    if address is None:
        return ""
    try:
        socket.create_connection(address, timeout=_SECONDS).close()
    except OSError as error:
        return f"{address[0]}:{address[1]}: {error.strerror or error}"
    return ""


def diagnose(connection: Connection) -> Diagnosis:
    """Asks a server why it does not let a connection in.

    Args:
      connection: The connection, without a password.
    """
    reason = unreachable(connection)
    if reason:
        return Diagnosis("down", reason)
    kind = server_kind(connection)
    if kind == "mysql":
        found = _ask_mysql(connection)
    elif kind == "postgresql":
        found = _ask_postgresql(connection)
    else:
        return Diagnosis("open")
    secret = password()
    text = found.text.replace(secret, "(password)") if secret else found.text
    return dataclasses.replace(found, text=text)


def _driver(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def _ask_mysql(connection: Connection) -> Diagnosis:
    driver = _driver("pymysql")
    if driver is None:
        return Diagnosis("open")
    settings = connection.mysql
    try:
        with contextlib.closing(
            driver.connect(
                host=settings.host,
                port=settings.port,
                user=settings.user,
                password=password(),
                connect_timeout=_SECONDS,
                read_timeout=_SECONDS,
            )
        ) as session:
            session.select_db(settings.database)
    except driver.err.MySQLError as error:
        code = error.args[0] if error.args else 0
        text = str(error.args[-1]) if error.args else str(error)
        if code in _MYSQL_BUSY:
            return Diagnosis("down", text)
        return Diagnosis("login" if code in _MYSQL_LOGIN else "database", text)
    except (OSError, RuntimeError) as error:  # RuntimeError: a login method it does not know
        return Diagnosis("login", str(error))
    return Diagnosis("open")


def _ask_postgresql(connection: Connection) -> Diagnosis:
    driver = _driver("pg8000.dbapi")
    if driver is None:
        return Diagnosis("open")
    settings = connection.postgresql
    try:
        driver.connect(
            host=settings.host,
            port=int(settings.port),
            user=settings.user,
            password=password(),
            database=settings.dbname,
            timeout=_SECONDS,
        ).close()
    except driver.Error as error:
        said = error.args[0] if error.args else ""
        if not isinstance(said, dict):
            return Diagnosis("down", str(said))
        code, text = said.get("C", ""), str(said.get("M", ""))
        if code in _POSTGRESQL_BUSY:
            return Diagnosis("down", text)
        return Diagnosis("login" if code in _POSTGRESQL_LOGIN else "database", text)
    except OSError as error:
        return Diagnosis("down", str(error))
    return Diagnosis("open")
