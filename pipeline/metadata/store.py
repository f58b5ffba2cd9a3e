"""Opening an ML Metadata store without TFX.

`ml_metadata` alone imports in a fifth of a second; TFX's own wrapper would bring
TensorFlow with it.
"""

from __future__ import annotations

from pathlib import Path

import ml_metadata
from ml_metadata.proto import metadata_store_pb2

from core.errors import InfrastructureError

# SQLite refuses a reader while another process commits; a commit takes milliseconds.
_RETRIES = 10

# Statuses that ml_metadata raises; the last is what a failed connection raises.
STORE_ERRORS = (ml_metadata.errors.StatusError, RuntimeError)


def sqlite_config(path: Path, *, read_only: bool = False) -> metadata_store_pb2.ConnectionConfig:
    """The connection of a SQLite file.

    Args:
      path: The file; made on connection where it is missing, unless `read_only`.
      read_only: Whether nothing may be written.
    """
    modes = metadata_store_pb2.SqliteMetadataSourceConfig
    mode = modes.READONLY if read_only else modes.READWRITE_OPENCREATE
    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = str(path)
    config.sqlite.connection_mode = mode
    config.retry_options.max_num_retries = _RETRIES
    return config


def open_store(config: metadata_store_pb2.ConnectionConfig) -> ml_metadata.MetadataStore:
    """Connects to a store.

    Args:
      config: The connection.

    Raises:
      InfrastructureError: If the store is missing, broken or does not answer.
    """
    try:
        return ml_metadata.MetadataStore(config)
    except STORE_ERRORS as error:
        raise InfrastructureError(
            f"The metadata store {_name(config)} cannot be opened",
            evidence=[str(error).splitlines()[0][:200]],
            hint="check the path and that it is a metadata store of a finished or running run",
            code="metadata-store",
        ) from error


def open_for_reading(path: Path) -> ml_metadata.MetadataStore:
    """Connects to a SQLite store that must exist, and cannot change it.

    Args:
      path: The store's file.

    Raises:
      InfrastructureError: If it is missing or broken.
    """
    return open_store(sqlite_config(path, read_only=True))


def _name(config: metadata_store_pb2.ConnectionConfig) -> str:
    kind = config.WhichOneof("config")
    if kind == "sqlite":
        return str(config.sqlite.filename_uri)
    return f"({kind})"
