"""Statistics of files that are not yet examples, computed as a run would compute them."""

from __future__ import annotations

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
    "components.example_gen.writing",
)

if TYPE_CHECKING:
    from tensorflow_metadata.proto.v0 import statistics_pb2

    from components.example_gen.settings import IngestionSettings


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
    from components.example_gen.batches import convert_rows, read_batches
    from components.example_gen.planning import make_plan
    from components.example_gen.settings import IngestionSettings, SplitSettings
    from components.example_gen.sources import base_and_pattern, find_files

    # One split: a time column or key would be asked for in vain.
    settings = (settings or IngestionSettings()).model_copy(update={"split": SplitSettings()})
    files = find_files(*base_and_pattern(path, settings, None), settings)
    with tempfile.TemporaryDirectory() as scratch:
        plan = make_plan(files, settings, [1], Path(scratch) / "times")

    stats_options, accumulator_module, writing = _computation()
    from schema.statistics import all_examples

    accumulator = accumulator_module.StatisticsAccumulator(stats_options.StatsOptions())
    for source in files:
        for raw in read_batches(source, list(plan.types), settings):
            rows = convert_rows(raw, plan.types, settings)
            if len(rows):
                accumulator.add(writing.columnar_batch(rows.columns))
    return all_examples(accumulator.statistics(), str(path))


def _computation() -> list[Any]:
    """The modules that bring TensorFlow with them (seconds), without its remarks."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with deferred(), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return [importlib.import_module(name) for name in _COMPUTATION]
