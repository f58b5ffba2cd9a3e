"""Makes workflow_schema.json from Argo's published JSON schema.

    git show v4.1.2:api/jsonschema/schema.json > /tmp/schema.json     (in argo-workflows)
    python tests/kubeflow/renderers/argo/make_schema.py /tmp/schema.json v4.1.2

Keeps what a Workflow or WorkflowTemplate can reach, without descriptions, and refuses keys
that a definition does not have (the published schema lets them pass; the server does not).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

PREFIX = "#/definitions/"
KINDS = [f"io.argoproj.workflow.v1alpha1.{kind}" for kind in ("Workflow", "WorkflowTemplate")]
STATUS = "status"  # What the controller writes, not we.


def stripped(node: Any, is_properties: bool = False) -> Any:
    if isinstance(node, list):
        return [stripped(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: stripped(value, key == "properties")
        for key, value in node.items()
        if is_properties or not (key in ("description", "title") or key.startswith("x-"))
    }
    if not is_properties and isinstance(kept.get("properties"), dict):
        kept.setdefault("additionalProperties", False)
    return kept


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"].removeprefix(PREFIX)} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(references(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(references(item) for item in node))
    return set()


def main(source: str, version: str) -> None:
    published = json.loads(Path(source).read_text())["definitions"]
    kept: dict[str, Any] = {}
    waiting = set(KINDS)
    while waiting:
        name = waiting.pop()
        kept[name] = stripped(published[name])
        if name in KINDS:
            kept[name]["properties"].pop(STATUS, None)
        waiting |= references(kept[name]) - kept.keys()
    schema = {
        "$comment": f"From argo-workflows {version}, api/jsonschema/schema.json, Apache-2.0; "
        "made by make_schema.py",
        "oneOf": [{"$ref": PREFIX + kind} for kind in KINDS],
        "definitions": dict(sorted(kept.items())),
    }
    target = Path(__file__).with_name("workflow_schema.json")
    target.write_text(json.dumps(schema, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
