"""The files of transformed examples of one split."""

from __future__ import annotations

import contextlib
import itertools
import queue
import subprocess
import threading
from types import TracebackType
from typing import IO

import pyarrow as pa

from components.transform.record_file import RecordFile
from components.transform.shard_worker import SCHEMA
from core import import_path
from core.errors import InfrastructureError

_WAITING_BATCHES = 2


class ShardedExamples:
    """Writes ``<prefix>-00000-of-0000N.gz`` files of tf.Examples.

    Args:
      prefix: The beginning of the files' paths.
      arrow_schema: The schema of every batch.
      serialized_schema: The serialized TensorFlow Metadata schema of the batches.
      shards: How many files. One file is written in this process, several by a
        process each.
    """

    def __init__(
        self, prefix: str, arrow_schema: pa.Schema, serialized_schema: bytes, shards: int
    ) -> None:
        paths = [f"{prefix}-{index:05d}-of-{shards:05d}.gz" for index in range(shards)]
        self._shards: list[_LocalShard | _ProcessShard]
        if shards == 1:
            self._shards = [_LocalShard(paths[0], serialized_schema)]
        else:
            schema = arrow_schema.with_metadata({SCHEMA: serialized_schema})
            self._shards = [_ProcessShard(path, schema) for path in paths]
        self._turns = itertools.cycle(self._shards)

    def __enter__(self) -> ShardedExamples:
        for shard in self._shards:
            shard.start()
        return self

    def write(self, batch: pa.RecordBatch) -> None:
        """Gives a batch to the shard whose turn it is.

        Raises:
          InfrastructureError: If the process of the shard has ended.
        """
        next(self._turns).write(batch)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pending = list(self._shards)
        try:
            while error is None and pending:
                pending[0].finish()
                pending.pop(0)
        finally:
            for shard in pending:
                shard.abandon()


class _LocalShard:
    """A file written by this process."""

    def __init__(self, path: str, serialized_schema: bytes) -> None:
        self._records = RecordFile(path, serialized_schema)

    def start(self) -> None:
        self._records.__enter__()

    def write(self, batch: pa.RecordBatch) -> None:
        self._records.write(batch)

    def finish(self) -> None:
        self._records.__exit__(None, None, None)

    def abandon(self) -> None:
        failure = InterruptedError("the node failed")
        with contextlib.suppress(InterruptedError):
            self._records.__exit__(InterruptedError, failure, None)


class _ProcessShard:
    """A file written by a process, fed by a thread so that nobody waits for nobody."""

    def __init__(self, path: str, schema: pa.Schema) -> None:
        self._path = path
        self._schema = schema
        self._batches: queue.Queue[pa.RecordBatch | None] = queue.Queue(_WAITING_BATCHES)
        self._failure: BaseException | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            import_path.module_command("components.transform.shard_worker", self._path),
            stdin=subprocess.PIPE,
        )
        self._thread = threading.Thread(target=self._feed, daemon=True)
        self._thread.start()

    def write(self, batch: pa.RecordBatch) -> None:
        self._raise_failure()
        self._batches.put(batch)

    def finish(self) -> None:
        self._batches.put(None)
        self._thread.join()
        code = self._process.wait()
        self._raise_failure()
        if code:
            raise self._error(f"exit code {code}")

    def abandon(self) -> None:
        self._process.kill()
        self._process.wait()

    def _feed(self) -> None:
        pipe: IO[bytes] | None = self._process.stdin
        assert pipe is not None
        try:
            with pipe, pa.ipc.new_stream(pipe, self._schema) as stream:
                while (batch := self._batches.get()) is not None:
                    stream.write_batch(_with_schema(batch, self._schema))
        except (OSError, pa.ArrowException) as failure:
            self._failure = failure
            # Whoever writes must not wait for a reader that is gone.
            while self._batches.get() is not None:
                pass

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._error(str(self._failure)) from self._failure

    def _error(self, reason: str) -> InfrastructureError:
        return InfrastructureError(
            "A process that writes transformed examples ended too early",
            evidence=[self._path, reason],
            hint="see the log of the run; a full disk or too little memory are likely causes",
            code="shard-writer",
        )


def _with_schema(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(batch.columns, schema=schema)
