"""A read-only connection to a database, and its errors in our own words."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from components.example_gen.database_address import missing_driver, resolved, without_secrets
from core.errors import DataError, InfrastructureError, MillraceError, UserError

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

# So that no statement can write, whatever a query says.
_READ_ONLY = {
    "sqlite": "PRAGMA query_only = ON",
    "postgresql": "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
}
_CONNECT_SECONDS = 10
_TIMEOUTS = {
    "sqlite": {"timeout": 30},
    "postgresql": {"connect_timeout": _CONNECT_SECONDS},
    "mysql": {"connect_timeout": _CONNECT_SECONDS},
}
# SQLite calls a wrong statement an operational error too.
_SQLITE_OUTAGES = ("locked", "disk i/o", "unable to open", "closed")
# Too many connections, shutting down, lock wait, deadlock; from 2000 on the client's own.
_MYSQL_OUTAGES = (1040, 1053, 1205, 1213)
_MYSQL_CLIENT_ERRORS = 2000
# Connection, insufficient resources, operator intervention, transaction rollback.
_SQLSTATE_OUTAGES = ("08", "53", "57", "40")
_DENIED = ("password", "access denied", "authentication", "permission denied", "not allowed")


@contextlib.contextmanager
def connected(address: str) -> Iterator[Engine]:
    """An engine for as long as the block runs; errors of the block are translated.

    Args:
      address: The address, with variables for secrets.

    Raises:
      UserError: If the address, the driver or the login is wrong.
      DataError: If the database refuses a statement.
      InfrastructureError: If it does not answer, or goes away.
    """
    from sqlalchemy.exc import SQLAlchemyError

    engine = _engine(address)
    driver = engine.dialect.loaded_dbapi
    try:
        yield engine
    except (SQLAlchemyError, driver.Error, driver.Warning) as error:
        # Not `from error`: a traceback would print the driver's own text.
        raise explained(error, address) from None
    finally:
        engine.dispose()


def is_outage(error: Exception) -> bool:
    """Whether asking again may help: the connection broke, or the database is busy.

    Args:
      error: SQLAlchemy's or the driver's own.
    """
    original = getattr(error, "orig", None) or error
    if getattr(error, "connection_invalidated", False):
        return True
    kinds = {kind.__name__ for kind in type(original).__mro__}
    if not kinds & {"OperationalError", "InterfaceError"}:
        return False
    number = original.args[0] if original.args else None
    if isinstance(number, int):
        return number in _MYSQL_OUTAGES or number >= _MYSQL_CLIENT_ERRORS
    if isinstance(original, sqlite3.Error):
        return any(word in str(original).lower() for word in _SQLITE_OUTAGES)
    state = getattr(original, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_SQLSTATE_OUTAGES)
    return not any(word in str(original).lower() for word in _DENIED)


def explained(error: Exception, address: str) -> MillraceError:
    """An error of a database with its own message as the evidence.

    Args:
      error: What SQLAlchemy or the driver raised.
      address: The address, with variables for secrets.
    """
    said = message(error, address)
    lowered = said.lower()
    if any(word in lowered for word in _DENIED):
        return UserError(
            "the database denies access",
            evidence=[address, said],
            hint="check the user, its rights, and the variables that the address names",
            code="database-access",
        )
    if "decode" in lowered and "utf-8" in lowered:
        return DataError(
            "a text of the database is not UTF-8",
            evidence=[address, said],
            hint="repair the value, or convert the column in `data.query`",
            code="not-utf-8",
        )
    if is_outage(error):
        return InfrastructureError(
            "the database does not answer",
            evidence=[address, said],
            hint="check that it runs and can be reached from here, then try again",
            code="database-unreachable",
        )
    return DataError(
        "the database refuses the query",
        evidence=[address, said],
        hint="try `data.query` in the database's own shell",
        code="database-query",
    )


def message(error: Exception, address: str) -> str:
    """The first line of what the driver said, without secrets."""
    original = getattr(error, "orig", None) or error
    # pymysql gives a number and a text.
    texts = [part for part in original.args if isinstance(part, str)] or [str(original)]
    lines = [line.strip() for line in texts[-1].splitlines() if line.strip()]
    return without_secrets(lines[0] if lines else type(error).__name__, address)


def _engine(address: str) -> Engine:
    import sqlalchemy
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError
    from sqlalchemy.pool import NullPool

    url = resolved(address)
    dialect = url.drivername.partition("+")[0]
    try:
        engine = sqlalchemy.create_engine(
            url, connect_args=_TIMEOUTS.get(dialect, {}), poolclass=NullPool, hide_parameters=True
        )
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise missing_driver(address, error) from None
    except (ArgumentError, ValueError, TypeError):
        raise UserError(
            "data.path is not an address that the database's driver accepts",
            evidence=[address],
            hint="its form: kind://user:${PASSWORD}@host:port/database",
            code="bad-database-address",
        ) from None
    statement = _READ_ONLY.get(engine.dialect.name)
    if statement is not None:

        @sqlalchemy.event.listens_for(engine, "connect")
        def make_read_only(connection: Any, _: object) -> None:
            cursor = connection.cursor()
            cursor.execute(statement)
            cursor.close()
            connection.commit()

    return engine
