"""Names in plain letters for columns of any name: for files and for signatures' inputs."""

from __future__ import annotations

import hashlib
import re

_LONGEST = 100


def plain_name(name: str, *, with_digest: bool = False) -> str:
    """A name of ASCII letters, digits and underscores that no other name shares.

    Args:
      name: Any name. One that is plain and not too long stays as it is; another one is
        made plain, with eight digits of its digest behind it.
      with_digest: Whether a plain name gets digits, too.
    """
    plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
    if plain == name and len(name) <= _LONGEST and not with_digest:
        return name
    return f"{plain[:_LONGEST]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"
