"""The report of a refusal, kept where later runs do not overwrite it."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from components.quarantine.report_line import REPORT_LINE, report_folder_of
from core import files
from core.errors import DataError, MillraceError

FOLDER = "quarantine"
# As in components.data_gate.artifacts, which brings TFX.
REPORT_FILE = "data_gate.json"
PAGE_FILE = "data_gate.html"
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
    """The files that tell of a refusal.

    They are those that came with it or that the gate left in the folder that it names,
    else what the refusal says itself.

    Args:
      error: The gate's refusal.

    Raises:
      OSError: If a file that is there cannot be read.
    """
    contents = {PurePosixPath(name).name: text for name, text in error.details.items()}
    left = report_folder_of(error) if isinstance(error, DataError) else None
    for name, kept in ((REPORT_FILE, REPORT_JSON), (PAGE_FILE, REPORT_HTML)):
        text = _read(f"{left}/{name}") if left and kept not in contents else None
        if text is not None:
            contents[kept] = text if kept == REPORT_JSON else _page(error.headline, text)
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


def own_evidence(error: MillraceError) -> tuple[str, ...]:
    """The evidence of a refusal without the line that names the gate's own folder."""
    return tuple(line for line in error.evidence if not line.startswith(REPORT_LINE))


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


def _read(path: str) -> str | None:
    """A file's text, None where there is none."""
    if "://" not in path:
        return Path(path).read_text(encoding="utf-8") if Path(path).is_file() else None
    from tfx.dsl.io import fileio

    if not fileio.exists(path):
        return None
    with fileio.open(path, "r") as file:
        return str(file.read())


def _page(title: str, fragment: str) -> str:
    """A whole document around the gate's fragment."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{html.escape(title)}</title></head>\n<body>{fragment}</body></html>\n"
    )
