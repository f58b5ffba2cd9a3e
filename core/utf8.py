"""A process whose names of files are UTF-8, whatever the locale says."""

from __future__ import annotations

import os
import sys


def ensure_utf8() -> None:
    """Starts this process anew in Python's UTF-8 mode where names are not UTF-8.

    Under ``LC_ALL=C`` without Python's own coercion, or with an old locale, a path that is not
    ASCII could neither be recorded nor handed to TensorFlow or Arrow, which take UTF-8. The
    mode can only be chosen at the start (PEP 540); children inherit it.
    """
    if sys.getfilesystemencoding() == "utf-8" or not sys.executable:
        return
    environment = {**os.environ, "PYTHONUTF8": "1"}
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)
