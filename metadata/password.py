"""Where the password of the metadata store is: in the environment, and nowhere else."""

from __future__ import annotations

import os

PASSWORD_VARIABLE = "MILLRACE_METADATA_PASSWORD"
"""The environment variable with the password of a MySQL or PostgreSQL store. A password
stands nowhere else: not in a configuration, a package, a log or the metadata."""


def password() -> str:
    """The password in the environment; empty where there is none."""
    return os.environ.get(PASSWORD_VARIABLE, "")
