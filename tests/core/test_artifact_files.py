"""Record files and uris are read without TensorFlow."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.artifact_files import local_path, records, split_folders
from core.errors import InfrastructureError
from tests.made_run import write_records


@given(written=st.lists(st.binary(max_size=40), max_size=5))
def test_records_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, written: list[bytes]
) -> None:
    path = tmp_path_factory.mktemp("records") / "file"
    write_records(path, written)

    assert list(records(path)) == written


def test_gzip_is_recognised_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_records(path, [b"one", b"two"])
    path.write_bytes(gzip.compress(path.read_bytes()))

    assert list(records(path)) == [b"one", b"two"]


@pytest.mark.parametrize("kept", range(1, 19))
def test_a_file_that_ends_early_is_refused(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "file"
    write_records(path, [b"one"])
    path.write_bytes(path.read_bytes()[:kept])

    with pytest.raises(InfrastructureError, match="ends within a record"):
        list(records(path))


@pytest.mark.parametrize(
    ("uri", "path"),
    [("/a/b", Path("/a/b")), ("file:///a/b", Path("/a/b")), ("a", Path("a")), ("gs://a/b", None)],
)
def test_only_local_uris_have_a_path(uri: str, path: Path | None) -> None:
    assert local_path(uri) == path


def test_train_comes_before_other_splits(tmp_path: Path) -> None:
    for name in ("eval", "train", "a-third"):
        (tmp_path / f"Split-{name}").mkdir()
    (tmp_path / "columnar").mkdir()

    assert list(split_folders(str(tmp_path))) == ["train", "a-third", "eval"]
