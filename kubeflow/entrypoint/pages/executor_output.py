"""``executor_output.json``: what a task tells Kubeflow of its outputs.

The launcher reads it as strict protojson of `ml_pipelines.ExecutorOutput` and merges
each artifact's metadata into its own record; it refuses unknown fields.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from kubeflow.entrypoint.arguments import Output


def executor_output(drawn: Iterable[tuple[Output, Mapping[str, Any]]]) -> str:
    """The file's text.

    Args:
      drawn: The outputs that were written, each with its metadata: nested mappings,
        lists, texts and finite numbers.

    Raises:
      ValueError: If metadata has a null or a number that JSON does not know.
    """
    artifacts = {}
    for output, metadata in drawn:
        _check(metadata, output.name)
        # Without a uri: where Kubeflow keeps the artifact is its own affair.
        artifacts[output.name] = {
            "artifacts": [
                {
                    "name": output.name,
                    "type": {"schemaTitle": output.type, "schemaVersion": "0.0.1"},
                    "metadata": dict(metadata),
                }
            ]
        }
    return json.dumps({"artifacts": artifacts}, sort_keys=True, allow_nan=False)


def _check(value: Any, place: str) -> None:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        raise ValueError(f"{place} is {value}, which Kubeflow cannot keep")
    if isinstance(value, Mapping):
        for key, item in value.items():
            _check(item, f"{place}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check(item, f"{place}[{index}]")
