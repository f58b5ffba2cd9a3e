"""Statistics of files that are not yet examples, computed as a run would compute them."""

from __future__ import annotations

import dataclasses
import importlib
import os
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.deferred_imports import deferred

_COMPUTATION = (
    "tensorflow_data_validation.statistics.stats_options",
    "components.statistics_gen.accumulator",
    "components.example_gen.writing.examples",
)

if TYPE_CHECKING:
    from tensorflow_metadata.proto.v0 import statistics_pb2

    from components.example_gen.settings import IngestionSettings
    from components.example_gen.spans.patterns import Span


@dataclasses.dataclass(frozen=True)
class TableStatistics:
    """What a table is like.

    Attributes:
      statistics: TFDV's statistics of the rows that were looked at.
      rows: How many rows the table has.
      span: The span and its version, where the path has a place for one.
    """

    statistics: statistics_pb2.DatasetFeatureStatistics
    rows: int
    span: Span | None = None

    @property
    def is_sample(self) -> bool:
        """Whether not all rows were looked at."""
        return int(self.statistics.num_examples) < self.rows


def table_statistics(
    path: str | Path, settings: IngestionSettings | None = None
) -> statistics_pb2.DatasetFeatureStatistics:
    """Reads all rows, in batches, and computes TFDV's statistics of them in this process.

    Args:
      path: A file, a folder or a pattern.
      settings: How the data is read.

    Raises:
      UserError: If there is nothing there, or the settings do not suit the files.
      DataError: If the files cannot be read as a table, or hold no rows.
    """
    return sampled_statistics(path, settings).statistics


def sampled_statistics(
    path: str | Path,
    settings: IngestionSettings | None = None,
    *,
    span: int | None = None,
    most_rows: int | None = None,
) -> TableStatistics:
    """Computes TFDV's statistics of a table, or of some of its rows, in this process.

    TFDV counts the values of a text exactly, which takes memory for each different one;
    a bound on the rows bounds it.

    Args:
      path: A file, a folder or a pattern.
      settings: How the data is read.
      span: The span to look at; the newest where it is None.
      most_rows: Of a table with more rows, about so many, chosen at random, the same ones
        each time; None for all.

    Raises:
      UserError: If there is nothing there, or the settings do not suit the files.
      DataError: If the files cannot be read as a table, or hold no rows.
    """
    import numpy as np

    from components.example_gen.batches import convert_rows, read_batches
    from components.example_gen.settings import IngestionSettings, SplitSettings
    from components.example_gen.sources import base_and_pattern, find_files
    from components.example_gen.spans.patterns import check_span, has_span
    from components.example_gen.spans.readiness import resolve_spans
    from components.example_gen.writing.planning import make_plan

    # One split: a time column or key would be asked for in vain.
    settings = (settings or IngestionSettings()).model_copy(update={"split": SplitSettings()})
    base, pattern = base_and_pattern(path, settings, None)
    check_span(pattern, span)
    chosen = None
    if has_span(pattern):
        chosen = resolve_spans(base, pattern, settings.ready, asked=span, wait=False).spans[0]
        pattern = chosen.pattern
    files = find_files(base, pattern, settings)
    with tempfile.TemporaryDirectory() as scratch:
        plan = make_plan(files, settings, [1], Path(scratch) / "times")

    stats_options, accumulator_module, writing = _computation()
    from schema.statistics import all_examples

    rate = 1.0 if most_rows is None else most_rows / plan.rows
    random = np.random.default_rng(0)
    accumulator = accumulator_module.StatisticsAccumulator(stats_options.StatsOptions())
    for source in files:
        for raw in read_batches(source, list(plan.types), settings):
            rows = convert_rows(raw, plan.types, settings)
            if not len(rows):
                continue
            batch = writing.columnar_batch(rows.columns)
            if rate < 1.0:
                batch = batch.take(np.flatnonzero(random.random(len(rows)) < rate))
            if batch.num_rows:
                accumulator.add(batch)
    statistics = all_examples(accumulator.statistics(), str(path))
    return TableStatistics(statistics, plan.rows, chosen)


def _computation() -> list[Any]:
    """The modules that bring TensorFlow with them (seconds), without its remarks."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with deferred(), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return [importlib.import_module(name) for name in _COMPUTATION]
