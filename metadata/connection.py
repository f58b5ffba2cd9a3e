"""The metadata store's connection: from the configuration, and without a password.

A connection is written to disk with the intermediate representation, so it never holds a
password; `with_password` adds the one of the environment when a store is opened.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ml_metadata.proto import metadata_store_pb2

from core.errors import UserError
from metadata.password import password

if TYPE_CHECKING:
    from metadata.settings import (
        GrpcStore,
        MetadataSettings,
        MysqlStore,
        PostgresqlStore,
    )

Connection: TypeAlias = (
    metadata_store_pb2.ConnectionConfig | metadata_store_pb2.MetadataStoreClientConfig
)

SQLITE_FILE = "metadata.sqlite"
# SQLite refuses a reader while another process commits; a commit takes milliseconds.
_SQLITE_RETRIES = 10
# Its MAX_PATHNAME less the suffix of the journal.
_SQLITE_PATH_BYTES = 504
# A call of the gRPC service that takes longer has lost its server.
_GRPC_SECONDS = 60.0
_GRPC_BYTES = 64 << 20


def connection_config(settings: MetadataSettings, root: str | Path) -> Connection:
    """The connection that a configuration describes, without a password.

    Args:
      settings: The section `metadata`.
      root: The folder of the SQLite file; servers do not need it.

    Raises:
      UserError: If a SQLite file would be in a bucket.
    """
    if settings.kind == "mysql":
        return _mysql_config(settings)
    if settings.kind == "postgresql":
        return _postgresql_config(settings)
    if settings.kind == "grpc":
        return _grpc_config(settings)
    return sqlite_config(sqlite_path(root))


def sqlite_path(root: str | Path) -> Path:
    """The SQLite file below a root.

    Raises:
      UserError: If the root is in a bucket, where SQLite cannot write, or its path too long.
    """
    if "://" in str(root):
        raise UserError(
            f"the metadata store cannot be a SQLite file in {root}",
            evidence=["SQLite needs a file system with locks, and a bucket has none"],
            hint="configure a server: `metadata: {kind: mysql, host: …}`",
            code="metadata-needs-server",
        )
    path = Path(root).absolute() / SQLITE_FILE
    if len(os.fsencode(path)) > _SQLITE_PATH_BYTES:
        raise UserError(
            f"the path of the metadata store is too long: {len(os.fsencode(path))} bytes",
            evidence=[f"SQLite opens paths of at most {_SQLITE_PATH_BYTES} bytes"],
            hint="name a folder with a shorter path with --root",
            code="name-too-long",
        )
    return path


def sqlite_config(path: Path, *, read_only: bool = False) -> metadata_store_pb2.ConnectionConfig:
    """The connection of a SQLite file.

    Args:
      path: The file; made on connection where it is missing, unless `read_only`.
      read_only: Whether nothing may be written.
    """
    modes = metadata_store_pb2.SqliteMetadataSourceConfig
    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = str(path)
    config.sqlite.connection_mode = modes.READONLY if read_only else modes.READWRITE_OPENCREATE
    config.retry_options.max_num_retries = _SQLITE_RETRIES
    return config


def _mysql_config(settings: MysqlStore) -> metadata_store_pb2.ConnectionConfig:
    config = metadata_store_pb2.ConnectionConfig()
    # MySQL's client takes the name `localhost` for a socket file, and then no port counts.
    config.mysql.host = "127.0.0.1" if settings.host == "localhost" else settings.host
    config.mysql.port = settings.port
    config.mysql.database = settings.database
    config.mysql.user = settings.user
    return config


def _postgresql_config(settings: PostgresqlStore) -> metadata_store_pb2.ConnectionConfig:
    config = metadata_store_pb2.ConnectionConfig()
    config.postgresql.host = settings.host
    config.postgresql.port = str(settings.port)
    config.postgresql.dbname = settings.database
    config.postgresql.user = settings.user
    # To create it, ML Metadata would first enter the database `postgres`, where a user
    # of one database need not have access.
    config.postgresql.skip_db_creation = True
    return config


def _grpc_config(settings: GrpcStore) -> metadata_store_pb2.MetadataStoreClientConfig:
    config = metadata_store_pb2.MetadataStoreClientConfig()
    config.host = settings.host
    config.port = settings.port
    config.client_timeout_sec = _GRPC_SECONDS
    config.channel_arguments.max_receive_message_length = _GRPC_BYTES
    return config


def with_password(connection: Connection) -> Connection:
    """A copy of a connection that holds the password, to be opened and then forgotten.

    Args:
      connection: The connection; SQLite and the gRPC service take no password.
    """
    filled = type(connection)()
    filled.CopyFrom(connection)
    secret = password()
    kind = server_kind(connection)
    if secret and kind in ("mysql", "postgresql"):
        getattr(filled, kind).password = secret
    return filled


def server_kind(connection: Connection) -> str:
    """``sqlite``, ``mysql``, ``postgresql`` or ``grpc``."""
    if isinstance(connection, metadata_store_pb2.MetadataStoreClientConfig):
        return "grpc"
    return str(connection.WhichOneof("config"))


def server_address(connection: Connection) -> tuple[str, int] | None:
    """The host and the port of a store that is a server, None for a file."""
    kind = server_kind(connection)
    if kind == "sqlite":
        return None
    server = connection if kind == "grpc" else getattr(connection, kind)
    return str(server.host), int(server.port)


def connection_name(connection: Connection) -> str:
    """The store as people read it: a path, or an address without a password."""
    kind = server_kind(connection)
    if kind == "sqlite":
        return str(connection.sqlite.filename_uri)
    if kind == "mysql":
        mysql = connection.mysql
        return f"mysql://{mysql.user}@{mysql.host}:{mysql.port}/{mysql.database}"
    if kind == "postgresql":
        server = connection.postgresql
        return f"postgresql://{server.user}@{server.host}:{server.port}/{server.dbname}"
    return f"grpc://{connection.host}:{connection.port}"
