"""One version of a model as the registry knows it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from ml_metadata.proto import metadata_store_pb2

from registry.version import Version, parse

ARTIFACT_TYPE = "ModelVersion"


@dataclasses.dataclass(frozen=True)
class Push:
    """A model's way to the servers.

    Attributes:
      number: The version's number in the serving folder.
      destination: The folder that servers load.
      when: ISO 8601, UTC.
      who: The login of whoever pushed.
      why: ``run …``, or what a person said.
    """

    number: int
    destination: str
    when: str
    who: str
    why: str


@dataclasses.dataclass(frozen=True)
class Withdrawal:
    """That a version should not serve, and why.

    Attributes:
      when: ISO 8601, UTC.
      who: Who withdrew it.
      why: The reason.
    """

    when: str
    who: str
    why: str


@dataclasses.dataclass(frozen=True)
class Data:
    """What a model was trained on.

    Attributes:
      span: The span's number, None for data without spans.
      version: The version within the span.
      fingerprint: Of the input files.
      rows: Rows by split.
      input_base: The folder of the input files.
    """

    span: int | None = None
    version: int | None = None
    fingerprint: str = ""
    rows: Mapping[str, int] = dataclasses.field(default_factory=dict)
    input_base: str = ""


@dataclasses.dataclass(frozen=True)
class Facts:
    """Where a model comes from.

    Attributes:
      run_id: The run that trained it.
      trained: When, ISO 8601, UTC.
      trained_by: Who started that run.
      commit: The commit of the code, where known.
      code: The digest of the code.
      configuration: The digest of the configuration.
      libraries: Versions of TensorFlow, TFX and so on by name.
      label: The label expression.
      task: The task.
      columns: The type of each column that the model reads.
      metrics: Overall metrics.
      baselines: The same of the model that it was compared with.
      compared_with: The id of that model's artifact, None without one.
      data: What it was trained on.
      model_digest: Of the model's files.
      change: The part of the version that the configuration asked to grow.
      keep: How many old versions stay in the serving folder, None for all.
    """

    run_id: str = ""
    trained: str = ""
    trained_by: str = ""
    commit: str = ""
    code: str = ""
    configuration: str = ""
    libraries: Mapping[str, str] = dataclasses.field(default_factory=dict)
    label: str = ""
    task: str = ""
    columns: Mapping[str, str] = dataclasses.field(default_factory=dict)
    metrics: Mapping[str, float] = dataclasses.field(default_factory=dict)
    baselines: Mapping[str, float] = dataclasses.field(default_factory=dict)
    compared_with: int | None = None
    data: tuple[Data, ...] = ()
    model_digest: str = ""
    change: str = ""
    keep: int | None = None


@dataclasses.dataclass(frozen=True)
class ModelVersion:
    """One version.

    Attributes:
      pipeline: The pipeline's name.
      version: Its version.
      artifact: The id of the PushedModel artifact that it began with.
      model: The id of the Model artifact.
      uri: Where the model is stored, apart from the servers' folder.
      blessed: Whether it was blessed; a person may have pushed it all the same.
      reasons: Why the version is what it is.
      facts: Where it comes from.
      pushes: Its pushes, oldest first.
      withdrawn: Why it should not serve, None where it may.
    """

    pipeline: str
    version: Version
    artifact: int
    model: int
    uri: str
    blessed: bool
    reasons: tuple[str, ...]
    facts: Facts
    pushes: tuple[Push, ...]
    withdrawn: Withdrawal | None = None

    @property
    def name(self) -> str:
        """The artifact's name, which is unique in the store."""
        return f"{self.pipeline}/{self.version}"

    @property
    def number(self) -> int:
        """The number of its last push."""
        return self.pushes[-1].number if self.pushes else 0

    @property
    def status(self) -> str:
        """``withdrawn`` or ``available``."""
        return "withdrawn" if self.withdrawn else "available"


def write_version(version: ModelVersion, artifact: metadata_store_pb2.Artifact) -> None:
    """Writes a version into an artifact's custom properties.

    Args:
      version: The version.
      artifact: Changed in place.
    """
    artifact.uri = version.uri
    document = dataclasses.asdict(version)
    document["version"] = str(version.version)
    last = version.pushes[-1] if version.pushes else None
    # Beside the document for whoever reads the store with other programs.
    texts = {
        "document": json.dumps(document),
        "pipeline": version.pipeline,
        "version": str(version.version),
        "status": version.status,
        "run_id": version.facts.run_id,
        "pushed_by": last.who if last else "",
        "pushed_at": last.when if last else "",
    }
    for name, text in texts.items():
        artifact.custom_properties[name].string_value = text
    for name, number in (
        ("model_id", version.model),
        ("pushed_model_id", version.artifact),
        ("number", version.number),
    ):
        artifact.custom_properties[name].int_value = number


def version_from_artifact(artifact: metadata_store_pb2.Artifact) -> ModelVersion:
    """Reads a version back; keys of a newer release are passed over."""
    values = json.loads(artifact.custom_properties["document"].string_value)
    facts = _known(Facts, values["facts"])
    facts["data"] = tuple(Data(**_known(Data, item)) for item in facts.get("data", ()))
    withdrawn = values.get("withdrawn")
    version = parse(values["version"])
    assert version is not None, values["version"]
    return ModelVersion(
        pipeline=values["pipeline"],
        version=version,
        artifact=values["artifact"],
        model=values["model"],
        uri=values["uri"],
        blessed=values["blessed"],
        reasons=tuple(values["reasons"]),
        facts=Facts(**facts),
        pushes=tuple(Push(**_known(Push, item)) for item in values["pushes"]),
        withdrawn=Withdrawal(**_known(Withdrawal, withdrawn)) if withdrawn else None,
    )


def _known(kind: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in dataclasses.fields(kind)}
    return {key: value for key, value in values.items() if key in names}
