"""The same pipeline on a cluster: task graph, renderers, entry point, emulator, client."""

from __future__ import annotations

import importlib
from typing import Any

# TFX finds an artifact type on Vertex AI by importing its title, and allows `package.Class`
# only, so the types of our components have names here. Loaded on use.
VERTEX_TYPES = {"DataBlessing": "components.data_gate.artifacts"}


def __getattr__(name: str) -> Any:
    if name not in VERTEX_TYPES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(VERTEX_TYPES[name]), name)
