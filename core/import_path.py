"""Where modules come from: Python, Millrace and what is installed, before anything of a user's.

Python looks first in the folder that it works in: a file ``random.py`` there, or a folder
``models/``, would be run in the place of the real one. A folder of data must never be run.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_ROOT = str(Path(__file__).absolute().parents[1])
# `sys` is built in; any other module would be looked for in the working folder first.
_AS_HERE = "import sys; sys.path[:] = sys.argv.pop(1).split('\\n'); "
_RUN_MODULE = "import runpy; runpy.run_module(sys.argv.pop(1), run_name='__main__', alter_sys=True)"


def leave_out_working_folder() -> None:
    """Takes the working folder off the front, and puts Millrace before what is installed."""
    if sys.path[:1] in ([""], [_working_folder()]):
        del sys.path[0]
    if _ROOT not in sys.path or sys.path.index(_ROOT) > _first_installed():
        sys.path.insert(_first_installed(), _ROOT)


def append(folder: Path | str) -> None:
    """Has modules of a folder found that are found nowhere else.

    Args:
      folder: A folder with a person's own modules.
    """
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def module_command(module: str, *arguments: str, also: tuple[str, ...] = ()) -> list[str]:
    """The command of a child that runs a module and imports from where this process does.

    Args:
      module: The module, run as ``python -m`` would.
      *arguments: What it is told.
      also: Further folders, looked in last.
    """
    return [*_start(_RUN_MODULE, also), module, *arguments]


def code_command(code: str) -> list[str]:
    """The command of a child that runs some code and imports from where this process does."""
    return _start(code, ())


def _start(code: str, also: tuple[str, ...]) -> list[str]:
    folders = [folder for folder in sys.path if folder]
    folders += [folder for folder in also if folder not in folders]
    return [sys.executable, "-c", f"{_AS_HERE}\n{code}", "\n".join(folders)]


def _working_folder() -> str:
    try:
        return os.getcwd()
    except OSError:  # removed meanwhile
        return ""


def _first_installed() -> int:
    names = ("site-packages", "dist-packages")
    return next(
        (place for place, folder in enumerate(sys.path) if folder.endswith(names)), len(sys.path)
    )
