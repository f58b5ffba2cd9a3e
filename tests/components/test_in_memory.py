"""What is computed in memory and what is left to Beam."""

from __future__ import annotations

from pathlib import Path

import pytest
from tfx import types
from tfx.components.util import examples_utils
from tfx.proto import example_gen_pb2
from tfx.types import standard_artifacts

from components.in_memory import NotInMemoryError, bytes_to_read, require_in_memory
from core.columnar_examples import columnar_path


@pytest.fixture
def examples(tmp_path: Path) -> types.Artifact:
    """Examples with 300 bytes of TFRecords in two files."""
    folder = tmp_path / "Split-train"
    folder.mkdir()
    (folder / "data_tfrecord-00000-of-00002.gz").write_bytes(b"x" * 100)
    (folder / "data_tfrecord-00001-of-00002.gz").write_bytes(b"x" * 200)
    artifact = standard_artifacts.Examples()
    artifact.uri = str(tmp_path)
    return artifact


def test_the_size_is_that_of_the_tfrecords(examples: types.Artifact) -> None:
    assert bytes_to_read(examples.uri, "train") == 300


def test_the_size_is_that_of_the_arrow_copy_where_there_is_one(examples: types.Artifact) -> None:
    copy = columnar_path(examples.uri, "train")
    copy.parent.mkdir()
    copy.write_bytes(b"x" * 40)
    assert bytes_to_read(examples.uri, "train") == 40


def test_examples_up_to_the_threshold_are_accepted(examples: types.Artifact) -> None:
    require_in_memory(["--in_memory_bytes=300"], [examples], ["train"])
    require_in_memory(None, [examples], ["train"])


@pytest.mark.parametrize("limit", [0, 299])
def test_examples_above_the_threshold_are_refused(examples: types.Artifact, limit: int) -> None:
    with pytest.raises(NotInMemoryError):
        require_in_memory([f"--in_memory_bytes={limit}"], [examples], ["train"])


def test_all_artifacts_and_splits_count(examples: types.Artifact) -> None:
    with pytest.raises(NotInMemoryError, match="600 bytes"):
        require_in_memory(["--in_memory_bytes=500"], [examples, examples], ["train"])


def test_other_payloads_are_refused(examples: types.Artifact) -> None:
    examples_utils.set_payload_format(examples, example_gen_pb2.PayloadFormat.FORMAT_PARQUET)
    with pytest.raises(NotInMemoryError, match="payload"):
        require_in_memory(None, [examples], ["train"])


def test_outputs_that_are_not_local_are_refused(examples: types.Artifact) -> None:
    output = standard_artifacts.TransformGraph()
    output.uri = "gs://bucket/graph"
    with pytest.raises(NotInMemoryError, match="local"):
        require_in_memory(None, [examples], ["train"], [output])
