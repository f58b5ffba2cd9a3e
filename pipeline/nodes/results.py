"""What a node produced, in a few words, read from the metadata store.

Reads ML Metadata only, so that the same words come from a node that ran, from one
whose result was cached, and from a run of last week.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.evaluator.metric_names import HEADLINE_METRICS
from core import formats
from pipeline.definition import (
    ACCEPTED_DATA_RESOLVER,
    ALL_STANDARD,
    BASELINE_RESOLVER,
    HYPERPARAMETERS_RESOLVER,
    PUSHER,
    WINDOW_RESOLVER,
)
from pipeline.extensions.outputs import own_words

if TYPE_CHECKING:
    import ml_metadata
    from ml_metadata.proto import metadata_store_pb2

# Nodes that only look for what earlier runs made.
RESOLVERS = (
    ACCEPTED_DATA_RESOLVER,
    WINDOW_RESOLVER,
    HYPERPARAMETERS_RESOLVER,
    BASELINE_RESOLVER,
)


@dataclasses.dataclass(frozen=True)
class Description:
    """What a node produced.

    Attributes:
      words: A few words for a table's cell.
      blessed: The verdict of an evaluation or of a trial; None for other nodes.
    """

    words: str = ""
    blessed: bool | None = None


def describe_outputs(
    store: ml_metadata.MetadataStore, node_id: str, execution_id: int
) -> Description:
    """Describes what one execution of a node produced.

    Args:
      store: The metadata store.
      node_id: The node's id, for nodes whose words depend on it.
      execution_id: The execution.

    Returns:
      The words; empty ones where there is nothing worth a word.
    """
    from metadata.records import output_artifacts

    words: list[str] = []
    blessed = None
    artifacts = output_artifacts(store, execution_id)
    if node_id == ACCEPTED_DATA_RESOLVER:
        # This run's examples are passed through; a blessing alone is of data not like these.
        others = [item for item in artifacts if item.type == "DataBlessing"]
        artifacts = [item for item in artifacts if item.type == "ExampleStatistics"]
        if others and not artifacts:
            return Description(_unlike(others[0]))
    if node_id == WINDOW_RESOLVER:
        return Description(_window(artifacts))
    if node_id in RESOLVERS:
        return Description(f"{artifacts[0].type} {artifacts[0].id}" if artifacts else "none yet")
    for artifact in artifacts:
        if node_id == "Transform" and artifact.type != "TransformGraph":
            continue  # statistics and anomalies of its own output; others speak of the data
        describe = _BY_TYPE.get(artifact.type)
        said = describe(artifact) if describe else ""
        if said and said not in words:
            words.append(said)
        if artifact.type in ("ModelBlessing", "InfraBlessing"):
            blessed = _number(artifact, "blessed") == 1
    if node_id not in ALL_STANDARD:
        words += own_words(store, execution_id)
    if node_id == PUSHER:
        words += _versions(store, artifacts)
    if node_id == "ExampleGen":
        words += _skipped(store, execution_id)
    return Description(", ".join(words), blessed)


def _unlike(blessing: metadata_store_pb2.Artifact) -> str:
    from components.data_gate.words import unlike_words

    return unlike_words(blessing.custom_properties["bundled"].string_value)


def _window(artifacts: Sequence[metadata_store_pb2.Artifact]) -> str:
    from components.training_window.words import spans_in_words

    spans = [_number(artifact, "span") or 0 for artifact in artifacts]
    if not spans:
        return "none yet"
    return f"{'span' if len(spans) == 1 else f'{len(spans)} spans:'} {spans_in_words(spans)}"


def _versions(
    store: ml_metadata.MetadataStore, artifacts: Sequence[metadata_store_pb2.Artifact]
) -> list[str]:
    from registry.registration import version_name

    found = [version_name(store, artifact.id) for artifact in artifacts]
    return [f"version {name}" for name in found if name]


def _skipped(store: ml_metadata.MetadataStore, execution_id: int) -> list[str]:
    """Quarantined data that the execution's run passed over."""
    from components.quarantine.records import entries_of_run
    from metadata.records import RUN_CONTEXT

    runs = [c.name for c in store.get_contexts_by_execution(execution_id) if c.type == RUN_CONTEXT]
    return [
        f"skipped {entry.data.words} ({entry.status})"
        for run_id in runs
        for entry in entries_of_run(store, run_id)
        if not entry.was_refused_in(run_id)
    ]


def _properties(artifact: metadata_store_pb2.Artifact) -> Mapping[str, Any]:
    return {**artifact.properties, **artifact.custom_properties}


def _number(artifact: metadata_store_pb2.Artifact, name: str) -> int | None:
    value = _properties(artifact).get(name)
    return value.int_value if value is not None and value.WhichOneof("value") else None


def _examples(artifact: metadata_store_pb2.Artifact) -> str:
    rows = {
        name.removeprefix("rows_"): value.int_value
        for name, value in artifact.custom_properties.items()
        if name.startswith("rows_")
    }
    if not rows:
        return ""
    order = sorted(rows, key=lambda split: (split != "train", split))
    text = _span(artifact) + "rows: " + ", ".join(f"{rows[split]:,} {split}" for split in order)
    rejected = _number(artifact, "rejected_rows")
    return f"{text}, {rejected:,} rejected" if rejected else text


def _span(artifact: metadata_store_pb2.Artifact) -> str:
    """The span and its version; nothing for 0, which stands for data without spans too."""
    span, version = _number(artifact, "span"), _number(artifact, "version")
    if not span:
        return ""
    return f"span {span}, " if version is None else f"span {span}, version {version}, "


def _statistics(artifact: metadata_store_pb2.Artifact) -> str:
    from tensorflow_metadata.proto.v0 import statistics_pb2

    for path in sorted(Path(artifact.uri).glob("Split-train/FeatureStats.pb")):
        statistics = statistics_pb2.DatasetFeatureStatisticsList.FromString(path.read_bytes())
        if statistics.datasets:
            return f"{len(statistics.datasets[0].features)} features"
    return ""


def _schema(artifact: metadata_store_pb2.Artifact) -> str:
    return _features_in(Path(artifact.uri) / "schema.pbtxt")


def _transform_graph(artifact: metadata_store_pb2.Artifact) -> str:
    return _features_in(Path(artifact.uri) / "transformed_metadata" / "schema.pbtxt")


def _features_in(path: Path) -> str:
    from google.protobuf import text_format
    from tensorflow_metadata.proto.v0 import schema_pb2

    if not path.is_file():
        return ""
    schema = text_format.Parse(path.read_text(encoding="utf-8"), schema_pb2.Schema())
    return f"{len(schema.feature)} features"


def _anomalies(artifact: metadata_store_pb2.Artifact) -> str:
    from tensorflow_metadata.proto.v0 import anomalies_pb2

    paths = sorted(Path(artifact.uri).glob("Split-*/SchemaDiff.pb"))
    if not paths:
        return ""  # in a bucket, or gone: nothing is known of them
    count = 0
    for path in paths:
        count += len(anomalies_pb2.Anomalies.FromString(path.read_bytes()).anomaly_info)
    return f"{count} anomalies" if count else "no anomalies"


def _data_blessing(artifact: metadata_store_pb2.Artifact) -> str:
    if _number(artifact, "blessed") != 1:
        return "data refused"
    said = ["data accepted"]
    for name, words in (("warnings", "warning"), ("allowed", "allowed finding")):
        count = _number(artifact, name)
        if count:
            said.append(f"{count:,} {words}{'s' if count > 1 else ''}")
    return ", ".join(said)


def _model_blessing(artifact: metadata_store_pb2.Artifact) -> str:
    return "blessed" if _number(artifact, "blessed") == 1 else "not blessed"


def _infra_blessing(artifact: metadata_store_pb2.Artifact) -> str:
    from components.serving_validator.artifacts import FAILED_PROPERTY, FIGURES

    values = _properties(artifact)
    if _number(artifact, "blessed") != 1:
        failed = values.get(FAILED_PROPERTY)
        names = failed.string_value.replace(",", ", ") if failed is not None else ""
        return f"not safe to serve: {names}" if names else "not safe to serve"
    median = values.get(FIGURES["latency_p50"])
    return "safe to serve" + (f", {median.double_value:.2g} ms a row" if median else "")


def _pushed(artifact: metadata_store_pb2.Artifact) -> str:
    if _number(artifact, "pushed") == 1:
        value = _properties(artifact).get("pushed_destination")
        return f"pushed to {value.string_value}" if value is not None else "pushed"
    return "not pushed"


def _model_run(artifact: metadata_store_pb2.Artifact) -> str:
    path = Path(artifact.uri) / "training.json"
    if not path.is_file():
        return ""
    record = json.loads(path.read_text(encoding="utf-8"))
    words = f"{record.get('train_steps', 0):,} steps"
    loss = record.get("metrics", {}).get("loss")
    if record.get("stopped_early"):
        words += " (stopped early)"
    return words if loss is None else f"{words}, eval loss {loss:.4f}"


def _evaluation(artifact: metadata_store_pb2.Artifact) -> str:
    from components.evaluator.outcome.reading import read_evaluation

    evaluation = read_evaluation(Path(artifact.uri))
    if evaluation.overall is None:
        return ""
    metrics = evaluation.overall.metrics
    shown = [metrics[name] for name in HEADLINE_METRICS if name in metrics]
    words = ", ".join(f"{metric.name} {metric.value:.4g}" for metric in shown[:2])
    refused = evaluation.beyond.baseline_refused
    words += f", not compared with the model that serves: {refused}" if refused else ""
    failed = sum(not check.passed for check in evaluation.bounds)
    return words + (f", {formats.plural(failed, 'threshold')} missed" if failed else "")


_BY_TYPE = {
    "Examples": _examples,
    "ExampleStatistics": _statistics,
    "ExampleAnomalies": _anomalies,
    "Schema": _schema,
    "TransformGraph": _transform_graph,
    "DataBlessing": _data_blessing,
    "ModelBlessing": _model_blessing,
    "InfraBlessing": _infra_blessing,
    "PushedModel": _pushed,
    "ModelRun": _model_run,
    "ModelEvaluation": _evaluation,
}
