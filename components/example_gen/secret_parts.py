"""Passwords and keys in addresses of data: they are refused, whatever they are called.

An address is recorded in configurations, logs and the metadata store, and it is printed. So
what an address may say in plain text is listed, and all else has to be a variable.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from core.errors import UserError, nearest

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")

# Options that drivers take and that hold no secret. PostgreSQL: libpq 16, 34.1.2; MySQL: pymysql
# and mysqlclient; SQLite; SQL Server: pyodbc; Oracle: oracledb.
# fmt: off
_HARMLESS = frozenset({
    "application_name", "channel_binding", "client_encoding", "connect_timeout", "dbname",
    "fallback_application_name", "gssencmode", "host", "hostaddr", "keepalives",
    "keepalives_count", "keepalives_idle", "keepalives_interval", "krbsrvname",
    "load_balance_hosts", "options", "passfile", "port", "require_auth", "service", "servicefile",
    "ssl", "ssl_max_protocol_version", "ssl_min_protocol_version", "sslcert", "sslcompression",
    "sslcrl", "sslcrldir", "sslkey", "sslmode", "sslrootcert", "sslsni", "target_session_attrs",
    "tcp_user_timeout", "user", "autocommit", "charset", "collation", "compress", "local_infile",
    "read_default_file", "read_default_group", "read_timeout", "sql_mode", "ssl_ca", "ssl_capath",
    "ssl_cert", "ssl_check_hostname", "ssl_cipher", "ssl_disabled", "ssl_key", "ssl_verify_cert",
    "ssl_verify_identity", "unix_socket", "use_unicode", "write_timeout", "cache",
    "cached_statements", "check_same_thread", "detect_types", "immutable", "isolation_level",
    "mode", "nolock", "timeout", "uri", "vfs", "applicationintent", "authentication", "driver",
    "encrypt", "longasmax", "multisubnetfailover", "trusted_connection", "trustservercertificate",
    "config_dir", "encoding", "events", "nencoding", "service_name", "threaded", "wallet_location",
})
# fmt: on
# In the value of an option that holds options of its own.
_SECRET_INSIDE = re.compile(r"(passw|pwd|secret|token|key)\w*\s*=|://[^/]*@", re.IGNORECASE)
_PASSWORD = re.compile(r"[^/]*?:(?P<password>[^/]*)@")
_OPTION = re.compile(r"[?&;]([\w.-]+)=([^&;]*)")
# Of tf.io.gfile, through which files are read.
_FILE_SYSTEMS = ("gs", "s3", "hdfs", "viewfs", "har", "file", "ram")


def secret_options(options: Iterable[tuple[str, str]]) -> list[str]:
    """The names of the options that may hold a secret in plain text.

    Args:
      options: Names and values; a value that is a variable holds none.
    """
    return [
        name
        for name, value in options
        if value
        and not VARIABLE.fullmatch(value)
        and (name.lower().replace("-", "_") not in _HARMLESS or _SECRET_INSIDE.search(value))
    ]


def check_remote(address: str) -> None:
    """Refuses an address of files that no file system has, or that holds a secret.

    Args:
      address: Such as ``gs://bucket/trips/``.

    Raises:
      UserError: Without the address itself, which may be a secret.
    """
    scheme, _, rest = address.partition("://")
    found = _PASSWORD.match(rest)
    names = ["the password"] if found and found["password"] else []
    names += secret_options((m[1], m[2]) for m in _OPTION.finditer(rest))
    if names:
        raise UserError(
            "the address of the data holds a secret",
            evidence=[f"in plain text: {', '.join(names)}"],
            hint="name the file alone; a file system's credentials come from the environment, "
            "such as GOOGLE_APPLICATION_CREDENTIALS",
            code="password-in-configuration",
        )
    if scheme not in _FILE_SYSTEMS:
        near = nearest(scheme, [*_FILE_SYSTEMS, "postgresql", "mysql", "sqlite", "bigquery"])
        raise UserError(
            f"no data can be read from {scheme}://",
            evidence=[f"file systems: {', '.join(name + '://' for name in _FILE_SYSTEMS[:4])}"],
            hint=f"did you mean {near}://?" if near else "copy the files to this machine",
            code="unknown-file-system",
        )
