"""TFX's handle of the metadata store, over the way in which Millrace opens one.

Imports TFX (and with it TensorFlow), so only what runs nodes may import this.
"""

from __future__ import annotations

from tfx.orchestration import metadata

from metadata.connection import Connection
from metadata.store import open_store


class ServerHandle(metadata.Metadata):
    """A handle of a store that is a server.

    TFX enters a handle before and after each executor. Its own tries ten times within
    seconds and then only says that it failed; this one waits for a server that is away for
    a moment, explains why it cannot get in, and holds no password between.

    Args:
      connection: The connection, without a password.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)

    def __enter__(self) -> ServerHandle:
        """Opens the store.

        Raises:
          InfrastructureError: As `metadata.store.open_store` does.
        """
        self._store = open_store(self._connection_config)
        self._users += 1
        return self
