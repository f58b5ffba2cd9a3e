"""What the fork server imports once, so that no node has to."""

from __future__ import annotations

import gc
import importlib

from core.deferred_imports import deferred

MODULES = (
    "tfx.orchestration.portable.launcher",
    "tfx.orchestration.local.runner_utils",
    "tfx.components",
    "tfx.dsl.compiler.compiler",
    "keras",
    "components.example_gen.component",
    "components.statistics_gen.component",
    "components.transform.component",
    "components.trainer.component",
    "components.evaluator.component",
    "components.data_gate.component",
    "components.serving_validator.component",
    "components.pusher.component",
    "models.training",
    "preprocessing.preprocessing_fn",
)


def preload() -> None:
    """Imports TensorFlow, TFX and our components.

    Starts no runtime of theirs. Collection of garbage is off meanwhile: nearly all that
    imports make stays, and looking for the rest takes a second.
    """
    gc.disable()
    try:
        with deferred():
            for name in MODULES:
                importlib.import_module(name)
    finally:
        gc.enable()
    # Children share these pages as long as nobody's collector writes to them.
    gc.freeze()
