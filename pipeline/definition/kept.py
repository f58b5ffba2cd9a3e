"""Compiled pipelines kept on disk, so that only the first to need one builds it.

Building the intermediate representation needs TFX, TensorFlow and all components;
reading it needs neither. On a cluster every node is a process of its own: the first
one of a set of parameters builds, the others read.
"""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import files
from core.locks import held_in_turn
from pipeline.configuration.locations import Locations, serving_statistics_digest
from pipeline.configuration.model import PipelineConfiguration
from pipeline.identity.code import run_digest
from pipeline.identity.properties import note_identity

if TYPE_CHECKING:
    from google.protobuf.message import Message
    from tfx.proto.orchestration import pipeline_pb2

# TFX's name for the runtime parameter (tfx.dsl.compiler.constants), which cannot be
# imported without importing TensorFlow.
RUN_ID_PARAMETER = "pipeline-run-id"

_LOCK_NAME = ".lock"
# Building takes ten seconds on an idle core. Whoever has waited this long builds too.
_PATIENCE_SECONDS = 120.0
# Each set of parameters makes one of some 100 kB; a run's nodes follow each other closely.
_KEPT = 100


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
    if cache is None:
        return _build(configuration, locations, caching)
    path = cache / f"{pipeline_digest(configuration, locations, caching=caching)}.pb"
    found = _read(path)
    if found is not None:
        return found
    with held_in_turn(cache / _LOCK_NAME, patience_seconds=_PATIENCE_SECONDS):
        # Another process may have built it while this one waited.
        found = _read(path)
        if found is None:
            found = _build(configuration, locations, caching)
            _keep(found, path)
    return found


def for_run(
    pipeline: pipeline_pb2.Pipeline,
    run_id: str,
    configuration: PipelineConfiguration,
    locations: Locations,
) -> pipeline_pb2.Pipeline:
    """A copy of a pipeline that is a run's own.

    The id of the run takes the place of TFX's parameter, as TFX's `runtime_parameter_utils`
    has it, which cannot be imported without TensorFlow: other parameters take their defaults.
    What the run notes of itself is found out here: the same pipeline may have been kept by
    somebody else, at another commit.

    Args:
      pipeline: What `compiled` returns.
      run_id: The id of the run.
      configuration: As for `compiled`.
      locations: As for `compiled`.
    """
    copy = type(pipeline)()
    copy.CopyFrom(pipeline)
    note_identity(copy, configuration, locations)
    _substitute(copy, run_id)
    return copy


def pipeline_digest(
    configuration: PipelineConfiguration, locations: Locations, *, caching: bool
) -> str:
    """A digest of all that the intermediate representation depends on.

    Args:
      configuration: The configuration; how the cluster runs it does not count.
      locations: Where it reads and writes.
      caching: Whether results of equal executions may be reused.

    Returns:
      32 hexadecimal digits.

    Raises:
      errors.UserError: If the configuration names a file that does not exist.
      errors.DataError: If the folder of the data is empty.
    """
    schema = locations.schema_file(configuration)
    content = [
        configuration.model_dump(mode="json", exclude={"kubeflow", "retention"}),
        [str(locations.root), str(locations.project)],
        hashlib.sha256(_content(schema)).hexdigest() if schema else None,
        serving_statistics_digest(configuration, locations),
        _source(configuration, locations),
        run_digest(
            configuration.own_modules, locations.own_files(configuration), locations.project
        ),
        caching,
    ]
    # Not sorted: the order of splits and features means something.
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]


def _source(configuration: PipelineConfiguration, locations: Locations) -> list[str]:
    """Folder and pattern of the data: whether a path is a file or a folder shows on disk only."""
    from components.example_gen.sources import base_and_pattern

    data = configuration.data
    if data.path is None:
        return []
    return list(base_and_pattern(locations.in_project(data.path), data.ingestion))


def _content(path: str) -> bytes:
    if "://" not in path:
        return Path(path).read_bytes()
    from tfx.dsl.io import fileio

    with fileio.open(path, "rb") as file:
        return bytes(file.read())


def _build(
    configuration: PipelineConfiguration, locations: Locations, caching: bool
) -> pipeline_pb2.Pipeline:
    from core.deferred_imports import deferred

    with deferred():
        from tfx.dsl.compiler import compiler

        from pipeline.definition.building import build_pipeline, leave_uncached

        pipeline = compiler.Compiler().compile(
            build_pipeline(configuration, locations, caching=caching)
        )
        leave_uncached(pipeline, configuration)
        return pipeline


def _read(path: Path) -> pipeline_pb2.Pipeline | None:
    from google.protobuf.message import DecodeError
    from tfx.proto.orchestration import pipeline_pb2

    try:
        found = pipeline_pb2.Pipeline.FromString(path.read_bytes())
    except (OSError, DecodeError):
        return None
    # An empty file is a valid, empty message.
    return found if found.nodes else None


def _keep(pipeline: pipeline_pb2.Pipeline, path: Path) -> None:
    try:
        with files.replaced_when_whole(path) as temporary:
            temporary.write_bytes(pipeline.SerializeToString(deterministic=True))
        _prune(path.parent)
    except OSError as error:
        logging.warning("the compiled pipeline is not kept: %s", error)


def _prune(cache: Path) -> None:
    """Leaves the newest pipelines; who needs another builds it again."""
    kept = sorted(cache.glob("*.pb"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in kept[_KEPT:]:
        # Whoever reads it has it open, or builds; another process may prune, too.
        path.unlink(missing_ok=True)


def _substitute(message: Message, run_id: str) -> None:
    from tfx.proto.orchestration import pipeline_pb2

    if isinstance(message, pipeline_pb2.Value):
        _substitute_value(message, run_id)
        return
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.label != field.LABEL_REPEATED:
            _substitute(value, run_id)
            continue
        is_map = field.message_type.GetOptions().map_entry
        for item in value.values() if is_map else value:
            if hasattr(item, "ListFields"):
                _substitute(item, run_id)


def _substitute_value(value: Any, run_id: str) -> None:
    kind = value.WhichOneof("value")
    if kind == "runtime_parameter":
        text = _bound(value.runtime_parameter, run_id)
    elif kind == "structural_runtime_parameter":
        parts = value.structural_runtime_parameter.parts
        text = "".join(
            part.constant_value or _bound(part.runtime_parameter, run_id) for part in parts
        )
    else:
        return
    value.Clear()
    value.field_value.string_value = text


def _bound(parameter: Any, run_id: str) -> str:
    """The run id, or the default of TFX's other parameter, the pipeline root."""
    return run_id if parameter.name == RUN_ID_PARAMETER else parameter.default_value.string_value
