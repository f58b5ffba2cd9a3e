"""The report of a refusal, kept where later runs do not overwrite it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePosixPath

from core import files
from core.errors import MillraceError

FOLDER = "quarantine"
REPORT_JSON = "report.json"
REPORT_HTML = "report.html"


def report_folder(root: str, entry_id: str) -> str:
    """The folder of an entry's files.

    Args:
      root: The folder of the metadata store and of all artifacts, or its address.
      entry_id: The entry.
    """
    return f"{root.rstrip('/')}/{FOLDER}/{entry_id}"


def report_contents(error: MillraceError) -> dict[str, str]:
    """The files that tell of a refusal: those that came with it, else what it says itself.

    Args:
      error: The gate's refusal.
    """
    contents = {PurePosixPath(name).name: text for name, text in error.details.items()}
    if REPORT_JSON not in contents:
        said = {
            "accepted": False,
            "code": error.code,
            "headline": error.headline,
            "evidence": list(error.evidence),
            "hint": error.hint,
        }
        contents[REPORT_JSON] = json.dumps(said, indent=2)
    return contents


def write_report(folder: str, contents: Mapping[str, str]) -> None:
    """Writes an entry's files.

    Args:
      folder: A path, or an address such as ``gs://bucket/root/quarantine/3f9a51c0d2e7``.
      contents: The files' texts by name.

    Raises:
      OSError: If the disk refuses; TFX's file systems have errors of their own.
    """
    if "://" not in folder:
        for name, text in contents.items():
            files.write_text(f"{folder}/{name}", text)
        return
    from tfx.dsl.io import fileio

    fileio.makedirs(folder)
    for name, text in contents.items():
        # A bucket shows a file only when it is whole.
        with fileio.open(f"{folder}/{name}", "w") as file:
            file.write(text)
