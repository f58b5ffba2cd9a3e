"""What a node is built with: the configuration, the places, and what other nodes put out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.configuration.graph import source_of
from pipeline.extensions.files import declared_files
from pipeline.identity.code import node_digest

if TYPE_CHECKING:
    from tfx.dsl.components.base.base_node import BaseNode
    from tfx.types.channel import BaseChannel

    from pipeline.configuration.locations import Locations
    from pipeline.configuration.model import PipelineConfiguration


class Wiring:
    """The nodes built so far.

    Args:
      configuration: The checked configuration.
      locations: Where the pipeline reads and writes.
    """

    def __init__(self, configuration: PipelineConfiguration, locations: Locations) -> None:
        self.configuration = configuration
        self.locations = locations
        self._nodes: dict[str, BaseNode] = {}

    @property
    def nodes(self) -> tuple[BaseNode, ...]:
        """All nodes, in the order in which they were added."""
        return tuple(self._nodes.values())

    def add(self, node: BaseNode) -> None:
        """Takes a node that was built."""
        self._nodes[node.id] = node

    def node(self, node_id: str) -> Any:
        """A node that was added before."""
        return self._nodes[node_id]

    def existing(self, node_id: str) -> Any:
        """A node that was added before; None where it was not, or not yet."""
        return self._nodes.get(node_id)

    def output(self, node_id: str, name: str) -> BaseChannel:
        """What a standard node reads: an output, or what the project has put in its place."""
        source = source_of(self.configuration, f"{node_id}.{name}")
        source_id, _, output = source.partition(".")
        return self._nodes[source_id].outputs[output]

    @property
    def examples(self) -> BaseChannel:
        """This run's examples."""
        return self.output("ExampleGen", "examples")

    @property
    def statistics(self) -> BaseChannel:
        """The statistics of this run's examples."""
        return self.output("StatisticsGen", "statistics")

    @property
    def schema(self) -> BaseChannel:
        """The schema, inferred or curated."""
        inferred = self.configuration.schema_file is None
        return self.output("SchemaGen" if inferred else "ImportSchemaGen", "schema")

    def flagged(
        self,
        node: Any,
        node_id: str,
        modules: tuple[str, ...] = (),
        files: tuple[str, ...] = (),
        *,
        watched: bool = True,
    ) -> Any:
        """Gives a node its id and its executor the flags of ours.

        Args:
          node: The node.
          node_id: Its id.
          modules: The project's own modules that take part in it.
          files: Paths and patterns of the files that these are declared to read.
          watched: Whether they may read no others of the project.
        """
        from components.execution_flags import ExecutionFlags

        project = self.locations.project.absolute()
        flags = ExecutionFlags(
            in_memory_bytes=self.configuration.beam.in_memory_bytes,
            code=node_digest(node_id, modules, declared_files(files, project), project),
            modules=modules if watched else (),
            files=files if watched else (),
        )
        node.executor_spec.add_extra_flags(flags.to_flags())
        return node.with_id(node_id)
