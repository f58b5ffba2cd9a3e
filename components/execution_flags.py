"""What the definition tells an executor beside its exec properties.

TFX hashes an executor's extra flags into its cache key, so a change of either
flag makes a node run again.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable

DEFAULT_IN_MEMORY_BYTES = 2 * 1024**3


@dataclasses.dataclass(frozen=True)
class ExecutionFlags:
    """The flags as values.

    Attributes:
      in_memory_bytes: Inputs up to this size are computed in one process over
        Arrow batches; larger ones, or all where it is 0, go through Beam.
      code: A digest of the code that the node runs; only its changes matter.
      modules: The project's own modules that take part, as dotted names.
      files: Paths and patterns of the files that these are declared to read.
    """

    in_memory_bytes: int = DEFAULT_IN_MEMORY_BYTES
    code: str = ""
    modules: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    def to_flags(self) -> list[str]:
        """Writes the flags for `ExecutorSpec.add_extra_flags`."""
        flags = [f"--in_memory_bytes={self.in_memory_bytes}", f"--code={self.code}"]
        lists = (("modules", self.modules), ("files", self.files))
        return flags + [f"--{name}={json.dumps(values)}" for name, values in lists if values]


def parse_execution_flags(extra_flags: Iterable[str] | None) -> ExecutionFlags:
    """Reads the flags that an executor's context carries; others are ignored.

    Args:
      extra_flags: `BaseExecutor.Context.extra_flags`.

    Raises:
      ValueError: If ``--in_memory_bytes`` is not a whole number.
    """
    values: dict[str, str] = {}
    for flag in extra_flags or ():
        name, separator, value = flag.removeprefix("--").partition("=")
        if separator:
            values[name] = value
    return ExecutionFlags(
        in_memory_bytes=int(values.get("in_memory_bytes", DEFAULT_IN_MEMORY_BYTES)),
        code=values.get("code", ""),
        modules=tuple(json.loads(values.get("modules", "[]"))),
        files=tuple(json.loads(values.get("files", "[]"))),
    )
