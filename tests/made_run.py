"""A whole run made by hand: accounts, protos and a real metadata store, no TensorFlow."""

from __future__ import annotations

import dataclasses
import json
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import ml_metadata
from google.protobuf import json_format
from ml_metadata.proto import metadata_store_pb2 as mlmd
from tensorflow_metadata.proto.v0 import anomalies_pb2, statistics_pb2

from components.evaluator.outcome import protos
from components.quarantine import records as quarantine
from components.quarantine.entry import Change, DataIdentity, Entry
from metadata import run_file, store
from metadata.run_folder import RunFolder

HOSTILE = "<script>document.title='broken out'</script><img src=http://192.0.2.1/x.png>"

UPSTREAM = {
    "ExampleGen": (),
    "StatisticsGen": ("ExampleGen",),
    "SchemaGen": (),
    "ExampleValidator": ("StatisticsGen", "SchemaGen"),
    "Transform": ("ExampleGen", "SchemaGen", "ExampleValidator"),
    "Trainer": ("Transform", "SchemaGen"),
    "latest_blessed": (),
    "Evaluator": ("ExampleGen", "Trainer", "latest_blessed"),
    "Pusher": ("Trainer", "Evaluator"),
}

_TYPES = {
    "ExampleGen": "tfx.components.example_gen.component.FileBasedExampleGen",
    "latest_blessed": "tfx.dsl.components.common.resolver.Resolver",
}


def write_records(path: Path, records: Iterable[bytes]) -> None:
    """Writes a TFRecord file without checksums."""
    path.parent.mkdir(parents=True, exist_ok=True)
    framed = (struct.pack("<Q", len(r)) + b"\0" * 4 + r + b"\0" * 4 for r in records)
    path.write_bytes(b"".join(framed))


class Recorder:
    """Writes executions into a store with TFX's contexts, events and states."""

    def __init__(
        self,
        path: Path,
        run_id: str,
        pipeline: str = "taxi",
        opened: ml_metadata.MetadataStore | None = None,
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.store: ml_metadata.MetadataStore = opened or store.open_store(
            store.sqlite_config(path)
        )
        self.pipeline = pipeline
        self.run = self._context("pipeline_run", run_id)

    def _context(self, kind: str, name: str) -> int:
        found = self.store.get_context_by_type_and_name(kind, name)
        if found is not None:
            return int(found.id)
        type_id = self.store.put_context_type(mlmd.ContextType(name=kind))
        (made,) = self.store.put_contexts([mlmd.Context(type_id=type_id, name=name)])
        return int(made)

    def artifact(self, kind: str, uri: Path | str, **properties: Any) -> mlmd.Artifact:
        """A live artifact, not yet stored."""
        type_id = self.store.put_artifact_type(mlmd.ArtifactType(name=kind))
        made = mlmd.Artifact(type_id=type_id, uri=str(uri), state=mlmd.Artifact.LIVE)
        _set(made.custom_properties, properties)
        return made

    def execute(
        self,
        node: str,
        *,
        inputs: Mapping[str, mlmd.Artifact] | None = None,
        outputs: Mapping[str, mlmd.Artifact] | None = None,
        state: int = mlmd.Execution.COMPLETE,
        event: int = mlmd.Event.OUTPUT,
        **properties: Any,
    ) -> None:
        """Records one execution; output artifacts get their ids."""
        kind = _TYPES.get(node, f"tfx.components.{node}")
        type_id = self.store.put_execution_type(mlmd.ExecutionType(name=kind))
        execution = mlmd.Execution(type_id=type_id, last_known_state=state)
        _set(execution.custom_properties, properties)
        pairs = []
        for which, channel in ((mlmd.Event.INPUT, inputs), (event, outputs)):
            for key, artifact in (channel or {}).items():
                step = mlmd.Event.Path.Step
                path = mlmd.Event.Path(steps=[step(key=key), step(index=0)])
                pairs.append((artifact, mlmd.Event(type=which, path=path)))
        context_ids = [self.run, self._context("node", f"{self.pipeline}.{node}")]
        contexts = self.store.get_contexts_by_id(context_ids)
        _, ids, _ = self.store.put_execution(execution, pairs, contexts)
        for (artifact, _), artifact_id in zip(pairs, ids, strict=True):
            artifact.id = artifact_id


def _set(values: Any, properties: Mapping[str, Any]) -> None:
    for key, value in properties.items():
        if isinstance(value, int):
            values[key].int_value = value
        elif isinstance(value, float):
            values[key].double_value = value
        elif isinstance(value, dict):
            json_format.ParseDict(value, values[key].struct_value)
        else:
            values[key].string_value = value


def statistics(rows: int, shift: float = 0.0) -> statistics_pb2.DatasetFeatureStatisticsList:
    """Statistics of a number, a whole number, a text and an empty feature."""
    made = statistics_pb2.DatasetFeatureStatisticsList()
    dataset = made.datasets.add(num_examples=rows)
    fare = dataset.features.add(type=statistics_pb2.FeatureNameStatistics.FLOAT)
    fare.path.step.append("fare")
    numbers = fare.num_stats
    numbers.common_stats.num_non_missing = numbers.common_stats.tot_num_values = rows
    numbers.mean, numbers.std_dev, numbers.num_zeros = 10.5 + shift, 3.25, rows // 10
    numbers.min, numbers.median, numbers.max = 0.0, 10.0, 20.0
    for kind in (statistics_pb2.Histogram.STANDARD, statistics_pb2.Histogram.QUANTILES):
        histogram = numbers.histograms.add(type=kind)
        for i in range(10):
            histogram.buckets.add(low_value=2 * i, high_value=2 * i + 2, sample_count=rows / 10)
    month = dataset.features.add(type=statistics_pb2.FeatureNameStatistics.INT)
    month.path.step.append("month")
    month.num_stats.common_stats.num_non_missing = rows
    month.num_stats.common_stats.tot_num_values = rows
    month.num_stats.min, month.num_stats.max = 1, 12
    histogram = month.num_stats.histograms.add(type=statistics_pb2.Histogram.STANDARD)
    for i in range(10):
        # Every month alike: a bucket has as many as there are months within it.
        low, high = 1 + 1.1 * i, 12.0 if i == 9 else 1 + 1.1 * (i + 1)
        inside = sum(low <= n < high or n == high == 12 for n in range(1, 13))
        histogram.buckets.add(low_value=low, high_value=high, sample_count=inside)
    payment = dataset.features.add(type=statistics_pb2.FeatureNameStatistics.STRING)
    payment.path.step.append("payment_type")
    texts = payment.string_stats
    texts.common_stats.num_non_missing = texts.common_stats.tot_num_values = rows
    texts.unique = 3
    for value, share in (("Cash", 0.6), ("Credit Card", 0.3), (HOSTILE, 0.1)):
        texts.top_values.add(value=value, frequency=share * rows)
    empty = dataset.features.add(type=statistics_pb2.FeatureNameStatistics.STRING)
    empty.path.step.append("census_tract")
    empty.string_stats.common_stats.num_missing = rows
    return made


def write_evaluation(
    folder: Path,
    *,
    bound: float = 0.8,
    auc: float = 0.9,
    baseline: float | None = None,
    interval: tuple[float, float] | None = None,
) -> None:
    """Writes what TFMA writes: AUC overall and in two slices, bounds, plots."""
    config_pb2, metrics_pb2, validation_pb2 = protos.load()
    config = config_pb2.EvalConfig()
    spec = config.metrics_specs.add()
    spec.metrics.add(class_name="ExampleCount")
    metric = spec.metrics.add(class_name="AUC", config='{"name": "auc"}')
    overall = metric.per_slice_thresholds.add()
    overall.slicing_specs.add()
    overall.threshold.value_threshold.lower_bound.value = bound
    if baseline is not None:
        change = overall.threshold.change_threshold
        change.absolute.value, change.direction = -0.05, config_pb2.HIGHER_IS_BETTER
    by_payment = metric.per_slice_thresholds.add()
    by_payment.slicing_specs.add(feature_keys=["payment_type"])
    by_payment.threshold.value_threshold.lower_bound.value = 0.5
    folder.mkdir(parents=True, exist_ok=True)
    document = {"evalConfig": json_format.MessageToDict(config), "version": "0.47.1"}
    (folder / "eval_config.json").write_text(json.dumps(document))

    rows = []
    for value, count, result in (
        (None, 300, auc),
        (b"Cash", 200, 0.7),
        (HOSTILE.encode(), 100, 0.6),
    ):
        row = metrics_pb2.MetricsForSlice()
        if value is not None:
            row.slice_key.single_slice_keys.add(column="payment_type", bytes_value=value)
        for name, number, model in (
            ("example_count", count, ""),
            ("auc", result, ""),
            ("auc", baseline, "baseline"),
        ):
            if number is not None:
                pair = row.metric_keys_and_values.add()
                pair.key.name, pair.key.model_name = name, model
                pair.value.double_value.value = number
                if interval is not None and name == "auc" and value is None and not model:
                    lower, upper = interval
                    pair.confidence_interval.lower_bound.double_value.value = lower
                    pair.confidence_interval.upper_bound.double_value.value = upper
        rows.append(row.SerializeToString())
    write_records(folder / "metrics-00000-of-00001.tfrecord", rows)

    result_proto = validation_pb2.ValidationResult(validation_ok=auc >= bound)
    if auc < bound:
        failures = result_proto.metric_validations_per_slice.add()
        failures.slice_key.SetInParent()
        failure = failures.failures.add()
        failure.metric_key.name = "auc"
        failure.metric_threshold.value_threshold.lower_bound.value = bound
        failure.metric_value.double_value.value = auc
    write_records(folder / "validations.tfrecord", [result_proto.SerializeToString()])

    plots = metrics_pb2.PlotsForSlice()
    plots.slice_key.SetInParent()
    plot = plots.plot_keys_and_values.add().value
    for i in range(1, 10):
        plot.confusion_matrix_at_thresholds.matrices.add(
            threshold=i / 10,
            true_positives=100 - i * i,
            false_negatives=i * i,
            false_positives=100 - 10 * i,
            true_negatives=10 * i,
        )
        bucket = plot.calibration_histogram_buckets.buckets.add()
        bucket.num_weighted_examples.value = 10
        bucket.total_weighted_refined_prediction.value = i + 0.5
        bucket.total_weighted_label.value = i
    write_records(folder / "plots-00000-of-00001.tfrecord", [plots.SerializeToString()])


def write_gates(folder: Path, *, allow_no_comparison: bool = False) -> None:
    """Writes what the Evaluator finds beside TFMA's files."""
    gates = {
        "confidence": 0.95,
        "undecided": [{"slice": [["payment_type", "Cash"]], "metric": "auc", "on": "value"}],
        "fairness": [
            {
                "rate": "accuracy",
                "feature": "payment_type",
                "gap_at_most": 0.1,
                "gap": 0.2,
                "interval": [0.05, 0.35],
                "lowest": {"value": "Cash", "rate": 0.7, "examples": 200},
                "highest": {"value": "Card", "rate": 0.9, "examples": 100},
                "verdict": "undecided",
            }
        ],
        "baseline_refused": "its label differs",
        "allow_no_comparison": allow_no_comparison,
        "empty_slices": ["company = Nobody"],
    }
    (folder / "gates.json").write_text(json.dumps(gates))
    cash = {"bucket": "Cash", "count": 200, "mean": -0.25, "spread": 0.5}
    other = {"bucket": HOSTILE, "count": 100, "mean": 0.01, "spread": 0.5}
    residuals = {
        "residual": "label - prediction",
        "examples": 300,
        "sampled": 300,
        "mean": -0.16,
        "spread": 0.5,
        "features": [{"feature": "payment_type", "buckets": [cash, other]}],
        "worst": [{"feature": "payment_type", **cash}],
    }
    (folder / "residuals.json").write_text(json.dumps(residuals))


def write_data_artifacts(folder: Path, *, anomalous: bool = False) -> None:
    """Writes statistics, schema and anomalies as TFX lays them out."""
    for split, rows in (("train", 600), ("eval", 300)):
        part = folder / "statistics" / f"Split-{split}"
        part.mkdir(parents=True)
        (part / "FeatureStats.pb").write_bytes(statistics(rows).SerializeToString())
        anomalies = anomalies_pb2.Anomalies()
        if anomalous:
            info = anomalies.anomaly_info["fare"]
            info.severity = anomalies_pb2.AnomalyInfo.ERROR
            info.short_description = "Unexpected data type"
            info.description = f"Expected FLOAT but got BYTES such as {HOSTILE}"
        part = folder / "anomalies" / f"Split-{split}"
        part.mkdir(parents=True)
        (part / "SchemaDiff.pb").write_bytes(anomalies.SerializeToString())
    (folder / "schema").mkdir()
    (folder / "schema" / "schema.pbtxt").write_text(
        'feature { name: "fare" type: FLOAT presence { min_fraction: 1 }'
        " value_count { min: 1 max: 1 } float_domain { min: 0 } }\n"
        'feature { name: "payment_type" type: BYTES domain: "payment_type"'
        ' not_in_environment: "SERVING" }\n'
        'string_domain { name: "payment_type" value: "Cash" value: "Credit Card" }\n'
    )


@dataclasses.dataclass
class MadeRun:
    """Where a made run lies."""

    root: Path
    run_id: str


def make_run(root: Path, run_id: str = "run-1", *, bound: float = 0.8) -> MadeRun:
    """Makes a finished run: pushed where its AUC of 0.9 keeps the bound, else not blessed."""
    files = root / "artifacts" / run_id
    recorder = Recorder(RunFolder(root).store, run_id)
    new = recorder.artifact
    write_data_artifacts(files)
    write_evaluation(files / "evaluation", bound=bound)
    (files / "model_run").mkdir()
    history = [
        {"step": 50, "train_loss": 0.7, "eval_loss": 0.6, "eval_auc": 0.8},
        {"step": 100, "train_loss": 0.5, "eval_loss": 0.45, "eval_auc": 0.9},
        {"step": 150, "train_loss": 0.4, "eval_loss": 0.5, "eval_auc": float("nan")},
    ]
    noted = {
        "history": history,
        "best_step": 100,
        "hyperparameters": {"learning_rate": 0.001, "hidden_units": [8, 4]},
        "examples": {"train": 540, "train_read": 600, "train_without_label": 60},
    }
    (files / "model_run" / "training.json").write_text(json.dumps(noted))
    good = bound <= 0.9

    examples = new(
        "Examples",
        files / "examples",
        span=3,
        version=1,
        input_fingerprint="files:1",
        rows_train=600,
        rows_eval=300,
        rejected_rows=2,
    )
    data = new("ExampleStatistics", files / "statistics")
    schema = new("Schema", files / "schema")
    anomalies = new("ExampleAnomalies", files / "anomalies")
    graph = new("TransformGraph", files / "graph")
    transformed = new("Examples", files / "transformed")
    model = new("Model", files / "model")
    model_run = new("ModelRun", files / "model_run")
    evaluation = new("ModelEvaluation", files / "evaluation")
    blessing = new("ModelBlessing", files / "blessing", blessed=int(good))
    pushed = new(
        "PushedModel",
        files / "pushed",
        pushed=int(good),
        **({"pushed_destination": "/models/7", "pushed_version": "7"} if good else {}),
    )
    run = recorder.execute
    run("ExampleGen", outputs={"examples": examples}, input_base="/data/taxi")
    run("StatisticsGen", inputs={"examples": examples}, outputs={"statistics": data})
    run("SchemaGen", outputs={"schema": schema})
    run(
        "ExampleValidator",
        inputs={"statistics": data, "schema": schema},
        outputs={"anomalies": anomalies},
    )
    run(
        "Transform",
        inputs={"examples": examples, "schema": schema},
        outputs={"transform_graph": graph, "transformed_examples": transformed},
    )
    run(
        "Trainer",
        inputs={"examples": transformed, "transform_graph": graph},
        outputs={"model": model, "model_run": model_run},
        train_args='{"num_steps": 100}',
        custom_config='{"label": "tips", "hyperparameters": {"learning_rate": 0.01}}',
    )
    run(
        "Evaluator",
        inputs={"examples": examples, "model": model},
        outputs={"evaluation": evaluation, "blessing": blessing},
    )
    run(
        "Pusher",
        inputs={"model": model, "model_blessing": blessing},
        outputs={"pushed_model": pushed},
    )

    started = "2026-05-04T10:00:00+00:00"
    nodes = tuple(
        run_file.NodeRecord(node, upstream, "done", started, 1.5, f"{node} result")
        for node, upstream in UPSTREAM.items()
    )
    account = run_file.RunRecord(
        run_id,
        "taxi",
        "succeeded" if good else "not_blessed",
        started,
        "2026-05-04T10:00:12+00:00",
        identity=run_file.Identity("d1", "c2", "k3"),
        nodes=nodes,
    )
    files_of_run = RunFolder(root).run(run_id)
    run_file.write(files_of_run.folder, account)
    files_of_run.configuration.write_text(f"pipeline: taxi # {HOSTILE}\n")
    files_of_run.logs.mkdir()
    files_of_run.log("Trainer").write_text("epoch 1\n")
    return MadeRun(root, run_id)


def make_failed_run(root: Path, run_id: str = "run-2") -> MadeRun:
    """Makes a run that stopped at the anomalies, with no store."""
    states = ["done", "done", "done", "failed"] + ["waiting"] * 5
    nodes = tuple(
        run_file.NodeRecord(node, upstream, state)  # type: ignore[arg-type]
        for (node, upstream), state in zip(UPSTREAM.items(), states, strict=True)
    )
    error = run_file.ErrorRecord(
        "DataError",
        "The examples do not follow the schema",
        (f"fare is {HOSTILE}",),
        "repair the data",
        "data-anomalies",
        "ExampleValidator",
    )
    account = run_file.RunRecord(
        run_id,
        "taxi",
        "failed",
        "2026-05-04T11:00:00+00:00",
        "2026-05-04T11:00:02+00:00",
        error,
        nodes=nodes,
    )
    run_file.write(RunFolder(root).run(run_id).folder, account)
    return MadeRun(root, run_id)


def quarantine_span(made: MadeRun, refused_in: str) -> Entry:
    """Quarantines span 8, refused in some run, as part of a made run's story."""
    opened = store.open_store(store.sqlite_config(RunFolder(made.root).store))
    data = DataIdentity("taxi", "/data/taxi", {"s": "span-8/*.csv"}, 8, None, "split:s")
    refusal = Change("refused", "DataGate", "2026-05-03T09:00:00+00:00", HOSTILE, refused_in)
    entry = Entry(data, {"train": 20}, f"fare {HOSTILE}", history=(refusal,))
    quarantine.quarantine(opened, entry)
    quarantine.attribute(opened, entry.id, made.run_id)
    return entry
