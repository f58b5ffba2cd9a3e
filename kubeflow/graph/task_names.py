"""Names of tasks: TFX node ids as every orchestrator allows them."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Kubeflow allows 128 characters, a Kubernetes label 63; orchestrators add suffixes of
# their own, such as Kubeflow's `-driver`.
LONGEST = 50

_WORD_ENDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OTHER = re.compile(r"[^a-z0-9]+")


def task_name(node_id: str) -> str:
    """A node id in lower case letters, digits and dashes: ``StatisticsGen`` -> ``statistics-gen``.

    Args:
      node_id: The TFX node's id.

    Returns:
      A name that starts with a letter and has at most `LONGEST` characters.
    """
    words = _WORD_ENDS.sub("-", node_id).lower()
    name = _OTHER.sub("-", words).strip("-")
    if not name or not name[0].isalpha():
        name = f"node-{name}".rstrip("-")
    return name[:LONGEST].rstrip("-")


def task_names(node_ids: Iterable[str]) -> dict[str, str]:
    """Names of all nodes, each unique; of equal ones the later get a number.

    Args:
      node_ids: Different ids, in the order of the pipeline.

    Returns:
      The name by node id.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for node_id in node_ids:
        name = base = task_name(node_id)
        number = 2
        while name in taken:
            suffix = f"-{number}"
            name = base[: LONGEST - len(suffix)].rstrip("-") + suffix
            number += 1
        taken.add(name)
        names[node_id] = name
    return names
