"""Small Examples artifacts and Transform runs over them, in memory and through Beam."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

ROWS = {"train": 1_500, "eval": 700}
IN_MEMORY = "--in_memory_bytes=1000000000"
BEAM = "--in_memory_bytes=0"

SCHEMA = """
feature { name: "fare" type: FLOAT value_count { min: 0 max: 1 } }
feature { name: "hour" type: INT presence { min_fraction: 1.0 } shape {} }
feature { name: "payment" type: BYTES value_count { min: 0 max: 1 } }
feature { name: "company" type: BYTES value_count { min: 0 max: 1 } }
feature { name: "tags" type: BYTES value_count { min: 0 } }
feature { name: "note" type: BYTES value_count { min: 0 max: 1 } }
feature { name: "when" type: BYTES value_count { min: 0 max: 1 } }
feature { name: "unused" type: INT presence { min_fraction: 1.0 } shape {} }
"""


def _company(number: int) -> bytes:
    """A name; every third one has two lines."""
    return b"company%s%d" % (b" " if number % 3 else b"\r\n", number)


def make_batch(rows: int, seed: int) -> pa.RecordBatch:
    """Rows with missing values, ties in their counts and tags of any number."""
    draw = np.random.default_rng(seed)
    payments = [b"Cash", b"Credit Card", b"Unknown"]

    def column(kind: pa.DataType, make: Callable[[], Any], missing: float = 0.0) -> pa.Array:
        values = [None if draw.random() < missing else make() for _ in range(rows)]
        return pa.array(values, pa.large_list(kind))

    return pa.RecordBatch.from_pydict(
        {
            "fare": column(pa.float32(), lambda: [draw.gamma(2.0, 8.0)], 0.1),
            "hour": column(pa.int64(), lambda: [int(draw.integers(0, 24))]),
            "payment": column(pa.large_binary(), lambda: [payments[draw.integers(0, 3)]], 0.05),
            "company": column(pa.large_binary(), lambda: [_company(int(draw.geometric(0.1)))], 0.2),
            "tags": column(
                pa.large_binary(),
                lambda: [b"tag%d" % tag for tag in draw.integers(0, 8, draw.integers(0, 4))],
                0.1,
            ),
            "note": column(
                pa.large_binary(),
                lambda: [" ".join(f"Wörd{word}" for word in draw.geometric(0.1, 9)).encode()],
                0.1,
            ),
            "when": column(pa.large_binary(), lambda: [b"%d.2.2020" % draw.integers(1, 32)], 0.1),
        }
    )


@dataclasses.dataclass(frozen=True)
class TransformRun:
    """The artifacts of one execution, by output key."""

    outputs: dict[str, list[Any]]

    def folder(self, key: str) -> Path:
        (artifact,) = self.outputs[key]
        return Path(artifact.uri)

    @property
    def graph(self) -> Path:
        return self.folder("transform_graph")

    def files(self, key: str) -> list[str]:
        """Relative paths of all files of an output."""
        folder = self.folder(key)
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def write_examples(uri: Path, batches: dict[str, pa.RecordBatch], *, arrow_copy: bool) -> None:
    """Writes an Examples artifact's files."""
    import tensorflow as tf
    from tfx_bsl.coders import example_coder

    from core.columnar_examples import ColumnarWriter

    for split, batch in batches.items():
        folder = uri / f"Split-{split}"
        folder.mkdir(parents=True)
        with tf.io.TFRecordWriter(
            str(folder / "data_tfrecord-00000-of-00001.gz"), "GZIP"
        ) as records:
            for example in example_coder.RecordBatchToExamplesEncoder().encode(batch):
                records.write(example)
        if arrow_copy:
            with ColumnarWriter(str(uri), split, batch.schema) as copy:
                for start in range(0, batch.num_rows, 400):
                    copy.write(batch.slice(start, 400))


def run_transform(
    examples_uris: Sequence[Path],
    output: Path,
    module: str,
    flag: str,
    *,
    custom_config: dict[str, Any] | None = None,
    statistics: bool = True,
    materialize: bool = True,
    properties: dict[str, Any] | None = None,
) -> TransformRun:
    """Runs our executor on a preprocessing module of this folder."""
    from tfx.dsl.components.base import base_beam_executor
    from tfx.types import artifact_utils, standard_artifacts

    from components.transform.executor import Executor

    def examples_of(uri: Path) -> Any:
        examples = standard_artifacts.Examples()
        examples.uri = str(uri)
        examples.split_names = artifact_utils.encode_split_names(list(ROWS))
        return examples

    kinds: dict[str, type] = {"transform_graph": standard_artifacts.TransformGraph}
    if materialize:
        kinds["transformed_examples"] = standard_artifacts.Examples
    if statistics:
        kinds["updated_analyzer_cache"] = standard_artifacts.TransformCache
        kinds["pre_transform_schema"] = standard_artifacts.Schema
        kinds["pre_transform_stats"] = standard_artifacts.ExampleStatistics
        kinds["post_transform_schema"] = standard_artifacts.Schema
        kinds["post_transform_stats"] = standard_artifacts.ExampleStatistics
        kinds["post_transform_anomalies"] = standard_artifacts.ExampleAnomalies
    outputs = {}
    for key, kind in kinds.items():
        artifact = kind()
        artifact.uri = str(output / key)
        (output / key).mkdir(parents=True)
        outputs[key] = [artifact]
    schema = standard_artifacts.Schema()
    schema.uri = str(output / "schema")
    (output / "schema").mkdir()
    (output / "schema" / "schema.pbtxt").write_text(SCHEMA)
    context = base_beam_executor.BaseBeamExecutor.Context(
        beam_pipeline_args=["--runner=DirectRunner"],
        tmp_dir=str(output / ".temp"),
        unique_id="1",
        extra_flags=[flag],
    )
    Executor(context).Do(
        {"examples": [examples_of(uri) for uri in examples_uris], "schema": [schema]},
        outputs,
        {
            "module_file": str(Path(__file__).parent / module),
            "custom_config": json.dumps(custom_config or {}),
            "disable_statistics": int(not statistics),
            "force_tf_compat_v1": 0,
            **(properties or {}),
        },
    )
    return TransformRun(outputs)


@pytest.fixture(scope="session")
def raw_batches() -> dict[str, pa.RecordBatch]:
    return {split: make_batch(rows, seed) for seed, (split, rows) in enumerate(ROWS.items())}


@pytest.fixture(scope="session")
def examples_uri(
    tmp_path_factory: pytest.TempPathFactory, raw_batches: dict[str, pa.RecordBatch]
) -> Path:
    uri = tmp_path_factory.mktemp("examples")
    write_examples(uri, raw_batches, arrow_copy=True)
    return uri


@pytest.fixture(scope="session")
def usual(
    tmp_path_factory: pytest.TempPathFactory, examples_uri: Path
) -> tuple[TransformRun, TransformRun]:
    """The usual preprocessing_fn, in memory and through Beam."""
    folder = tmp_path_factory.mktemp("usual")
    module = "preprocessing_usual.py"
    config = {"buckets": 5}
    return (
        run_transform([examples_uri], folder / "memory", module, IN_MEMORY, custom_config=config),
        run_transform([examples_uri], folder / "beam", module, BEAM, custom_config=config),
    )


@pytest.fixture(scope="session")
def rare(
    tmp_path_factory: pytest.TempPathFactory, examples_uri: Path
) -> tuple[TransformRun, TransformRun]:
    """The rare analyzers, in memory and through Beam, without statistics to save time."""
    folder = tmp_path_factory.mktemp("rare")
    module = "preprocessing_rare.py"
    return (
        run_transform([examples_uri], folder / "memory", module, IN_MEMORY, statistics=False),
        run_transform([examples_uri], folder / "beam", module, BEAM, statistics=False),
    )


@pytest.fixture(scope="session")
def run() -> Callable[..., TransformRun]:
    """`run_transform`, for tests that need a run of their own."""
    return run_transform


@pytest.fixture(scope="session")
def make_examples() -> Callable[..., None]:
    """`write_examples`, for tests that need other examples."""
    return write_examples
