"""Reads TFDV's statistics files without TFDV."""

from __future__ import annotations

from pathlib import Path

from google.protobuf.message import DecodeError
from tensorflow_metadata.proto.v0 import statistics_pb2

from core.errors import DataError

ALL_EXAMPLES = "All Examples"
"""TFDV's name of the slice with all examples."""


def read_statistics(path: Path) -> statistics_pb2.DatasetFeatureStatistics:
    """Reads the statistics of all examples of one split.

    Args:
      path: A binary `DatasetFeatureStatisticsList`, such as StatisticsGen's
        ``FeatureStats.pb``.

    Raises:
      DataError: If the file is missing, not of this version of TFDV, or of no examples.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"the statistics {path} cannot be read",
            evidence=[error.strerror or str(error)],
            hint="run StatisticsGen again",
            code="missing-statistics",
        ) from None
    return parse_statistics(content, str(path))


def parse_statistics(content: bytes, name: str) -> statistics_pb2.DatasetFeatureStatistics:
    """Parses the statistics of all examples of one split.

    Args:
      content: A serialized `DatasetFeatureStatisticsList`.
      name: What to call it in errors, such as its path.

    Raises:
      DataError: If it is not of this version of TFDV, or of no examples.
    """
    try:
        whole = statistics_pb2.DatasetFeatureStatisticsList.FromString(content)
    except DecodeError:
        raise _other_version(Path(name), "it is not a DatasetFeatureStatisticsList") from None
    return all_examples(whole, name)


def all_examples(
    statistics: statistics_pb2.DatasetFeatureStatisticsList, name: str
) -> statistics_pb2.DatasetFeatureStatistics:
    """The statistics of all examples, not of a slice.

    Args:
      statistics: What TFDV computed.
      name: What to call it in errors.

    Raises:
      DataError: If there are none, of no examples, or of another version of TFDV.
    """
    datasets = list(statistics.datasets)
    whole = [dataset for dataset in datasets if dataset.name == ALL_EXAMPLES] or datasets
    if len(whole) != 1:
        names = ", ".join(repr(dataset.name) for dataset in datasets) or "none"
        raise _other_version(Path(name), f"its data sets: {names}; {ALL_EXAMPLES!r} is needed")
    dataset = statistics_pb2.DatasetFeatureStatistics()
    dataset.CopyFrom(whole[0])
    if not dataset.num_examples:
        raise DataError(
            "the statistics are of no examples",
            evidence=[name],
            hint="look at the data: the split or the file is empty",
            code="empty-statistics",
        )
    for feature in dataset.features:
        _check_feature(feature, name)
    return dataset


def _check_feature(feature: statistics_pb2.FeatureNameStatistics, name: str) -> None:
    if feature.WhichOneof("field_id") == "name":
        # Before version 0.14 TFDV wrote names; its library now takes either.
        feature.path.step.append(feature.name)
    unknown = list(feature.UnknownFields())
    if unknown or not feature.WhichOneof("stats"):
        step = ".".join(feature.path.step)
        what = "has fields that are not known here" if unknown else "has no statistics"
        raise _other_version(Path(name), f"the feature {step!r} {what}")


def _other_version(path: Path, why: str) -> DataError:
    return DataError(
        f"{path} does not hold statistics of this version of TFDV",
        evidence=[why],
        hint="compute them again here: run StatisticsGen again",
        code="statistics-version",
    )
