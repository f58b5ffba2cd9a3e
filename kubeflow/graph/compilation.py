"""From a configuration file to a task graph: what all `compile` commands share.

What cannot work is refused before anything heavy is imported. Data, the cluster's root and
the metadata store are not looked at: they need not exist where one compiles.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import logging
import os
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from components.example_gen.bigquery import is_bigquery
from components.example_gen.database_address import is_database
from core import errors
from kubeflow.graph.build import missing_image, task_graph
from kubeflow.graph.task_graph import TaskGraph
from metadata.settings import SqliteStore
from pipeline.configuration.cluster import KubeflowSettings, check_cluster
from pipeline.configuration.layers import SET_SOURCE
from pipeline.configuration.loading import (
    LoadedConfiguration,
    component_places,
    data_layer,
    load,
    naming_component,
    naming_origin,
)
from pipeline.configuration.model import PipelineConfiguration
from pipeline.configuration.positions import Layer, Origin
from pipeline.definition import Locations, node_ids
from pipeline.start import check_own_modules, project_folder

if TYPE_CHECKING:
    from tfx.proto.orchestration import pipeline_pb2

# A path that ExampleGen does not look at: remote ones are looked at when the node runs.
_SOMEWHERE = "hdfs://cluster/data/"

# Read by TensorFlow when it is imported: remarks about the machine help nobody here.
_TENSORFLOW = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_USE_LEGACY_KERAS": "0"}

SQLITE_WARNING = (
    "the metadata store is one SQLite file on the volume: fine where all nodes run on one "
    "machine (kind, minikube), not on several; --profile kubeflow uses MySQL"
)


@dataclasses.dataclass(frozen=True)
class Compilation:
    """A configuration that a cluster can run.

    Attributes:
      loaded: The configuration with the origins of its values.
      graph: The task graph.
      warnings: What a person should know, a sentence each.
    """

    loaded: LoadedConfiguration
    graph: TaskGraph
    warnings: tuple[str, ...] = ()


def compile_graph(
    path: Path,
    *,
    root: Path,
    data: str | None = None,
    profile: str | None = None,
    assignments: Sequence[str] = (),
    image: str | None = None,
) -> Compilation:
    """Reads a configuration and makes its task graph.

    Args:
      path: The base file.
      root: A folder on this machine; compiled pipelines are kept in `compiled/` there.
      data: What ``--data`` says: a place that the cluster sees.
      profile: The overlay's name.
      assignments: ``--set`` texts.
      image: The container image, in the place of the configured one.

    Returns:
      The graph and what is worth a warning.

    Raises:
      errors.UserError: If the configuration is wrong, or a cluster could not run it.
    """
    overrides = [data_layer(data)] if data else []
    if image:
        overrides.append(_image_layer(image))
    loaded = load(path, profile=profile, assignments=assignments, overrides=overrides)
    if (there := _data_on_cluster(loaded)) is not None:
        overrides.append(there)
        loaded = load(path, profile=profile, assignments=assignments, overrides=overrides)
    configuration = loaded.configuration
    project = project_folder(path)
    locations = Locations(root=root.absolute(), project=project)
    _check(loaded, locations)
    check_own_modules(loaded, project)
    with naming_component(component_places(loaded)):
        ir = _intermediate_representation(configuration, locations, root.absolute() / "compiled")
    remarks = (SQLITE_WARNING,) if configuration.metadata.kind == "sqlite" else ()
    return Compilation(loaded, task_graph(ir, configuration), remarks)


def _data_on_cluster(loaded: LoadedConfiguration) -> Layer | None:
    """What ``kubeflow.data`` says, unless the path was given for this package."""
    path = loaded.configuration.kubeflow.data
    given = loaded.origin(("data", "path")).source in ("--data", SET_SOURCE)
    if path is None or given:
        return None
    origin = loaded.origin(("kubeflow", "data"))
    return Layer({"data": {"path": path}}, {("data",): origin, ("data", "path"): origin})


def _image_layer(image: str) -> Layer:
    origin = Origin("--image")
    return Layer(
        {"kubeflow": {"image": image}}, {("kubeflow",): origin, ("kubeflow", "image"): origin}
    )


def _check(loaded: LoadedConfiguration, locations: Locations) -> None:
    configuration = loaded.configuration
    if not configuration.kubeflow.image:
        raise missing_image()
    with naming_origin(loaded.origins, ("kubeflow",)):
        check_cluster(configuration.kubeflow, node_ids(configuration))
    with naming_origin(loaded.origins, ("schema_file",)):
        _check_schema(configuration, locations)
    with naming_origin(loaded.origins, ("data", "path")):
        _check_data(configuration)
    with naming_origin(loaded.origins, ("pushing", "directory")):
        _check_pushing(configuration)
    with naming_origin(loaded.origins, ("metadata",)):
        _check_store(configuration)


def _check_schema(configuration: PipelineConfiguration, locations: Locations) -> None:
    path = configuration.schema_file
    if path is not None and Path(path).is_absolute():
        raise errors.UserError(
            f"the curated schema {path} is not in the project folder",
            evidence=[
                f"project folder: {locations.project}",
                "the image holds that folder; the rest of this machine is not on the cluster",
            ],
            hint="name it relative to the project folder, such as schema/taxi/schema.pbtxt",
            code="schema-not-in-image",
        )
    locations.schema_file(configuration)


def _check_data(configuration: PipelineConfiguration) -> None:
    data = configuration.data
    if data.path is None:
        if data.sample is None:
            raise errors.UserError(
                "the configuration names no data",
                hint="say --data PATH with a place that the cluster sees, or set data.path",
                code="no-data",
            )
        if "://" in configuration.kubeflow.root:
            raise errors.UserError(
                f"bundled data cannot be made in {configuration.kubeflow.root}",
                hint="put data into the bucket and say --data gs://bucket/folder/",
                code="no-data",
            )
        return
    path = data.path
    if is_database(path):
        if not path.startswith("sqlite"):
            return
        # What is behind four slashes is a path of the containers.
        path = path.partition(":///")[2]
    elif is_bigquery(path):
        return
    _check_visible(configuration.kubeflow, path, what="the data", code="data-not-on-cluster")


def _check_pushing(configuration: PipelineConfiguration) -> None:
    directory = configuration.pushing.directory
    if directory is not None:
        _check_visible(
            configuration.kubeflow,
            directory,
            what="the push directory",
            code="push-directory-not-on-cluster",
        )


def _check_visible(settings: KubeflowSettings, path: str, *, what: str, code: str) -> None:
    """Refuses a path that the containers would not share."""
    if path.startswith("gs://"):
        return
    paths = [volume.path.rstrip("/") for volume in settings.volumes]
    if any(path == mounted or path.startswith(f"{mounted}/") for mounted in paths):
        return
    example = f"{paths[0]}/{Path(path).name}" if paths else "gs://bucket/folder/"
    raise errors.UserError(
        f"{what} {path} cannot be seen by the cluster",
        evidence=[f"volumes are mounted at: {', '.join(paths) or '(none)'}"],
        hint=f"put it on a volume or in a bucket and name that place, such as {example}",
        code=code,
    )


def _check_store(configuration: PipelineConfiguration) -> None:
    if configuration.metadata.kind == "sqlite" and "://" in configuration.kubeflow.root:
        raise errors.UserError(
            "a SQLite metadata store cannot be in a bucket",
            evidence=[f"kubeflow.root is {configuration.kubeflow.root}"],
            hint="use a database (metadata: {kind: mysql, host: ...}, or --profile kubeflow), "
            "or a root on a volume",
            code="sqlite-needs-volume",
        )


def _intermediate_representation(
    configuration: PipelineConfiguration, locations: Locations, cache: Path
) -> pipeline_pb2.Pipeline:
    """The compiled pipeline, good for its shape only: data and store stand for any."""
    from pipeline.definition.kept import compiled

    shape = configuration.model_copy(
        update={
            "data": configuration.data.model_copy(update={"path": _SOMEWHERE, "span": None}),
            "metadata": SqliteStore(),
        }
    )
    with quiet_imports():
        return compiled(shape, locations, cache=cache)


@contextlib.contextmanager
def quiet_imports(*, deferring: bool = True) -> Iterator[None]:
    """Makes TFX's import shorter and silent; it is needed where no compiled pipeline is kept.

    Args:
      deferring: Whether modules that compiling to TFX's own representation does not need
        are left for later.
    """
    from core.deferred_imports import deferred

    before = {name: os.environ.get(name) for name in _TENSORFLOW}
    os.environ.update(_TENSORFLOW)
    collecting, silent = gc.isenabled(), logging.root.manager.disable
    gc.disable()
    logging.disable(logging.WARNING)
    try:
        with deferred() if deferring else contextlib.nullcontext(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(silent)
        if collecting:
            gc.enable()
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
