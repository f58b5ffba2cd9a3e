"""Who is at the keyboard."""

from __future__ import annotations

import getpass
import os

USER_VARIABLE = "MILLRACE_USER"


def login_name() -> str:
    """The name of whoever runs this process: MILLRACE_USER, else the login.

    Returns:
      ``unknown`` in a container whose user has no entry in the password file.
    """
    named = os.environ.get(USER_VARIABLE, "").strip()
    if named:
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
