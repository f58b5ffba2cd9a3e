"""Compiled pipelines kept on disk, so that only the first to need one builds it.

Building the intermediate representation needs TFX, TensorFlow and all components;
reading it needs neither. On a cluster every node is a process of its own: the first
one of a set of parameters builds, the others read.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from core import files
from pipeline.code_digest import run_digest
from pipeline.configuration.model import PipelineConfiguration
from pipeline.definition import Locations

if TYPE_CHECKING:
    from tfx.proto.orchestration import pipeline_pb2

# TFX's name for the runtime parameter (tfx.dsl.compiler.constants), which cannot be
# imported without importing TensorFlow.
RUN_ID_PARAMETER = "pipeline-run-id"


def compiled(
    configuration: PipelineConfiguration,
    locations: Locations,
    *,
    caching: bool = True,
    cache: Path | None = None,
) -> pipeline_pb2.Pipeline:
    """The intermediate representation of a pipeline, its run id still a parameter.

    Args:
      configuration: The checked configuration.
      locations: Where to read and write.
      caching: Whether results of equal executions may be reused.
      cache: The folder of kept pipelines; None to keep nothing.

    Raises:
      errors.UserError: If the configuration names a file that does not exist.
    """
    raise NotImplementedError


def with_run_id(pipeline: pipeline_pb2.Pipeline, run_id: str) -> pipeline_pb2.Pipeline:
    """A copy of a pipeline with the id of a run in the place of TFX's parameter.

    Args:
      pipeline: What `compiled` returns.
      run_id: The id of the run.
    """
    raise NotImplementedError
