"""The component in TFX: against CsvExampleGen, with a real metadata store, and with Beam."""

from __future__ import annotations

import collections
import glob
import itertools
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2
from tfx.components.example_gen.csv_example_gen import executor as csv_executor
from tfx.orchestration import metadata, pipeline
from tfx.orchestration.local.local_dag_runner import LocalDagRunner
from tfx.proto import example_gen_pb2
from tfx.types import standard_artifacts
from tfx.utils import proto_utils

from components.example_gen import executor
from components.example_gen.component import ColumnarExampleGen, output_config
from components.example_gen.properties import custom_config
from components.example_gen.settings import IngestionSettings
from components.example_gen.sources import input_for_path
from core.errors import DataError
from tests.components.example_gen.same_table import FORMATS

_SPLITS = ("train", "eval")
_AS_STOCK = {"method": "hash_record"}
Counts = dict[str, collections.Counter]


def _properties(path: Path, settings: IngestionSettings) -> dict[str, Any]:
    base, input_config = input_for_path(path, settings)
    return {
        "input_base": base,
        "input_config": proto_utils.proto_to_json(input_config),
        "output_config": proto_utils.proto_to_json(output_config(settings)),
        "custom_config": proto_utils.proto_to_json(custom_config(settings)),
        "output_data_format": example_gen_pb2.FORMAT_TF_EXAMPLE,
        "output_file_format": example_gen_pb2.FORMAT_TFRECORDS_GZIP,
    }


def _run(kind: type, path: Path, uri: Path, flags: list[str] | None = None, **settings: Any) -> Any:
    examples = standard_artifacts.Examples()
    examples.uri = str(uri)
    properties = _properties(path, IngestionSettings.model_validate(settings))
    context = kind.Context(extra_flags=flags, tmp_dir=str(uri) + "-tmp", unique_id="1")
    kind(context).Do({}, {"examples": [examples]}, properties)
    return examples


def _contents(uri: Path) -> Counts:
    """How often each example stands in each split, in protobuf's deterministic form."""
    counts: Counts = {}
    for split in _SPLITS:
        paths = glob.glob(f"{uri}/Split-{split}/*.gz")
        records = tf.data.TFRecordDataset(paths, "GZIP").as_numpy_iterator()
        counts[split] = collections.Counter(
            tf.train.Example.FromString(record).SerializeToString(deterministic=True)
            for record in records
        )
    return counts


def _properties_of(artifact: Any) -> dict[str, Any]:
    named = artifact.mlmd_artifact.custom_properties
    return {
        key: value.int_value if value.HasField("int_value") else value.string_value
        for key, value in named.items()
    }


@pytest.fixture(scope="module")
def real_slice(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first two thousand real taxi trips."""
    folder = tmp_path_factory.mktemp("taxi")
    with (shared_data / "chicago_taxi" / "data.csv").open() as lines:
        (folder / "data.csv").write_text("".join(itertools.islice(lines, 2001)))
    return folder


def test_real_trips_become_what_csv_example_gen_makes_of_them(
    real_slice: Path, tmp_path: Path
) -> None:
    ours = _run(executor.Executor, real_slice, tmp_path / "ours", split=_AS_STOCK)
    stock = _run(csv_executor.Executor, real_slice, tmp_path / "stock")
    found = _contents(tmp_path / "ours")
    assert found == _contents(tmp_path / "stock")
    assert sum(found["train"].values()) + sum(found["eval"].values()) == 2000
    assert ours.split_names == stock.split_names
    stocks_own = _properties_of(stock)
    assert stocks_own.items() <= _properties_of(ours).items()


def test_odd_values_become_what_csv_example_gen_makes_of_them(tmp_path: Path) -> None:
    rows = ['a,1,1.5,,"x, y"', ',+2,-0.0,,"two\nlines"', "ä,,1e400,,", 'b"b"b,1_000,nan,,0x1F']
    (tmp_path / "data").mkdir()
    lines = [f"{row},{number}" for number, row in enumerate(rows * 5)]
    text = "t,i,f,none,q,id\n" + "\n".join(lines) + "\n\n" + rows[0] + ",99\r\n"
    (tmp_path / "data" / "data.csv").write_text(text)
    _run(executor.Executor, tmp_path / "data", tmp_path / "ours", split=_AS_STOCK)
    _run(csv_executor.Executor, tmp_path / "data", tmp_path / "stock")
    assert _contents(tmp_path / "ours") == _contents(tmp_path / "stock")


def test_keys_split_as_in_csv_example_gen(real_slice: Path, tmp_path: Path) -> None:
    split = {"key": "company", "splits": {"train": 3, "eval": 2}}
    _run(executor.Executor, real_slice, tmp_path / "ours", split=split)
    _run(csv_executor.Executor, real_slice, tmp_path / "stock", split=split)
    assert _contents(tmp_path / "ours") == _contents(tmp_path / "stock")


@pytest.mark.parametrize(
    "split",
    [
        {"columns": ("price", "name")},
        {"method": "hash_record"},
        {"method": "row"},
        {"method": "time", "time_column": "id"},
    ],
    ids=lambda split: split.get("method", "hash"),
)
def test_beam_writes_what_one_process_writes(write, table: str, tmp_path: Path, split) -> None:
    folder = write(table.replace("50,25.0,name 50", "50"))
    chosen: dict[str, Any] = {"split": split, "rejects": {"max_share": 0.05}}
    here = _run(executor.Executor, folder, tmp_path / "here", **chosen)
    beam = _run(executor.Executor, folder, tmp_path / "beam", ["--in_memory_bytes=0"], **chosen)
    assert _contents(tmp_path / "here") == _contents(tmp_path / "beam")
    assert _properties_of(here) == _properties_of(beam)
    rejects = [uri / "rejects" / "rejects.jsonl" for uri in (tmp_path / "here", tmp_path / "beam")]
    assert rejects[0].read_text() == rejects[1].read_text() != ""


@pytest.mark.parametrize("suffix", ["jsonl.gz", "avro", "tfrecord"])
def test_beam_reads_every_format_and_the_names_of_folders(tmp_path: Path, suffix: str) -> None:
    table = {"id": list(range(90)), "name": [f"n{i}" if i % 7 else None for i in range(90)]}
    folder = tmp_path / "data"
    for region in ("north", "south"):
        place = folder / f"region={region}"
        place.mkdir(parents=True)
        (place / f"a.{suffix}").write_bytes(FORMATS[suffix](table))
    here = _run(executor.Executor, folder, tmp_path / "here")
    beam = _run(executor.Executor, folder, tmp_path / "beam", ["--in_memory_bytes=0"])
    assert _contents(tmp_path / "here") == _contents(tmp_path / "beam")
    assert _properties_of(here) == _properties_of(beam)
    assert any(b"south" in example for example in _contents(tmp_path / "beam")["eval"])


def _store(folder: Path) -> Any:
    return metadata.sqlite_metadata_connection_config(str(folder / "metadata.sqlite"))


def _run_pipeline(component: ColumnarExampleGen, folder: Path) -> Any:
    LocalDagRunner().run(
        pipeline.Pipeline(
            "ingestion",
            str(folder / "root"),
            components=[component.with_id("ExampleGen")],
            metadata_connection_config=_store(folder),
            enable_cache=True,
        )
    )
    return metadata_store.MetadataStore(_store(folder))


def test_the_component_records_splits_spans_and_rows(write, table: str, tmp_path: Path) -> None:
    folder = write(table)
    for span in (1, 2):
        (folder / f"span-{span}").mkdir()
        (folder / f"span-{span}" / "data.csv").write_text(table)
    path = folder / "span-{SPAN}" / "data.csv"
    store = _run_pipeline(ColumnarExampleGen.from_path(path), tmp_path)
    [examples] = store.get_artifacts_by_type("Examples")
    named = examples.custom_properties
    assert examples.properties["split_names"].string_value == '["train", "eval"]'
    assert named["span"].int_value == 2
    assert named["payload_format"].string_value == "FORMAT_TF_EXAMPLE"
    assert named["input_fingerprint"].string_value.startswith("split:single_split,num_files:1")
    assert named["rows_train"].int_value + named["rows_eval"].int_value == 100
    assert named["rejected_rows"].int_value == 0
    again = _run_pipeline(ColumnarExampleGen.from_path(path), tmp_path)
    assert len(again.get_artifacts_by_type("Examples")) == 1
    older = _run_pipeline(ColumnarExampleGen.from_path(path, span=1), tmp_path)
    spans = [a.custom_properties["span"].int_value for a in older.get_artifacts_by_type("Examples")]
    assert sorted(spans) == [1, 2]


def test_bad_data_fails_the_node_and_leaves_no_examples(write, table: str, tmp_path: Path) -> None:
    folder = write(table.replace("50,25.0,name 50", "50"))
    with pytest.raises(DataError, match=r"row 52 of data\.csv"):
        _run_pipeline(ColumnarExampleGen.from_path(folder), tmp_path)
    store = metadata_store.MetadataStore(_store(tmp_path))
    [execution] = store.get_executions()
    assert execution.last_known_state == metadata_store_pb2.Execution.FAILED
    states = [artifact.state for artifact in store.get_artifacts()]
    assert metadata_store_pb2.Artifact.LIVE not in states


def test_input_splits_may_be_the_output_splits(write, table: str, tmp_path: Path) -> None:
    write(table, "train.csv")
    folder = write(table, "eval.csv")
    splits = [example_gen_pb2.Input.Split(name=name, pattern=f"{name}.csv") for name in _SPLITS]
    component = ColumnarExampleGen(str(folder), example_gen_pb2.Input(splits=splits))
    store = _run_pipeline(component, tmp_path)
    [examples] = store.get_artifacts_by_type("Examples")
    assert examples.custom_properties["rows_train"].int_value == 100
    assert examples.custom_properties["rows_eval"].int_value == 100
