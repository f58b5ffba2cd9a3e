"""TFMA's protocol buffers without TensorFlow.

The three generated modules need nothing but protobuf, yet importing them the
usual way runs ``tensorflow_model_analysis/__init__.py``, which imports
TensorFlow and Beam: ten seconds for a report that takes half of one.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import threading
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_PACKAGE = "tensorflow_model_analysis"
_NAMES = ("config_pb2", "metrics_for_slice_pb2", "validation_result_pb2")
_LOCK = threading.Lock()


def load() -> tuple[Any, Any, Any]:
    """Loads the modules ``config_pb2``, ``metrics_for_slice_pb2``, ``validation_result_pb2``.

    Where the real package is loaded already, its modules are given. Otherwise
    an empty package stands in for it during the imports and is taken away
    after them; a later import of the real package finds the modules in place.

    Raises:
      ModuleNotFoundError: If tensorflow-model-analysis is not installed.
    """
    with _LOCK:
        full_names = [f"{_PACKAGE}.proto.{name}" for name in _NAMES]
        if not all(name in sys.modules for name in full_names):
            stand_ins = [] if _PACKAGE in sys.modules else list(_stand_ins())
            try:
                for name in full_names:
                    importlib.import_module(name)
            finally:
                for stand_in in stand_ins:
                    sys.modules.pop(stand_in, None)
        config, metrics, validation = (sys.modules[name] for name in full_names)
        return config, metrics, validation


def _stand_ins() -> Iterator[str]:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"No module named {_PACKAGE!r}", name=_PACKAGE)
    root = Path(spec.submodule_search_locations[0])
    for name, folder in ((_PACKAGE, root), (f"{_PACKAGE}.proto", root / "proto")):
        package = types.ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package
        yield name
