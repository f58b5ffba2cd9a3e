"""TFX's own BeamDagRunner over the same compiled pipeline, with our account of it."""

from __future__ import annotations

import json
import logging
import os
from typing import TYPE_CHECKING, Any

from tfx.orchestration.beam import beam_dag_runner

from pipeline.local.outcomes import outcome_record
from pipeline.nodes.launch import launch_node

if TYPE_CHECKING:
    from tfx.proto.orchestration import pipeline_pb2

OUTCOMES_VARIABLE = "MILLRACE_OUTCOMES_DESCRIPTOR"


class NodeFailedError(Exception):
    """Ends Beam's run of the graph after a node has failed and said so."""


class ReportingNode(beam_dag_runner.PipelineNodeAsDoFn):
    """TFX's node in a Beam graph; it also says when it starts and how it ends."""

    def _run_node(self) -> None:
        _say(message="started", node=self._node_id)
        outcome = launch_node(self._pipeline, self._node_id)
        _say(message="ended", node=self._node_id, **outcome_record(outcome))
        if outcome.state == "failed":
            raise NodeFailedError(self._node_id)


class ReportingBeamDagRunner(beam_dag_runner.BeamDagRunner):
    """TFX's runner with nodes that report."""

    _PIPELINE_NODE_DO_FN_CLS = ReportingNode


def _say(**message: Any) -> None:
    # One write of a line this short is not torn by those of other nodes.
    os.write(int(os.environ[OUTCOMES_VARIABLE]), json.dumps(message).encode() + b"\n")


def run_with_beam(pipeline: pipeline_pb2.Pipeline, outcomes: int) -> None:
    """Runs a compiled pipeline with TFX's BeamDagRunner.

    Args:
      pipeline: The intermediate representation, run id substituted.
      outcomes: The descriptor that takes a line of JSON when a node starts or ends.
    """
    os.environ[OUTCOMES_VARIABLE] = str(outcomes)
    try:
        ReportingBeamDagRunner().run_with_ir(pipeline)
    except Exception:
        # A node that failed has said so; anything else is seen from its silence.
        logging.exception("Beam's run of the graph ended early")
