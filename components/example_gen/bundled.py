"""Bundled data, which are made up: a record beside them says so, whoever reads them.

Data of one's own must not be compared with them as if one had come after the other.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from components.example_gen.formats.detection import SourceFile
from core import files
from core.fingerprints import content_digest

# The custom property of examples, and of the gate's blessing, that holds their name.
BUNDLED_PROPERTY = "bundled"
# Files with a point before their names are no data.
_RECORD_FILE = ".bundled.json"


def write_record(path: Path, name: str) -> None:
    """Notes beside a file that it holds bundled data.

    Args:
      path: The file, written to the end.
      name: Which bundled data they are.

    Raises:
      OSError: If the disk refuses.
    """
    record = {"name": name, "file": path.name, "content": content_digest([path], path.parent)}
    files.write_text(path.parent / _RECORD_FILE, json.dumps(record))


def has_record(path: Path) -> bool:
    """Whether a file is there, and was noted to be bundled data when it was written."""
    return path.is_file() and (path.parent / _RECORD_FILE).is_file()


def bundled_name(sources: Sequence[SourceFile]) -> str:
    """Which bundled data some files are; nothing where a byte of them is another.

    Args:
      sources: All files that are read.
    """
    if len(sources) != 1 or "://" in sources[0].path:
        return ""
    path = Path(sources[0].path)
    try:
        record = json.loads((path.parent / _RECORD_FILE).read_text())
        digest = content_digest([path], path.parent)
        same = (record["file"], record["content"]) == (path.name, digest)
        return str(record["name"]) if same else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""
