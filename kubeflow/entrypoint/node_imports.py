"""Imports what one node needs and no more.

TFX's launcher and every executor import TensorFlow, Beam and the analysis libraries at
their top, ten seconds on a core, whether the node uses them or not. Here a node's
modules are imported while the libraries that it does not use are deferred.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.deferred_imports import UNUSED_LOCALLY, deferred, shallow_package

if TYPE_CHECKING:
    from tfx.proto.orchestration import pipeline_pb2

_TENSORFLOW = ("tensorflow", "keras", "tf_keras", "keras_tuner", "tensorflow_serving")
_BEAM = ("apache_beam",)
_ANALYSIS = ("tensorflow_model_analysis",)
_VALIDATION = ("tensorflow_data_validation",)
_TRANSFORM = ("tensorflow_transform",)
_READING = ("tfx_bsl",)
_ALL = (*_TENSORFLOW, *_BEAM, *_ANALYSIS, *_VALIDATION, *_TRANSFORM, *_READING)

# What each node does without. A node that can go through Beam keeps Beam and what Beam's
# transforms are made of: a class that was defined while its base was deferred has no base.
_UNUSED: dict[str, tuple[str, ...]] = {
    "ImportSchemaGen": _ALL,
    "DataGate": _ALL,
    "LatestHyperparameters": _ALL,
    "LatestBlessedModel": _ALL,
    "Pusher": _ALL,
}

_LAUNCHER = (
    "tfx.orchestration.portable.launcher",
    "tfx.orchestration.local.runner_utils",
)


def deferred_libraries(node_id: str, *, is_remote: bool) -> tuple[str, ...]:
    """The libraries that a node's modules are imported without.

    Args:
      node_id: The node.
      is_remote: Whether the artifacts are in a bucket, which TensorFlow reads.
    """
    unused = _UNUSED.get(node_id, ())
    if is_remote:
        unused = tuple(name for name in unused if name not in _TENSORFLOW)
    return (*UNUSED_LOCALLY, *unused)


def import_node(pipeline: pipeline_pb2.Pipeline, node_id: str, *, is_remote: bool) -> None:
    """Imports the launcher, and the executor and the driver of one node.

    Args:
      pipeline: The intermediate representation.
      node_id: The node.
      is_remote: Whether the artifacts are in a bucket.
    """
    with _uncollected(), _lean(node_id, is_remote=is_remote):
        for name in _LAUNCHER:
            importlib.import_module(name)
        for name in node_modules(pipeline, node_id):
            importlib.import_module(name)
    if "tensorflow" in deferred_libraries(node_id, is_remote=is_remote):
        from kubeflow.entrypoint.local_files import read_local_files_with_python

        read_local_files_with_python()


def node_modules(pipeline: pipeline_pb2.Pipeline, node_id: str) -> list[str]:
    """The modules of a node's executor and custom driver; none for a resolver."""
    from tfx.orchestration.local import runner_utils

    deployment = runner_utils.extract_local_deployment_config(pipeline)
    found = []
    for spec in (
        runner_utils.extract_executor_spec(deployment, node_id),
        runner_utils.extract_custom_driver_spec(deployment, node_id),
    ):
        if spec is not None:
            plain = getattr(spec, "python_executor_spec", spec)
            found.append(plain.class_path.rpartition(".")[0])
    return found


@contextlib.contextmanager
def _lean(node_id: str, *, is_remote: bool) -> Iterator[None]:
    shallow_package("tfx.components")
    with deferred(deferred_libraries(node_id, is_remote=is_remote)):
        yield


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Nearly all that imports make stays; looking for the rest takes a second."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
