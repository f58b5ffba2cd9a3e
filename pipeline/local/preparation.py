"""What the fork server does before the first node: build the pipeline, or read it back."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tfx.proto.orchestration import pipeline_pb2

    from pipeline.configuration.model import PipelineConfiguration
    from pipeline.definition import Locations


@dataclasses.dataclass(frozen=True)
class Preparation:
    """An order to prepare a run.

    Attributes:
      run_id: The run's id.
      run_folder: The folder of this run.
      root: The folder of the store and of all artifacts.
      project: The folder that relative paths in the configuration mean.
      configuration: The resolved configuration as plain values; where `resumed` is set,
        only the components of the project's own are read.
      from_nodes: Start at these nodes and reuse what is before them; empty for all.
      to_nodes: Stop after these; empty for all.
      base_run: The run to reuse results of, where `from_nodes` are given.
      as_found_by: A run whose resolvers' findings are taken instead of looking again, such
        as its baseline and its tuned hyperparameters; empty to look.
      resumed: Read the run's own intermediate representation back and clear what
        its unfinished nodes left.
      caching: Whether TFX may reuse results of equal executions.
      beam: Whether TFX's own BeamDagRunner runs the nodes.
      places: Where components of the project's own stand in the configuration's files, for
        errors, by key.
    """

    run_id: str
    run_folder: str
    root: str
    project: str
    configuration: dict[str, Any]
    from_nodes: tuple[str, ...] = ()
    to_nodes: tuple[str, ...] = ()
    base_run: str = ""
    as_found_by: str = ""
    resumed: bool = False
    caching: bool = True
    beam: bool = False
    places: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def own_folder(self) -> Path | None:
        """The folder of the project's own modules, None where the configuration names none."""
        transform, trainer = (self.configuration.get(key, {}) for key in ("transform", "trainer"))
        named = (transform.get("module"), trainer.get("module"), trainer.get("model"))
        own = any(named) or self.configuration.get("components")
        return Path(self.project) if own else None

    def to_json(self) -> dict[str, Any]:
        """The order as plain values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Preparation:
        """Reads an order back."""
        return cls(
            **{
                **record,
                "from_nodes": tuple(record["from_nodes"]),
                "to_nodes": tuple(record["to_nodes"]),
            }
        )


@dataclasses.dataclass(frozen=True)
class PreparedNode:
    """A node of a prepared pipeline.

    Attributes:
      id: Its id.
      upstream: The nodes that it waits for.
      reused: Not run: its earlier results are reused, or it is not asked for.
      finished: ``done`` or ``cached`` if it ended well before the run was resumed.
      result: A few words on what it produced then.
      blessed: The verdict that it gave then, if it gives one.
    """

    id: str
    upstream: tuple[str, ...]
    reused: bool
    finished: str = ""
    result: str = ""
    blessed: bool | None = None


@dataclasses.dataclass(frozen=True)
class Prepared:
    """A pipeline that is ready to run."""

    pipeline: pipeline_pb2.Pipeline
    nodes: tuple[PreparedNode, ...]


def prepare(preparation: Preparation) -> Prepared:
    """Builds or reads back the pipeline of a run.

    Args:
      preparation: The order.

    Returns:
      The pipeline with its run id, in the order in which its nodes may run.

    Raises:
      errors.UserError: If the definition refuses the configuration, or a node
        to start from or to end with does not exist.
    """
    path = Path(preparation.run_folder) / "pipeline.pb"
    ended: dict[str, PreparedNode] = {}
    if preparation.resumed:
        pipeline, ended = _read_back(path, preparation)
    else:
        pipeline = _build(path, preparation)
    nodes = tuple(
        ended.get(node.pipeline_node.node_info.id)
        or PreparedNode(
            node.pipeline_node.node_info.id,
            tuple(node.pipeline_node.upstream_nodes),
            node.pipeline_node.execution_options.HasField("skip"),
        )
        for node in pipeline.nodes
    )
    return Prepared(pipeline, nodes)


def _build(path: Path, preparation: Preparation) -> pipeline_pb2.Pipeline:
    import json

    from core import files
    from pipeline.configuration.model import PipelineConfiguration
    from pipeline.definition import Locations

    configuration = PipelineConfiguration.model_validate_json(json.dumps(preparation.configuration))
    locations = Locations(root=Path(preparation.root), project=Path(preparation.project))
    pipeline = _compiled(configuration, locations, preparation)
    if preparation.from_nodes or preparation.to_nodes:
        _mark_partial(pipeline, preparation)
    if preparation.as_found_by:
        _take_findings(pipeline, preparation.as_found_by)
    with files.replaced_when_whole(path) as temporary:
        temporary.write_bytes(pipeline.SerializeToString(deterministic=True))
    return pipeline


def _compiled(
    configuration: PipelineConfiguration, locations: Locations, preparation: Preparation
) -> pipeline_pb2.Pipeline:
    from tfx.proto.orchestration import pipeline_pb2

    from pipeline.configuration.loading import naming_component
    from pipeline.definition import compile_pipeline
    from pipeline.definition.component_class import import_tfx_for
    from pipeline.local.apart import in_child

    def build() -> pipeline_pb2.Pipeline:
        return compile_pipeline(
            configuration, locations, run_id=preparation.run_id, caching=preparation.caching
        )

    if not configuration.components:
        return build()
    # Here, so that all nodes have it.
    import_tfx_for(configuration.own_modules)
    with naming_component(preparation.places):
        content = in_child(lambda: bytes(build().SerializeToString()), "the definition")
    return pipeline_pb2.Pipeline.FromString(content)


def _mark_partial(pipeline: pipeline_pb2.Pipeline, preparation: Preparation) -> None:
    from tfx.orchestration.portable import partial_run_utils
    from tfx.proto.orchestration import pipeline_pb2

    from metadata.pipeline_store import metadata_handle
    from pipeline.nodes.launch import find_node

    for node_id in (*preparation.from_nodes, *preparation.to_nodes):
        find_node(pipeline, node_id)
    settings = pipeline_pb2.SnapshotSettings()
    if preparation.base_run:
        settings.base_pipeline_run_strategy.base_run_id = preparation.base_run
    else:
        settings.latest_pipeline_run_strategy.SetInParent()
    partial_run_utils.mark_pipeline(
        pipeline,
        from_nodes=list(preparation.from_nodes) or None,
        to_nodes=list(preparation.to_nodes) or None,
        snapshot_settings=settings,
    )
    if preparation.from_nodes:
        with metadata_handle(pipeline) as handle:
            partial_run_utils.snapshot(handle, pipeline)


def _take_findings(pipeline: pipeline_pb2.Pipeline, run_id: str) -> None:
    from tfx.orchestration.portable import partial_run_utils

    from metadata.leftovers import finished_nodes
    from metadata.pipeline_store import metadata_handle
    from pipeline.nodes.results import RESOLVERS

    with metadata_handle(pipeline) as handle:
        finished = finished_nodes(handle.store, run_id)
        for node in (node.pipeline_node for node in pipeline.nodes):
            if node.node_info.id in RESOLVERS and node.node_info.id in finished:
                node.execution_options.skip.reuse_artifacts = True
        partial_run_utils.snapshot(handle, pipeline, base_run_id=run_id)


def _read_back(
    path: Path, preparation: Preparation
) -> tuple[pipeline_pb2.Pipeline, dict[str, PreparedNode]]:
    from tfx.proto.orchestration import pipeline_pb2

    from metadata.leftovers import clear_leftovers, finished_nodes
    from metadata.pipeline_store import metadata_handle
    from pipeline.definition.component_class import import_tfx_for
    from pipeline.nodes.results import describe_outputs

    components = preparation.configuration.get("components", {})
    # Here, so that all nodes have it.
    import_tfx_for(own["component"].rpartition(".")[0] for own in components.values())
    pipeline = pipeline_pb2.Pipeline.FromString(path.read_bytes())
    upstream = {
        node.pipeline_node.node_info.id: tuple(node.pipeline_node.upstream_nodes)
        for node in pipeline.nodes
    }
    ended = {}
    with metadata_handle(pipeline) as handle:
        clear_leftovers(handle.store, preparation.run_id, Path(preparation.root) / "artifacts")
        for node_id, execution in finished_nodes(handle.store, preparation.run_id).items():
            state = "cached" if execution.last_known_state == execution.CACHED else "done"
            said = describe_outputs(handle.store, node_id, execution.id)
            ended[node_id] = PreparedNode(
                node_id, upstream[node_id], False, state, said.words, said.blessed
            )
    return pipeline, ended
