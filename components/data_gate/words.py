"""What the gate says, for whoever tells it without TensorFlow."""

from __future__ import annotations


def unlike_words(bundled: str) -> str:
    """Why data are compared with none, though some were accepted.

    Args:
      bundled: Which bundled data were accepted before; empty where these are bundled data
        and those are not.
    """
    if bundled:
        return f"nothing to compare with: the data accepted before are bundled ({bundled})"
    return "nothing to compare with: these data are bundled, those accepted before are not"
