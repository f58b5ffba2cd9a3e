"""From a task's arguments to a configuration and the places that it reads and writes."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

from core import errors, import_path
from kubeflow.entrypoint.arguments import TaskArguments
from pipeline.configuration.cluster import KubeflowSettings, check_root
from pipeline.configuration.loading import check
from pipeline.configuration.model import PipelineConfiguration
from pipeline.configuration.parameter_values import apply_values
from pipeline.configuration.positions import Layer
from pipeline.definition import Locations, check_node_id, node_ids
from pipeline.extensions.shadows import check_no_shadow

if TYPE_CHECKING:
    from tfx.proto.orchestration import pipeline_pb2


@dataclasses.dataclass(frozen=True)
class NodeRequest:
    """One node of one run, ready to be compiled and launched.

    Attributes:
      node: The node's id.
      run_id: The run's id.
      configuration: With the values of the run; its data path is set.
      locations: Where it reads and writes.
    """

    node: str
    run_id: str
    configuration: PipelineConfiguration
    locations: Locations

    @property
    def is_remote(self) -> bool:
        """Whether the artifacts are in a bucket."""
        return "://" in str(self.locations.root)

    def store_name(self) -> str:
        """The metadata store's address or path, without a password."""
        from metadata.connection import connection_config, connection_name

        return connection_name(connection_config(self.configuration.metadata, self.locations.root))

    def pipeline(self) -> pipeline_pb2.Pipeline:
        """The intermediate representation, the run id substituted."""
        from pipeline.definition.kept import compiled, for_run

        cache = None if self.is_remote else Path(self.locations.root) / "compiled"
        kept = compiled(self.configuration, self.locations, cache=cache)
        return for_run(kept, self.run_id, self.configuration, self.locations)


def node_request(arguments: TaskArguments, project: Path) -> NodeRequest:
    """Checks what a task was told, makes bundled data where it is wanted.

    Args:
      arguments: The arguments.
      project: The folder that relative paths in the configuration mean.

    Raises:
      errors.UserError: If the package was compiled by another version, the
        configuration or a value is refused, the node does not exist, or the root
        cannot hold artifacts.
      errors.InfrastructureError: If the bundled data cannot be written.
    """
    check_version(arguments.compiled_by)
    configuration = apply_values(read_configuration(arguments.configuration), arguments.values)
    if configuration.own_modules:
        import_path.append(project)
        for module in configuration.own_modules:
            check_no_shadow(module, project)
    check_node_id(arguments.node, node_ids(configuration))
    root = _checked_root(arguments.root)
    if configuration.data.path is None:
        configuration = _with_sample(configuration, root)
    return NodeRequest(
        arguments.node, arguments.run_id, configuration, Locations(root=root, project=project)
    )


def check_version(compiled_by: str) -> None:
    """Refuses a package that another version of Millrace compiled.

    Raises:
      errors.UserError: With both versions.
    """
    from importlib import metadata

    installed = metadata.version("millrace")
    if compiled_by != installed:
        raise errors.UserError(
            f"the package was compiled by Millrace {compiled_by}, this image has {installed}",
            hint="compile the package again with the image's version, or name the image of "
            f"version {compiled_by} in kubeflow.image",
            code="package-version",
        )


def read_configuration(text: str) -> PipelineConfiguration:
    """Reads the configuration that a package carries.

    Raises:
      errors.UserError: If it is no JSON, or not a valid configuration.
    """
    try:
        values = json.loads(text)
    except ValueError as error:
        raise _unreadable(str(error)) from None
    if not isinstance(values, dict):
        raise _unreadable(f"it is {type(values).__name__}, not an object")
    return check(Layer(values, {}))


def _checked_root(root: str) -> Path | str:
    if "://" in root:
        # Whether it is on a volume was checked when the package was compiled.
        check_root(KubeflowSettings(root=root))
        return root
    return Path(root).absolute()


def _with_sample(configuration: PipelineConfiguration, root: Path | str) -> PipelineConfiguration:
    from pipeline.start import with_sample

    if isinstance(root, str):
        raise errors.UserError(
            f"bundled data cannot be made in {root}",
            hint="put the data into the bucket and set data.path",
            code="no-data",
        )
    return with_sample(configuration, root)


def _unreadable(reason: str) -> errors.UserError:
    return errors.UserError(
        "the configuration in the package cannot be read",
        evidence=[reason],
        hint="compile the package again",
        code="package-configuration",
    )
