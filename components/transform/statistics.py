"""The statistics, schemas and anomalies that Transform leaves beside its results."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
import tensorflow_data_validation as tfdv
import tensorflow_transform as tft
from google.protobuf import text_format
from tensorflow_data_validation.statistics import stats_options
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.components.transform import executor as tfx_executor
from tfx.components.transform import labels, stats_options_util

from components.statistics_gen.accumulator import StatisticsAccumulator
from core import files

UpdateOptions = Callable[[Any, stats_options.StatsOptions], stats_options.StatsOptions]


@dataclasses.dataclass(frozen=True)
class Paths:
    """Files to write; None where one is not wanted.

    Attributes:
      statistics: FeatureStats.pb.
      schema: schema.pbtxt.
      anomalies: SchemaDiff.pb.
    """

    statistics: str
    schema: str
    anomalies: str | None


class Statistics:
    """Statistics of all batches, before or after the transformation.

    Args:
      options: TFDV's options, with the schema of the batches.
      paths: Where they go.

    Raises:
      NotInMemoryError: If an option needs Beam.
    """

    def __init__(self, options: stats_options.StatsOptions, paths: Paths) -> None:
        self._options = options
        self._paths = paths
        self._accumulator = StatisticsAccumulator(options)

    def add(self, batch: pa.RecordBatch) -> None:
        """Adds the rows of one batch."""
        self._accumulator.add(batch)

    def write(self) -> None:
        """Writes all that is wanted."""
        statistics = self._accumulator.statistics()
        _write(self._paths.statistics, statistics.SerializeToString())
        schema = self._options.schema
        if schema is None:
            return
        _write(self._paths.schema, text_format.MessageToString(schema).encode())
        if self._paths.anomalies is not None:
            anomalies = tfdv.validate_statistics(statistics, schema)
            _write(self._paths.anomalies, anomalies.SerializeToString())


def before_transform(
    update: UpdateOptions | None, schema: schema_pb2.Schema, folders: Mapping[str, str], graph: str
) -> Statistics:
    """Statistics of the analysed examples.

    Args:
      update: The user's stats_options_updater_fn.
      schema: The schema of the raw examples.
      folders: TFX's labels of the output paths; may be empty.
      graph: The TransformGraph's uri, which takes the files where `folders` is empty.
    """
    options = _options(update, stats_options_util.StatsType.PRE_TRANSFORM, schema)
    if not folders:
        path = os.path.join(graph, tft.TFTransformOutput.PRE_TRANSFORM_FEATURE_STATS_PATH)
        return Statistics(options, _beside_graph(path, validated=False))
    return Statistics(
        options,
        Paths(
            statistics=_file(folders, labels.PRE_TRANSFORM_OUTPUT_STATS_PATH_LABEL),
            schema=_file(folders, labels.PRE_TRANSFORM_OUTPUT_SCHEMA_PATH_LABEL),
            anomalies=None,
        ),
    )


def after_transform(
    update: UpdateOptions | None,
    schema: schema_pb2.Schema,
    folders: Mapping[str, str],
    graph: str,
    asset_map: Mapping[str, str],
) -> Statistics:
    """Statistics of all transformed examples, checked against their schema."""
    options = _options(
        update, stats_options_util.StatsType.POST_TRANSFORM, schema, dict(asset_map), graph
    )
    if not folders:
        path = os.path.join(graph, tft.TFTransformOutput.POST_TRANSFORM_FEATURE_STATS_PATH)
        return Statistics(options, _beside_graph(path, validated=True))
    return Statistics(
        options,
        Paths(
            statistics=_file(folders, labels.POST_TRANSFORM_OUTPUT_STATS_PATH_LABEL),
            schema=_file(folders, labels.POST_TRANSFORM_OUTPUT_SCHEMA_PATH_LABEL),
            anomalies=_file(folders, labels.POST_TRANSFORM_OUTPUT_ANOMALIES_PATH_LABEL),
        ),
    )


def _options(update: UpdateOptions | None, *arguments: Any) -> stats_options.StatsOptions:
    update = update or (lambda _, options: options)
    return tfx_executor._InvokeStatsOptionsUpdaterFn(update, *arguments)


_FILES = {
    labels.PRE_TRANSFORM_OUTPUT_STATS_PATH_LABEL: tfx_executor.STATS_FILE,
    labels.POST_TRANSFORM_OUTPUT_STATS_PATH_LABEL: tfx_executor.STATS_FILE,
    labels.PRE_TRANSFORM_OUTPUT_SCHEMA_PATH_LABEL: tfx_executor._SCHEMA_FILE,
    labels.POST_TRANSFORM_OUTPUT_SCHEMA_PATH_LABEL: tfx_executor._SCHEMA_FILE,
    labels.POST_TRANSFORM_OUTPUT_ANOMALIES_PATH_LABEL: tfx_executor._ANOMALIES_FILE,
}


def _file(folders: Mapping[str, str], label: str) -> str:
    return os.path.join(folders[label], _FILES[label])


def _beside_graph(statistics: str, *, validated: bool) -> Paths:
    """Where a component without channels for statistics puts them: in the graph's folder."""
    beside = os.path.dirname(statistics)
    return Paths(
        statistics=statistics,
        schema=os.path.join(beside, tfx_executor._SCHEMA_FILE),
        anomalies=os.path.join(beside, tfx_executor._ANOMALIES_FILE) if validated else None,
    )


def _write(path: str, content: bytes) -> None:
    with files.replaced_when_whole(path) as temporary:
        temporary.write_bytes(content)
