"""Statistics files are read, and refused where they are not of this TFDV or of no data."""

from __future__ import annotations

from pathlib import Path

import pytest
from tensorflow_metadata.proto.v0 import statistics_pb2

from core.errors import DataError
from schema.statistics import ALL_EXAMPLES, read_statistics
from tests.schema.made_statistics import statistics


def write(path: Path, *datasets: statistics_pb2.DatasetFeatureStatistics) -> Path:
    listed = statistics_pb2.DatasetFeatureStatisticsList(datasets=datasets)
    path.write_bytes(listed.SerializeToString())
    return path


def test_the_statistics_of_all_examples_are_taken_from_among_slices(tmp_path: Path) -> None:
    whole, part = statistics(), statistics(fare=None)
    whole.name, part.name = ALL_EXAMPLES, "payment_Cash"
    assert read_statistics(write(tmp_path / "s.pb", part, whole)) == whole


def test_names_of_old_versions_are_read_as_paths(tmp_path: Path) -> None:
    old = statistics()
    for feature in old.features:
        feature.name = feature.path.step[0]
    assert read_statistics(write(tmp_path / "s.pb", old)) == statistics()


def unknown_fields() -> statistics_pb2.DatasetFeatureStatistics:
    newer = statistics()
    newer.features[0].MergeFromString(b"\xf8\x3f\x01")  # Field 1023, an integer.
    return newer


def without_statistics() -> statistics_pb2.DatasetFeatureStatistics:
    other = statistics()
    other.features[0].ClearField("string_stats")
    return other


@pytest.mark.parametrize(
    ("datasets", "code"),
    [
        ([], "statistics-version"),
        ([statistics(), statistics()], "statistics-version"),
        ([unknown_fields()], "statistics-version"),
        ([without_statistics()], "statistics-version"),
        ([statistics_pb2.DatasetFeatureStatistics()], "empty-statistics"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, datasets: list, code: str) -> None:
    with pytest.raises(DataError) as caught:
        read_statistics(write(tmp_path / "s.pb", *datasets))
    assert caught.value.code == code


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s.pb").write_bytes(b"not a proto")
    with pytest.raises(DataError, match="this version of TFDV"):
        read_statistics(tmp_path / "s.pb")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_statistics(tmp_path / "s.pb")
