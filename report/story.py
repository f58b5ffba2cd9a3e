"""Gathers what a report tells of a run; what cannot be had is a `Missing` with the reason."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from google.protobuf import text_format
from google.protobuf.json_format import ParseError
from google.protobuf.message import DecodeError
from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2

from components.evaluator.outcome import reading
from components.quarantine.entry import Entry
from components.quarantine.records import entries_of_run
from components.serving_validator.outcome import Serving, read_serving
from core.artifact_files import local_path, split_folders
from core.errors import MillraceError
from metadata import lineage, records, run_file, run_store, store
from metadata.run_folder import RunFiles, RunFolder
from models.training_record import Training, read_training
from report import statistics
from report.gate_report import read_gate_report
from report.registered import Registered, read_registered
from schema.difference import FeatureDifference

_UNREADABLE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    DecodeError,
    ParseError,
    MillraceError,
    *store.STORE_ERRORS,
)


@dataclasses.dataclass(frozen=True)
class Missing:
    """Why something is not there, in a sentence."""

    reason: str


_T = TypeVar("_T")
Maybe: TypeAlias = _T | Missing


@dataclasses.dataclass(frozen=True)
class Story:
    """All parts of a report.

    Attributes:
      account: The runner's own account.
      files: Where the run keeps its files.
      root: The folder of all runs and of the metadata store.
      recorded: What ML Metadata recorded.
      statistics: Of the examples.
      schema: That the data were checked against.
      inferred: What inference from these data would change in a curated schema.
      anomalies: By split.
      training: Curves and facts.
      evaluation: Metrics and bounds.
      serving: What the model did in the trial before it was pushed.
      lineage: Of the pushed model, else of the model.
      identities: Of the runs that the lineage leads through, by run id.
      configuration: The resolved configuration's text.
      set_aside: Entries of the quarantine whose data the run refused or skipped.
      gate: What the data gate reported of data that it accepted.
      registered: What the registry knows of the run's model.
    """

    account: run_file.RunRecord
    files: RunFiles
    root: Path
    recorded: Maybe[records.RecordedRun]
    statistics: Maybe[statistics.Statistics]
    schema: Maybe[schema_pb2.Schema]
    inferred: Maybe[tuple[FeatureDifference, ...]]
    anomalies: Maybe[Mapping[str, anomalies_pb2.Anomalies]]
    training: Maybe[Training]
    evaluation: Maybe[reading.Evaluation]
    serving: Maybe[Serving]
    lineage: Maybe[lineage.Lineage]
    identities: Mapping[str, run_file.Identity]
    configuration: Maybe[str]
    set_aside: Maybe[tuple[Entry, ...]] = ()
    gate: Maybe[Mapping[str, Any]] = Missing("This run has no node DataGate.")
    registered: Maybe[Registered] = Missing("The registry was not asked.")

    def artifact(self, key: str, type_name: str | None = None) -> records.Artifact | None:
        """The run's output artifact of that key, None where there is none."""
        if isinstance(self.recorded, Missing):
            return None
        return self.recorded.output(key, type_name)


def gather(root: Path, run_id: str) -> Story:
    """Reads everything that is known of a run.

    Args:
      root: The folder of all runs, such as ``.millrace``.
      run_id: The run.

    Raises:
      InfrastructureError: If the run has no readable account.
    """
    folder = RunFolder(root)
    files = folder.run(run_id)
    account = run_file.read(files.folder)
    opened = _attempt(lambda: store.open_for_reading(run_store.run_store(folder, run_id)))
    if isinstance(opened, Missing):
        recorded: Maybe[records.RecordedRun] = opened
    else:
        metadata_store = opened
        recorded = _attempt(lambda: records.read_run(metadata_store, run_id))

    set_aside: Maybe[tuple[Entry, ...]]
    if isinstance(opened, Missing):
        set_aside = opened
    else:
        set_aside = _attempt(lambda: entries_of_run(metadata_store, run_id))

    traced: Maybe[lineage.Lineage]
    if isinstance(recorded, Missing):
        traced = recorded
    else:
        traced = _lineage(account, opened, recorded)

    def from_artifact(
        key: str, kind: str, makers: tuple[str, ...], read: Callable[[str], _T]
    ) -> Maybe[_T]:
        if isinstance(recorded, Missing):
            return recorded
        artifact = recorded.output(key, kind)
        if artifact is None:
            return Missing(_why_not(account, *makers))
        if local_path(artifact.uri) is None:
            return Missing(f"The files are at {artifact.uri}, which this report does not read.")
        return _attempt(lambda: read(artifact.uri))

    schema = from_artifact("schema", "Schema", ("SchemaGen", "ImportSchemaGen"), _schema)
    inferred: Maybe[tuple[FeatureDifference, ...]] = Missing("The schema was inferred.")
    if account.node("ImportSchemaGen") is not None and not isinstance(schema, Missing):
        curated = schema
        inferred = from_artifact(
            "statistics",
            "ExampleStatistics",
            ("StatisticsGen",),
            lambda uri: _inferred_difference(curated, uri),
        )

    return Story(
        account=account,
        files=files,
        root=root,
        recorded=recorded,
        statistics=from_artifact(
            "statistics", "ExampleStatistics", ("StatisticsGen",), _statistics
        ),
        schema=schema,
        inferred=inferred,
        anomalies=from_artifact("anomalies", "ExampleAnomalies", ("ExampleValidator",), _anomalies),
        training=from_artifact(
            "model_run", "ModelRun", ("Trainer",), lambda uri: read_training(_folder(uri))
        ),
        evaluation=from_artifact(
            "evaluation",
            "ModelEvaluation",
            ("Evaluator",),
            lambda uri: reading.read_evaluation(_folder(uri)),
        ),
        serving=from_artifact(
            "blessing",
            "InfraBlessing",
            ("ServingValidator",),
            lambda uri: read_serving(_folder(uri)),
        ),
        lineage=traced,
        identities=_identities(folder, traced),
        configuration=_attempt(lambda: files.configuration.read_text(encoding="utf-8")),
        set_aside=set_aside,
        gate=from_artifact(
            "blessing", "DataBlessing", ("DataGate",), lambda uri: read_gate_report(_folder(uri))
        ),
        registered=recorded
        if isinstance(recorded, Missing)
        else _attempt(
            lambda: read_registered(metadata_store, account.pipeline, run_id, _pushed(recorded))
        ),
    )


def _pushed(recorded: records.RecordedRun) -> list[int]:
    found = recorded.output("pushed_model", "PushedModel")
    return [] if found is None else [found.id]


def _inferred_difference(
    curated: schema_pb2.Schema, statistics_uri: str
) -> tuple[FeatureDifference, ...]:
    from schema.inference import inferred_difference
    from schema.statistics import read_statistics

    folders = split_folders(statistics_uri).values()
    return inferred_difference(
        curated, [read_statistics(folder / "FeatureStats.pb") for folder in folders]
    )


def _lineage(
    account: run_file.RunRecord, opened: Any, recorded: records.RecordedRun
) -> Maybe[lineage.Lineage]:
    root = recorded.output("pushed_model", "PushedModel")
    # A Pusher that was not allowed to push still leaves an artifact, for the blessing's story.
    for artifact in (root, recorded.output("blessing", "ModelBlessing"), recorded.output("model")):
        if artifact is not None and artifact.state == "LIVE":
            return _attempt(functools.partial(lineage.trace, opened, artifact.id))
    return Missing(_why_not(account, "Trainer"))


def _identities(folder: RunFolder, traced: Maybe[lineage.Lineage]) -> dict[str, run_file.Identity]:
    """What the runs of a lineage ran on; runs whose folder is gone are left out."""
    if isinstance(traced, Missing):
        return {}
    run_ids = dict.fromkeys(step.execution.run_id for step in traced.steps)
    accounts = {
        run_id: _attempt(functools.partial(run_file.read, folder.run(run_id).folder))
        for run_id in run_ids
        if run_id
    }
    return {k: found.identity for k, found in accounts.items() if not isinstance(found, Missing)}


def _attempt(read: Callable[[], _T]) -> Maybe[_T]:
    try:
        return read()
    except MillraceError as error:
        return Missing(f"{error.headline}.")
    except FileNotFoundError as error:
        return Missing(f"{error.filename} does not exist (any more).")
    except _UNREADABLE as error:
        return Missing(f"It cannot be read: {type(error).__name__}: {error}")


def _why_not(account: run_file.RunRecord, *makers: str) -> str:
    node = next(filter(None, map(account.node, makers)), None)
    if node is None:
        return f"This run has no node {' or '.join(makers)}."
    maker = node.id
    failed = next((other.id for other in account.nodes if other.state == "failed"), None)
    if node.state == "failed":
        return f"{maker} failed."
    if node.state == "running":
        return f"{maker} was running when this report was written."
    if node.state == "skipped":
        return f"{maker} was not part of this run."
    if node.state == "waiting" and account.status == "interrupted":
        return f"The run was interrupted before {maker} ended."
    if node.state == "waiting":
        return f"{maker} did not start" + (f": {failed} failed before it." if failed else ".")
    return f"{maker} left nothing of the kind in the metadata store."


def _folder(uri: str) -> Path:
    path = local_path(uri)
    if path is None or not path.is_dir():
        raise FileNotFoundError(2, "no such folder", uri)
    return path


def _statistics(uri: str) -> statistics.Statistics:
    _folder(uri)
    return statistics.read_statistics(uri)


def _schema(uri: str) -> schema_pb2.Schema:
    text = (_folder(uri) / "schema.pbtxt").read_text(encoding="utf-8")
    try:
        return text_format.Parse(text, schema_pb2.Schema())
    except text_format.ParseError as error:
        raise ValueError(str(error)) from error


def _anomalies(uri: str) -> dict[str, anomalies_pb2.Anomalies]:
    _folder(uri)
    return {
        split: anomalies_pb2.Anomalies.FromString((folder / "SchemaDiff.pb").read_bytes())
        for split, folder in split_folders(uri).items()
    }
