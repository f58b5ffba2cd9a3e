"""ML Metadata's gRPC service, which its wheel has no program for: a real one, in this process."""

from __future__ import annotations

import concurrent.futures
from pathlib import Path
from typing import Any

import grpc
from ml_metadata.metadata_store.pywrap.metadata_store_extension import (
    metadata_store as serialized,
)
from ml_metadata.proto import metadata_store_pb2

from metadata.connection import sqlite_config


class _Service(grpc.GenericRpcHandler):
    """Hands every call to ML Metadata's own code, over a SQLite file."""

    def __init__(self, path: Path) -> None:
        options = metadata_store_pb2.MigrationOptions().SerializeToString()
        self._store = serialized.CreateMetadataStore(
            sqlite_config(path).SerializeToString(), options
        )

    def service(self, details: grpc.HandlerCallDetails) -> Any:
        method = getattr(serialized, details.method.rpartition("/")[2])

        def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
            response, message, code = method(self._store, request)
            if code:
                status = next(one for one in grpc.StatusCode if one.value[0] == code)
                context.abort(status, message.decode())
            return bytes(response)

        # Without serializers, bytes come and go as they are.
        return grpc.unary_unary_rpc_method_handler(answer)


class StoreServer:
    """The service on loopback.

    Args:
      path: The SQLite file behind it.
      port: Where it will listen.
    """

    def __init__(self, path: Path, port: int) -> None:
        self.port = port
        # One worker: the store is not made for several threads.
        workers = concurrent.futures.ThreadPoolExecutor(max_workers=1)
        self._server = grpc.server(workers, handlers=(_Service(path),))

    def start(self) -> None:
        """Begins to answer."""
        assert self._server.add_insecure_port(f"127.0.0.1:{self.port}") == self.port
        self._server.start()

    def stop(self) -> None:
        """Ends; what is under way is cut off."""
        self._server.stop(None).wait()
