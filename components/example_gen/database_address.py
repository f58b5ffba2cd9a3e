"""Addresses of databases, with places for secrets that only the environment fills."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from components.example_gen.secret_parts import VARIABLE, secret_options
from core.errors import UserError, nearest

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

# The driver that a plain address means, and how it is installed.
_DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
}
_PACKAGES = {
    "psycopg": "psycopg[binary]",
    "psycopg2": "psycopg2-binary",
    "MySQLdb": "mysqlclient",
    "oracledb": "oracledb",
    "pyodbc": "pyodbc",
}
_DIALECTS = ("sqlite", "postgresql", "mysql", "mariadb", "oracle", "mssql")


def is_database(path: str) -> bool:
    """Whether a data path is the address of a database that SQLAlchemy reads.

    Args:
      path: What `data.path` says; nothing is connected.
    """
    scheme, separator, _ = path.partition("://")
    return bool(separator) and (scheme in (*_DIALECTS, "postgres") or "+" in scheme)


def check_address(address: str) -> None:
    """Refuses an address that cannot be one, or that holds a secret in plain text.

    Args:
      address: Such as ``postgresql://reader:${PASSWORD}@host/shop``.

    Raises:
      UserError: Without the address itself, which may be a secret.
    """
    url = _parsed(address)
    password = str(url.password or "")
    plain = ["password"] if password and not VARIABLE.fullmatch(password) else []
    plain += secret_options(
        (name, part)
        for name, value in url.query.items()
        for part in ([value] if isinstance(value, str) else value)
    )
    if plain:
        raise UserError(
            "the address of the database holds a password"
            if plain == ["password"]
            else f"the address of the database may hold a secret: {', '.join(plain)}",
            evidence=["configurations, logs and the metadata store would keep it"],
            hint="write ${VARIABLE} in its place and set that variable in the environment",
            code="password-in-configuration",
        )


def below(address: str, folder: Path) -> str:
    """The address with a relative SQLite file as an absolute one; others as they are.

    Args:
      address: The address.
      folder: What a relative path means.
    """
    scheme, _, rest = address.partition(":///")
    plain = scheme.partition("+")[0] == "sqlite"
    if not plain or not rest or rest.startswith(("/", "file:", ":memory:", "${")):
        return address
    return f"{scheme}:///{(folder / rest).absolute()}"


def resolved(address: str, environment: Mapping[str, str] | None = None) -> URL:
    """The address with its variables filled in; never to be written anywhere.

    Variables are replaced after the address was taken apart, so that their values need
    no escaping.

    Args:
      address: The address as the configuration has it.
      environment: The variables; the process's own where it is left out.

    Raises:
      UserError: If a variable is not set, the database's kind is unknown, or a SQLite
        file does not exist.
    """
    known = os.environ if environment is None else environment
    url = _parsed(address)

    def filled(text: str) -> str:
        return VARIABLE.sub(lambda match: known[match[1]], text)

    missing = sorted({name for name in VARIABLE.findall(address) if name not in known})
    if missing:
        raise UserError(
            f"the environment variable {missing[0]} is not set",
            evidence=[f"data.path names it: {address}"],
            hint=f"export {missing[0]}=…; in a container it comes from `kubeflow.secrets`",
            code="missing-variable",
        )
    query = {
        name: filled(value) if isinstance(value, str) else tuple(filled(part) for part in value)
        for name, value in url.query.items()
    }
    found = url.set(
        drivername=_DRIVERS.get(url.drivername, url.drivername),
        username=filled(url.username or "") or None,
        password=filled(str(url.password or "")) or None,
        host=filled(url.host or "") or None,
        database=filled(url.database or "") or None,
        query=query,
    )
    _check_file(found)
    return found


def without_secrets(text: str, address: str, environment: Mapping[str, str] | None = None) -> str:
    """A driver's message, with every value that a variable filled in taken out.

    Args:
      text: The message.
      address: The address as the configuration has it.
      environment: The variables; the process's own where it is left out.
    """
    known = os.environ if environment is None else environment
    for name in set(VARIABLE.findall(address)):
        value = known.get(name)
        if value:
            # As it is, and as a driver may have written it into an address of its own.
            for form in (value, quote_plus(value), quote(value), quote(value, safe="")):
                text = text.replace(form, f"${{{name}}}")
    return text


def missing_driver(address: str, error: Exception) -> UserError:
    """Explains why SQLAlchemy has no way to speak to a kind of database."""
    scheme = address.partition("://")[0]
    dialect = scheme.partition("+")[0]
    module = getattr(error, "name", None)
    if isinstance(error, ModuleNotFoundError) and module:
        return UserError(
            f"the driver for {dialect} is not installed: there is no module {module!r}",
            evidence=[f"data.path: {address}"],
            hint=f"install it: pip install {_PACKAGES.get(module, module)}",
            code="missing-driver",
        )
    if dialect in _DRIVERS:
        return UserError(
            f"SQLAlchemy has no driver {scheme!r}",
            evidence=[f"data.path: {address}"],
            hint=f"{dialect}:// alone means {_DRIVERS[dialect]}://",
            code="unknown-database",
        )
    close = nearest(dialect, _DIALECTS) if dialect not in _DIALECTS else None
    return UserError(
        f"SQLAlchemy has no database {scheme!r}",
        evidence=[f"data.path: {address}", f"known: {', '.join(_DIALECTS)}"],
        hint=f"did you mean {close!r}?"
        if close
        else "install the package that brings its SQLAlchemy dialect",
        code="unknown-database",
    )


def _parsed(address: str) -> URL:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(address)
    except (ArgumentError, ValueError):
        # Not from the error: its text holds the address, password included.
        raise UserError(
            "data.path is not a database address",
            evidence=["its form: kind://user:${PASSWORD}@host:port/database"],
            hint="a port is a number; @ : and / inside a name are written %40 %3A and %2F",
            code="bad-database-address",
        ) from None


def _check_file(url: URL) -> None:
    """SQLite makes an empty database of a file that is not there."""
    path = url.database
    if url.drivername.partition("+")[0] != "sqlite":
        return
    if not path or path == ":memory:" or path.startswith("file:") or Path(path).is_file():
        return
    folder = Path(path).parent
    names = sorted(item.name for item in folder.iterdir()) if folder.is_dir() else []
    close = nearest(Path(path).name, names)
    raise UserError(
        f"there is no database file {path}",
        evidence=[f"beside it: {', '.join(names[:5])}"] if names else [],
        hint=f"did you mean {close!r}?"
        if close
        else "an absolute path has four slashes: sqlite:////data/trips.db",
        code="no-data",
    )
