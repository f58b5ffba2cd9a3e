"""Who is at the keyboard."""

from __future__ import annotations

import getpass


def login_name() -> str:
    """The login of whoever runs this process (``$USER`` and the like).

    Returns:
      ``unknown`` in a container whose user has no entry in the password file.
    """
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
