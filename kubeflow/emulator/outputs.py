"""What a task left, read as KFP's launcher reads it.

Follows ``getExecutorOutputFile``, ``collectOutputParameters`` and
``uploadOutputArtifacts`` in ``backend/src/v2/component/launcher_v2.go``, and
``toMLMDArtifact`` and ``toRuntimeArtifact`` in ``backend/src/v2/metadata/converter.go``:
tasks downstream see an artifact as ML Metadata gives it back, without its type.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kubeflow.emulator.messages import kind_of, plain_value
from kubeflow.emulator.values import strict_json, value_of
from kubeflow.package.pipeline_spec import pipeline_spec_pb2

LOGS = "executor-logs"
_REMOTE = ("gs://", "s3://", "minio://")


class OutputRefused(Exception):
    """The launcher would fail the task because of what it wrote."""


@dataclasses.dataclass(frozen=True)
class TaskOutputs:
    """What tasks downstream see of a task.

    Attributes:
      parameters: Plain values by name.
      artifacts: ``RuntimeArtifact`` messages by name.
    """

    parameters: Mapping[str, Any]
    artifacts: Mapping[str, Any]

    def to_json(self) -> str:
        """The outputs as the JSON of an ``ExecutorOutput``."""
        from google.protobuf import json_format

        artifacts = {
            name: {"artifacts": [json_format.MessageToDict(artifact)]}
            for name, artifact in self.artifacts.items()
        }
        document = {"parameterValues": dict(self.parameters), "artifacts": artifacts}
        return json.dumps(document, indent=1, sort_keys=True) + "\n"


def collect(given: Any, component: Any, ids: Iterator[int]) -> TaskOutputs:
    """Reads the outputs of a task that ended well.

    Args:
      given: Its ``ExecutorInput``.
      component: Its ``ComponentSpec``.
      ids: Gives artifacts their numbers, as ML Metadata does.

    Raises:
      OutputRefused: If a file is malformed or missing.
    """
    written = read_executor_output(Path(given.outputs.output_file))
    artifacts = {}
    for name, listed in given.outputs.artifacts.items():
        artifacts[name] = _artifact(name, listed.artifacts[0], written, next(ids))
    return TaskOutputs(_parameters(given, component, written), artifacts)


def read_executor_output(path: Path) -> Any:
    """Reads the file that a program writes its ``ExecutorOutput`` to; it may be missing.

    Raises:
      OutputRefused: If it is no strict protojson of that message.
    """
    from google.protobuf import json_format

    message = pipeline_spec_pb2().ExecutorOutput()
    if not path.exists():
        return message
    try:
        # protojson refuses what Python's reader lets pass (NaN, a key twice).
        document = strict_json(path.read_text(encoding="utf-8"))
        if not isinstance(document, dict):
            raise ValueError("it is not a JSON object")
        return json_format.ParseDict(document, message)
    except (
        OSError,
        ValueError,
        TypeError,
        AttributeError,
        RecursionError,
        json_format.ParseError,
    ) as error:
        raise OutputRefused(f"the executor output is malformed: {error}") from error


def _parameters(given: Any, component: Any, written: Any) -> dict[str, Any]:
    values = {name: plain_value(value) for name, value in written.parameter_values.items()}
    for name, parameter in given.outputs.parameters.items():
        if name in values:
            continue
        kind = kind_of(component.output_definitions.parameters[name])
        try:
            text = Path(parameter.output_file).read_text(encoding="utf-8")
            values[name] = value_of(text, kind)
        except FileNotFoundError:
            raise OutputRefused(f"the output parameter {name} was not written") from None
        except (OSError, ValueError) as error:
            raise OutputRefused(
                f"the output parameter {name} is not a valid {kind}: {error}"
            ) from None
    return values


def _artifact(name: str, provided: Any, written: Any, number: int) -> Any:
    if provided.type.WhichOneof("kind") not in ("schema_title", "instance_schema"):
        raise OutputRefused(f"the output {name} has no type that KFP knows")
    uri, metadata = provided.uri, dict(plain_value(provided.metadata))
    listed = written.artifacts[name].artifacts if name in written.artifacts else ()
    # The log is the launcher's own; what a program says of it does not count.
    if listed and name != LOGS:
        uri = listed[0].uri or uri
        metadata.update(plain_value(listed[0].metadata))
    if uri.startswith(_REMOTE):
        raise OutputRefused(f"the output {name} was moved to {uri}, outside the run's root")
    artifact = pipeline_spec_pb2().RuntimeArtifact(name=str(number), uri=uri)
    artifact.metadata.update({"display_name": name})
    for key, value in metadata.items():
        artifact.metadata.update({key: _recorded(name, key, value)})
    return artifact


def _recorded(name: str, key: str, value: Any) -> Any:
    """A value as ML Metadata gives it back: numbers for booleans, lists and objects wrapped."""
    if value is None:
        raise OutputRefused(f"the metadata {key} of the output {name} is null")
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, list):
        return {"list": value}
    if isinstance(value, dict):
        return {"struct": value}
    return value
