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

from components.example_gen.database_address import is_database
from core.deferred_imports import UNUSED_LOCALLY, deferred, shallow_package
from kubeflow.entrypoint.tensorflow_answers import ANSWERS

if TYPE_CHECKING:
    from tfx.proto.orchestration import pipeline_pb2

    from kubeflow.entrypoint.request import NodeRequest

_TENSORFLOW = ("tensorflow", "keras", "tf_keras", "tensorflow_serving")
_TUNER = ("keras_tuner",)
_BEAM = ("apache_beam",)
_ANALYSIS = ("tensorflow_model_analysis",)
_VALIDATION = ("tensorflow_data_validation",)
_TRANSFORM = ("tensorflow_transform",)
_READING = ("tfx_bsl",)
_ALL = (*_TENSORFLOW, *_TUNER, *_BEAM, *_ANALYSIS, *_VALIDATION, *_TRANSFORM, *_READING)


def _all_but(*used: str) -> tuple[str, ...]:
    return tuple(name for name in _ALL if name not in used)


# What each node does without, where its files are on this machine. A node that may go
# through Beam keeps Beam: a class that was defined while its base was deferred has no base.
_UNUSED: dict[str, tuple[str, ...]] = {
    "ExampleGen": _all_but(*_READING),
    "StatisticsGen": _all_but(*_VALIDATION, *_READING, *_BEAM),
    "SchemaGen": _all_but(*_VALIDATION, *_READING),
    "ImportSchemaGen": _ALL,
    "ExampleValidator": _all_but(*_VALIDATION, *_READING),
    "LatestAcceptedData": _ALL,
    "DataGate": _ALL,
    "TrainingWindow": _ALL,
    "Transform": (*_ANALYSIS, *_TUNER),
    "LatestHyperparameters": _ALL,
    "Tuner": (*_BEAM, *_ANALYSIS, *_VALIDATION),
    "Trainer": (*_BEAM, *_ANALYSIS, *_VALIDATION, *_TUNER),
    "LatestBlessedModel": _ALL,
    "Evaluator": _TUNER,
    "ServingValidator": _TUNER,
    "Pusher": _ALL,
}
# These look into the metadata store only, wherever the artifacts are.
_RESOLVERS = (
    "LatestAcceptedData",
    "TrainingWindow",
    "LatestHyperparameters",
    "LatestBlessedModel",
)

_LAUNCHER = (
    "tfx.orchestration.portable.launcher",
    "tfx.orchestration.local.runner_utils",
)


def deferred_libraries(request: NodeRequest) -> tuple[str, ...]:
    """The libraries that a node's modules are imported without.

    Args:
      request: The node, its configuration and its places.

    Returns:
      Top-level packages. Nothing but what no node uses where the artifacts are in a
      bucket, which TensorFlow reads; where all data go through Beam; and where code
      of the project's own takes part. A component of the project's own is imported when
      it is launched, with all that it asks for.
    """
    configuration = request.configuration
    own_code = configuration.trainer.own_modules and request.node in ("Tuner", "Trainer")
    data = str(configuration.data.path)
    # Rows of a database are copied to this machine first.
    remote = request.is_remote or ("://" in data and not is_database(data))
    if request.node not in _RESOLVERS and (
        own_code or remote or configuration.beam.in_memory_bytes == 0
    ):
        return UNUSED_LOCALLY
    return (*UNUSED_LOCALLY, *_UNUSED.get(request.node, ()))


def import_node(pipeline: pipeline_pb2.Pipeline, request: NodeRequest) -> None:
    """Imports the launcher, and the executor and the driver of one node.

    Args:
      pipeline: The intermediate representation.
      request: The node, its configuration and its places.
    """
    libraries = deferred_libraries(request)
    shallow_package("tfx.components")
    with _uncollected(), deferred(libraries, ANSWERS):
        for name in (*_LAUNCHER, "pipeline.nodes.results"):
            importlib.import_module(name)
        own = request.node in request.configuration.components
        for name in node_modules(pipeline, request.node) if not own else ():
            importlib.import_module(name)
    if own:
        from pipeline.definition.component_class import import_tfx_for

        import_tfx_for(request.configuration.own_modules)
    if "tensorflow" in libraries:
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
def _uncollected() -> Iterator[None]:
    """Nearly all that imports make stays; looking for the rest takes a second."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
