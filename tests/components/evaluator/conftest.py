"""A few hundred examples, small models of each task, and a way to run an executor."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROWS = 400


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What an executor wrote: the evaluation's folder and the blessing artifact."""

    uri: str
    blessing: Any

    def gates(self) -> Any:
        """What was judged beyond TFMA's thresholds."""
        return json.loads((Path(self.uri) / "gates.json").read_text())

    def numbers(self) -> Any:
        """Values and intervals by slice, then by metric and kind."""
        from components.evaluator.results import read_metrics

        return read_metrics(self.uri)

    def metrics(self) -> dict[Any, dict[str, Any]]:
        """Metrics and plots by slice, as TFMA loads them."""
        import tensorflow_model_analysis as tfma

        loaded = tfma.load_eval_result(self.uri)
        return dict(loaded.slicing_metrics)

    def plots(self) -> dict[Any, Any]:
        import tensorflow_model_analysis as tfma

        return dict(tfma.load_eval_result(self.uri).plots)

    def validation(self) -> Any:
        import tensorflow_model_analysis as tfma

        return tfma.load_validation_result(self.uri)


def _columns(rows: int, seed: int) -> dict[str, list[list[Any]]]:
    random = np.random.default_rng(seed)
    fare = random.gamma(2.0, 6.0, rows).astype(np.float32)
    payment = random.choice([b"Cash", b"Credit Card", "Gutschein ä".encode()], rows)
    hour = random.integers(0, 4, rows)
    share = np.where(payment == b"Cash", 0.05, 0.25) + random.normal(0, 0.1, rows)
    columns: dict[str, list[list[Any]]] = {
        "fare": [[value] for value in fare.tolist()],
        "tips": [[value] for value in (fare * share).astype(np.float32).tolist()],
        "payment": [[value] for value in payment.tolist()],
        "hour": [[value] for value in hour.tolist()],
        "zone": [[value] for value in random.integers(0, 3, rows).tolist()],
        "kind": [[value] for value in random.integers(0, 3, rows).tolist()],
        "weight": [[value] for value in random.uniform(0.5, 2, rows).astype(np.float32).tolist()],
        "tags": [
            random.choice([b"a", b"b", b"c"], random.integers(0, 4)).tolist() for _ in range(rows)
        ],
    }
    for row in range(0, rows, 17):
        columns["payment"][row] = []
    return columns


def _serialized(columns: dict[str, list[list[Any]]]) -> list[bytes]:
    import tensorflow as tf

    def feature(values: list[Any]) -> Any:
        if not values:
            return tf.train.Feature()
        if isinstance(values[0], bytes):
            return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
        if isinstance(values[0], int):
            return tf.train.Feature(int64_list=tf.train.Int64List(value=values))
        return tf.train.Feature(float_list=tf.train.FloatList(value=values))

    return [
        tf.train.Example(
            features=tf.train.Features(
                feature={name: feature(values) for name, values in zip(columns, row, strict=True)}
            )
        ).SerializeToString(deterministic=True)
        for row in zip(*columns.values(), strict=True)
    ]


def write_examples(folder: Path, columns: dict[str, list[list[Any]]], split: str = "eval") -> Any:
    """Writes an Examples artifact with one split, its TFRecords only."""
    import tensorflow as tf
    from tfx.types import artifact_utils, standard_artifacts

    path = folder / f"Split-{split}" / "data_tfrecord-00000-of-00001.gz"
    path.parent.mkdir(parents=True)
    with tf.io.TFRecordWriter(str(path), options="GZIP") as file:
        for record in _serialized(columns):
            file.write(record)
    artifact = standard_artifacts.Examples()
    artifact.uri = str(folder)
    artifact.split_names = artifact_utils.encode_split_names([split])
    artifact.set_string_custom_property("payload_format", "FORMAT_TF_EXAMPLE")
    artifact.set_string_custom_property("file_format", "tfrecords_gzip")
    return artifact


@pytest.fixture(scope="session")
def columns() -> dict[str, list[list[Any]]]:
    """The features of the examples, a list of values for each."""
    return _columns(ROWS, seed=7)


@pytest.fixture(scope="session")
def unlabelled(tmp_path_factory: pytest.TempPathFactory, columns: Any) -> Any:
    """The same examples, every tenth without the columns of the label."""
    tips = [[] if row % 10 == 0 else value for row, value in enumerate(columns["tips"])]
    return write_examples(tmp_path_factory.mktemp("unlabelled"), {**columns, "tips": tips})


@pytest.fixture(scope="session")
def examples(tmp_path_factory: pytest.TempPathFactory, columns: Any) -> Any:
    """An Examples artifact with the split ``eval``."""
    return write_examples(tmp_path_factory.mktemp("examples"), columns)


def _export(folder: Path, task: str, seed: int, generous_from: float = 0.2) -> Any:
    import keras
    import tensorflow as tf
    from tfx.types import standard_artifacts

    keras.utils.set_random_seed(seed)
    units = {"binary": 1, "multiclass": 3, "regression": 1}[task]
    activation = {"binary": "sigmoid", "multiclass": "softmax", "regression": None}[task]
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units, activation=activation)])
    spec = {
        "fare": tf.io.FixedLenFeature([], tf.float32),
        "tips": tf.io.FixedLenFeature([], tf.float32, default_value=float("nan")),
        "hour": tf.io.FixedLenFeature([], tf.int64),
        "kind": tf.io.FixedLenFeature([], tf.int64),
        "zone": tf.io.FixedLenFeature([], tf.int64),
        "payment": tf.io.FixedLenFeature([], tf.string, default_value=""),
    }

    def transform(examples: Any) -> dict[str, Any]:
        raw = tf.io.parse_example(examples, spec)
        generous = raw["tips"] > generous_from * raw["fare"]
        label = tf.where(
            tf.math.is_nan(raw["tips"]), tf.constant(-1, tf.int64), tf.cast(generous, tf.int64)
        )
        return {
            "label": {"binary": label, "multiclass": raw["kind"], "regression": raw["tips"]}[task],
            "fare_scaled": raw["fare"] / 20.0,
            "late": tf.cast(raw["hour"] > 1, tf.int64),
            # Named like the raw feature, as a transformation may well do.
            "zone": raw["zone"] * 10,
        }

    def serve(examples: Any) -> dict[str, Any]:
        raw = tf.io.parse_example(examples, spec)
        cash = tf.cast(raw["payment"] == b"Cash", tf.float32)
        late = tf.cast(raw["hour"], tf.float32) / 4.0
        inputs = tf.stack([raw["fare"] / 20.0, cash, late, tf.ones_like(cash)], axis=1)
        output = model(inputs)
        if task == "binary":
            return {"score": output[:, 0], "probabilities": tf.concat([1 - output, output], 1)}
        return {"probabilities": output} if task == "multiclass" else {"prediction": output[:, 0]}

    archive = keras.export.ExportArchive()
    archive.track(model)
    signature = [tf.TensorSpec([None], tf.string, name="examples")]
    archive.add_endpoint("serving_default", serve, input_signature=signature)
    archive.add_endpoint("transform_features", transform, input_signature=signature)
    archive.write_out(str(folder / "Format-Serving"), verbose=False)
    artifact = standard_artifacts.Model()
    artifact.uri = str(folder)
    artifact.id = 100 + seed
    return artifact


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Makes a Model artifact for a task and a seed; the same ones only once."""
    made: dict[tuple[str, int, float], Any] = {}

    def model(task: str, seed: int = 1, generous_from: float = 0.2) -> Any:
        key = task, seed, generous_from
        if key not in made:
            made[key] = _export(tmp_path_factory.mktemp(f"{task}-{seed}"), *key)
        return made[key]

    return model


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Outcome]:
    """Runs an Evaluator executor on artifacts."""

    def run_executor(
        executor_class: type,
        examples: Any,
        model: Any,
        eval_config: Any,
        *,
        baseline: Any = None,
        flags: tuple[str, ...] = (),
        gates: Any = None,
    ) -> Outcome:
        from tfx.types import standard_artifacts
        from tfx.utils import proto_utils

        folder = tmp_path / f"run-{len(list(tmp_path.iterdir()))}"
        evaluation, blessing = (
            standard_artifacts.ModelEvaluation(),
            standard_artifacts.ModelBlessing(),
        )
        evaluation.uri, blessing.uri = str(folder / "evaluation"), str(folder / "blessing")
        # With any Beam argument TFX would build a package of itself for each executor.
        context = executor_class.Context(extra_flags=list(flags), tmp_dir=str(folder))
        inputs = {"examples": [examples], "model": [model]}
        if baseline is not None:
            inputs["baseline_model"] = [baseline]
        executor_class(context).Do(
            inputs,
            {"evaluation": [evaluation], "blessing": [blessing]},
            {
                "eval_config": proto_utils.proto_to_json(eval_config),
                "example_splits": '["eval"]',
                "current_component_id": "Evaluator",
                **({} if gates is None else {"gates": gates.to_json()}),
            },
        )
        return Outcome(evaluation.uri, blessing)

    return run_executor
