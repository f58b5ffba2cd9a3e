"""Text in a pod's specification: what Kubernetes would change is written so that it does not."""

from __future__ import annotations

import json
import re

from pipeline.configuration.parameters import RunParameter

_REFERENCE = re.compile(r"\$[($]")


def unexpanded(text: str) -> str:
    """Text for a command, an argument or an environment variable of a container.

    Kubernetes puts the value of an environment variable in the place of ``$(NAME)``, in
    arguments too, and reads ``$$`` as one dollar sign. A secret could thus end in an
    argument, and a pattern in the configuration could change on its way.

    Args:
      text: What the program must see.

    Returns:
      The same, with its dollar signs doubled where Kubernetes would read them.
    """
    return text.replace("$", "$$") if _REFERENCE.search(text) else text


def default_text(parameter: RunParameter) -> str:
    """A parameter's default as text, in the form that its entry point reads.

    Args:
      parameter: The parameter.

    Returns:
      Empty text for no value, ``true`` and ``false``, digits for numbers.
    """
    if parameter.default is None:
        return ""
    if isinstance(parameter.default, str):
        return parameter.default
    return json.dumps(parameter.default)


def described(parameter: RunParameter) -> str:
    """The description with the type and the bounds, for forms that show only text."""
    return f"{parameter.description} ({parameter.bounds_text})".strip()
