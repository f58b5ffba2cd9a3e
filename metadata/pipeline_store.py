"""The metadata store of a compiled pipeline; TFX is imported when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ml_metadata.proto import metadata_store_pb2
    from tfx.orchestration import metadata
    from tfx.proto.orchestration import pipeline_pb2

    from metadata.connection import Connection


def connection_config(pipeline: pipeline_pb2.Pipeline) -> Connection:
    """The metadata store's connection that a compiled pipeline names, without a password."""
    from tfx.orchestration.local import runner_utils

    deployment = runner_utils.extract_local_deployment_config(pipeline)
    connection = deployment.metadata_connection_config
    return getattr(connection, connection.WhichOneof("connection_config"))


def metadata_handle(pipeline: pipeline_pb2.Pipeline) -> metadata.Metadata:
    """TFX's handle of the metadata store that a compiled pipeline names.

    Args:
      pipeline: The intermediate representation.

    Returns:
      The handle, not yet entered. Entering that of a server raises
      `errors.InfrastructureError` if the server does not answer, also after a
      while, or refuses the user.
    """
    from tfx.orchestration import metadata

    from metadata.connection import server_kind
    from metadata.handle import ServerHandle

    connection = connection_config(pipeline)
    if server_kind(connection) == "sqlite":
        return metadata.Metadata(connection)
    return ServerHandle(connection)


def latest_execution(
    handle: metadata.Metadata, node: pipeline_pb2.PipelineNode
) -> metadata_store_pb2.Execution | None:
    """The node's newest execution in its run, None where it has none."""
    from tfx.orchestration.portable.mlmd import context_lib, execution_lib

    contexts = context_lib.prepare_contexts(metadata_handle=handle, node_contexts=node.contexts)
    executions = execution_lib.get_executions_associated_with_all_contexts(handle, contexts)
    return max(executions, key=lambda execution: execution.id, default=None)
