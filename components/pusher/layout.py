"""TF Serving's layout: a folder per version, whose name is a whole number.

Servers pass over every other name, so work in progress has names that begin with a dot.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable
from pathlib import Path

MODEL_FILE = "saved_model.pb"
# Part of the SavedModel format for files of others; servers pass over those they do not know.
RECORD = "assets.extra/millrace.json"
IN_PROGRESS = ".pushing-"
REMOVED = ".removed-"


def numbers(names: Iterable[str]) -> list[int]:
    """The version numbers among the names in a folder, in their order.

    Args:
      names: Names of files and folders; a bucket's may end with a slash.
    """
    stripped = (name.rstrip("/") for name in names)
    return sorted(int(name) for name in stripped if name.isascii() and name.isdigit())


def next_number(known: Iterable[int]) -> int:
    """The number of a new version: the time in seconds, as TFX has it, but never a known one.

    Args:
      known: The numbers that were given already.
    """
    return max([int(time.time()), *(number + 1 for number in known)])


def record_text(token: str) -> str:
    """The content of `RECORD`.

    Args:
      token: Names one push, however often it is tried.
    """
    return json.dumps({"push": token}) + "\n"


def record_token(text: str | bytes) -> str | None:
    """The token of a record, None where it is none of ours."""
    try:
        document = json.loads(text)
    except ValueError:
        return None
    found = document.get("push") if isinstance(document, dict) else None
    return found if isinstance(found, str) else None


def push_token(*parts: str) -> str:
    """A token of whatever names a push.

    Args:
      *parts: Such as the run's id and the model's address.
    """
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def model_digest(model: Path) -> str:
    """A digest of the names and contents of a model's files; the record is left out.

    Args:
      model: The model's folder.

    Raises:
      OSError: If a file cannot be read.
    """
    digest = hashlib.sha256()
    for path in sorted(item for item in model.rglob("*") if item.is_file()):
        name = path.relative_to(model).as_posix()
        if name != RECORD:
            digest.update(f"{name}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:32]
