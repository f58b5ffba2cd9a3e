"""A run's identity changes with its data, its configuration and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.configuration.loading import data_layer, load
from pipeline.definition import Locations
from pipeline.identity import fingerprint, identify
from pipeline.metadata.run_file import Identity

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table" / "data.csv"
    path.parent.mkdir()
    path.write_text("a\n1\n")
    return path


def _identity(table: Path, *assignments: str) -> Identity:
    loaded = load(
        REPOSITORY / "configs" / "taxi.yaml",
        assignments=assignments,
        overrides=[data_layer(str(table.parent))],
    )
    return identify(loaded.configuration, Locations(table.parent.parent / "root", REPOSITORY))


def test_asking_twice_gives_the_same_answer(table: Path) -> None:
    assert _identity(table) == _identity(table)


def test_other_rows_are_other_data(table: Path) -> None:
    before = _identity(table)
    table.write_text("a\n2\n3\n")
    after = _identity(table)
    assert after.data != before.data
    assert (after.configuration, after.code) == (before.configuration, before.code)


def test_a_changed_value_is_another_configuration(table: Path) -> None:
    before, after = _identity(table), _identity(table, "trainer.train_steps=3")
    assert after.configuration != before.configuration
    assert after.data == before.data


def test_how_a_cluster_would_run_it_is_no_part_of_it(table: Path) -> None:
    assert _identity(table, "kubeflow.image=elsewhere/image:2") == _identity(table)


def test_another_metadata_store_is_another_configuration(table: Path) -> None:
    other = _identity(table, "metadata.kind=grpc", "metadata.host=mlmd")
    assert other.configuration != _identity(table).configuration


def test_an_edited_schema_is_another_configuration(table: Path, tmp_path: Path) -> None:
    schema = tmp_path / "schema.pbtxt"
    schema.write_text("# one")
    before = _identity(table, f"schema_file={schema}")
    schema.write_text("# two")
    assert _identity(table, f"schema_file={schema}") != before


def test_a_file_of_equal_size_that_was_written_again_counts_as_new(table: Path) -> None:
    before = fingerprint(table)
    status = table.stat()
    os.utime(table, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert fingerprint(table) != before


def test_a_file_that_appears_in_a_folder_counts(table: Path) -> None:
    before = fingerprint(table.parent)
    (table.parent / "more.csv").write_text("a\n")
    assert fingerprint(table.parent) != before
