"""A process that turns Arrow batches into a file of tf.Examples.

Encoding and compressing are most of the time of a large Transform and hold the
interpreter lock; a process of its own, which loads neither TensorFlow nor TFX, is ready
after a third of a second and uses another core.

Run as ``python -m components.transform.shard_worker PATH``; the batches come as an
Arrow stream on the standard input, with the serialized schema in its metadata.
"""

from __future__ import annotations

import sys

from components.transform.record_file import RecordFile
from core.arrow_files import open_ipc_stream

SCHEMA = b"tensorflow_metadata.schema"


def main(arguments: list[str]) -> None:
    """Reads batches until the stream ends."""
    (path,) = arguments
    with (
        open_ipc_stream(sys.stdin.buffer) as stream,
        RecordFile(path, stream.schema.metadata[SCHEMA]) as records,
    ):
        for batch in stream:
            records.write(batch)


if __name__ == "__main__":
    main(sys.argv[1:])
