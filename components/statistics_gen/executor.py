"""Executor of StatisticsGen: in this process where the data is small, else TFX's Beam one."""

from __future__ import annotations

import concurrent.futures
import copy
import os
import threading
from typing import Any

import pyarrow as pa
from absl import logging
from tensorflow_data_validation.statistics import stats_options
from tfx import types
from tfx.components.statistics_gen import executor as tfx_executor
from tfx.components.statistics_gen import stats_artifact_utils
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import io_utils, json_utils, stats_utils

from components.in_memory import NotInMemoryError, require_in_memory
from components.statistics_gen.accumulator import StatisticsAccumulator, refuse_unsupported
from core import columnar_examples, files, progress


class Executor(tfx_executor.Executor):
    """Writes the same ExampleStatistics artifact as TFX's executor.

    Both ways compute the same statistics with TFDV's generators. Quantile sketches
    depend on how the rows were cut into batches, so quantiles and the histograms made
    from them agree within the sketches' error, everything else exactly.
    """

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Computes the statistics of every split that is not excluded.

        Args:
          input_dict: `examples`, and optionally `schema`.
          output_dict: `statistics`.
          exec_properties: As TFX's executor takes them.

        Raises:
          ValueError: As TFX's executor, if a schema is given twice or no split is left.
        """
        self._log_startup(input_dict, output_dict, exec_properties)
        try:
            splits, options = self._plan(input_dict, output_dict, exec_properties)
        except NotInMemoryError as reason:
            logging.info("StatisticsGen computes through Beam: %s.", reason)
            super().Do(input_dict, output_dict, exec_properties)
            return
        examples = artifact_utils.get_single_instance(
            input_dict[standard_component_specs.EXAMPLES_KEY]
        )
        statistics = artifact_utils.get_single_instance(
            output_dict[standard_component_specs.STATISTICS_KEY]
        )
        _describe(statistics, examples, splits, options)
        _compute(examples.uri, statistics, splits, options)

    def _plan(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> tuple[list[str], stats_options.StatsOptions]:
        """The splits and options of an execution that can be computed here."""
        specs = standard_component_specs
        if exec_properties.get(specs.SHARDED_STATS_OUTPUT_KEY, False):
            raise NotInMemoryError("sharded output is wanted")
        if json_utils.loads(exec_properties.get(specs.SAMPLE_RATE_BY_SPLIT_KEY, "null")):
            raise NotInMemoryError("the splits are to be sampled")
        serialized = exec_properties.get(specs.STATS_OPTIONS_JSON_KEY)
        options = (
            stats_options.StatsOptions.from_json(serialized)
            if serialized
            else stats_options.StatsOptions()
        )
        refuse_unsupported(options)
        examples = artifact_utils.get_single_instance(input_dict[specs.EXAMPLES_KEY])
        excluded = json_utils.loads(exec_properties.get(specs.EXCLUDE_SPLITS_KEY, "null")) or []
        if not isinstance(excluded, list):
            raise ValueError(f"exclude_splits needs to be a list. Got {type(excluded)} instead.")
        splits = [
            split
            for split in artifact_utils.decode_split_names(examples.split_names)
            if split not in excluded
        ]
        if not splits:
            raise ValueError(f"No splits for examples artifact: {examples}")
        if input_dict.get(specs.SCHEMA_KEY):
            if options.schema:
                raise ValueError(
                    "A schema was provided as an input and the stats_options exec_property "
                    "also contains a schema value. At most one of these may be set."
                )
            uri = artifact_utils.get_single_uri(input_dict[specs.SCHEMA_KEY])
            options.schema = io_utils.SchemaReader().read(io_utils.get_only_uri_in_dir(uri))
        require_in_memory(self._extra_flags, [examples], splits, output_dict[specs.STATISTICS_KEY])
        return splits, options


def _describe(
    statistics: types.Artifact,
    examples: types.Artifact,
    splits: list[str],
    options: stats_options.StatsOptions,
) -> None:
    """Gives the artifact the properties that TFX's executor gives it."""
    statistics.split_names = artifact_utils.encode_split_names(splits)
    statistics.span = examples.span
    statistics.set_string_custom_property(
        tfx_executor.STATS_DASHBOARD_LINK, stats_utils.generate_stats_dashboard_link(statistics)
    )
    statistics.set_json_value_custom_property(
        tfx_executor.SAMPLE_RATE_BY_SPLIT_PROPERTY_NAME,
        json_utils.dumps(dict.fromkeys(splits, options.sample_rate or 1.0)),
    )


def _compute(
    examples_uri: str,
    statistics: types.Artifact,
    splits: list[str],
    options: stats_options.StatsOptions,
) -> None:
    """Computes and writes the statistics of all splits, two splits at a time."""
    rows = _RowCount()

    def compute(split: str) -> None:
        # Generators may note things in the options they are given.
        accumulator = StatisticsAccumulator(copy.deepcopy(options))
        for batch in columnar_examples.read_examples(examples_uri, split):
            accumulator.add(_as_decoded(batch))
            rows.add(batch.num_rows)
        folder = artifact_utils.get_split_uri([statistics], split)
        with files.replaced_when_whole(
            os.path.join(folder, stats_artifact_utils.BINARY_PB_BASENAME)
        ) as path:
            path.write_bytes(accumulator.statistics().SerializeToString())

    # Arrow, NumPy and the sketches let go of the interpreter lock for their inner loops.
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as threads:
        for done in [threads.submit(compute, split) for split in splits]:
            done.result()


def _as_decoded(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Types columns without any value as the decoder of TFX's executor does.

    Without a schema that decoder cannot know the type of a feature that no example of
    a batch has, and TFDV reports a feature without any value accordingly.
    """
    columns = [
        pa.nulls(batch.num_rows) if column.null_count == batch.num_rows else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, batch.schema.names)


class _RowCount:
    """Reports the rows that all threads have done together."""

    def __init__(self) -> None:
        self._rows = 0
        self._lock = threading.Lock()

    def add(self, rows: int) -> None:
        with self._lock:
            self._rows += rows
            progress.report(f"{self._rows:,} rows")
