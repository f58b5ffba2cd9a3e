"""TFDV's statistics, added up batch by batch in this process.

TFDV computes through Beam or, with `generate_statistics_in_memory`, over a single
batch with approximate counts of unique values. Here TFDV's own generators of the
Beam computation are fed with one Arrow batch after the other; the only generator that
exists as a Beam transform alone, the exact count of unique values, is repeated on
Arrow's `value_counts` and written with TFDV's own functions.
"""

from __future__ import annotations

import collections
import heapq
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
from tensorflow_data_validation import types as tfdv_types
from tensorflow_data_validation.arrow import arrow_util
from tensorflow_data_validation.statistics import stats_impl, stats_options
from tensorflow_data_validation.statistics.generators import (
    stats_generator,
    top_k_uniques_stats_generator,
)
from tensorflow_data_validation.utils import schema_util, stats_util, top_k_uniques_stats_util
from tensorflow_metadata.proto.v0 import statistics_pb2
from tfx_bsl.arrow import array_util
from tfx_bsl.statistics import merge_util

from components.in_memory import NotInMemoryError


class StatisticsAccumulator:
    """Statistics of the batches seen so far.

    Infinities, and numbers whose squares are infinite, make a mean that is no number. The
    statistics say so; numpy's remarks would only stand above what a person reads.

    Args:
      options: TFDV's options.

    Raises:
      NotInMemoryError: If an option changes the result in a way that only the
        Beam computation knows (sampling, slicing, weights, lift, partitions).
    """

    def __init__(self, options: stats_options.StatsOptions) -> None:
        refuse_unsupported(options)
        self._allowed = options.feature_allowlist
        self._generators: list[stats_generator.CombinerStatsGenerator] = []
        self._uniques: _ExactUniques | None = None
        for generator in stats_impl.get_generators(options):
            if isinstance(generator, stats_generator.CombinerStatsGenerator):
                generator.setup()
                self._generators.append(generator)
            elif isinstance(generator, top_k_uniques_stats_generator.TopKUniquesStatsGenerator):
                self._uniques = _ExactUniques(options)
            else:
                raise NotInMemoryError(f"generator {generator.name}")
        self._accumulators = [generator.create_accumulator() for generator in self._generators]
        self._rows = 0
        self._batches = 0

    @property
    def rows(self) -> int:
        """How many rows were added."""
        return self._rows

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def add(self, batch: pa.RecordBatch) -> None:
        """Adds the rows of one batch of list columns."""
        if self._allowed:
            batch = stats_impl._filter_features(batch, self._allowed)
        self._rows += batch.num_rows
        self._batches += 1
        self._accumulators = [
            generator.add_input(accumulator, batch)
            for generator, accumulator in zip(self._generators, self._accumulators, strict=True)
        ]
        if self._uniques is not None:
            self._uniques.add(batch)

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def statistics(self) -> statistics_pb2.DatasetFeatureStatisticsList:
        """The statistics of all batches, as TFDV's `GenerateStatistics` gives them."""
        if not self._batches:
            # Beam's way of saying that there was nothing to look at.
            return statistics_pb2.DatasetFeatureStatisticsList(
                datasets=[statistics_pb2.DatasetFeatureStatistics()]
            )
        parts = [
            generator.extract_output(generator.compact(accumulator))
            for generator, accumulator in zip(self._generators, self._accumulators, strict=True)
        ]
        if self._uniques is not None:
            parts.extend(self._uniques.statistics())
        return merge_util.merge_dataset_feature_statistics(parts)


def refuse_unsupported(options: stats_options.StatsOptions) -> None:
    """Raises for options whose effect is defined by the Beam computation alone.

    Raises:
      NotInMemoryError: With the option's name.
    """
    refused = {
        "sample_rate": options.sample_rate is not None,
        "label_feature": bool(options.label_feature),
        "slice_functions": bool(options.experimental_slice_functions),
        "slice_sqls": bool(options.experimental_slice_sqls),
        "slicing_config": bool(options.slicing_config),
        "weight_feature": bool(options.example_weight_map.all_weight_features()),
        "feature_partitions": options.experimental_num_feature_partitions > 1,
        "result_partitions": options.experimental_result_partitions > 1,
        "filter_read_paths": bool(options.experimental_filter_read_paths),
        "semantic_domain_stats": bool(options.enable_semantic_domain_stats),
        "generators": bool(options.generators),
    }
    names = [name for name, is_set in refused.items() if is_set]
    if names:
        raise NotInMemoryError(f"StatsOptions: {', '.join(names)}")


class _ExactUniques:
    """TFDV's `TopKUniquesStatsGenerator` without weights: exact counts of each value."""

    def __init__(self, options: stats_options.StatsOptions) -> None:
        self._options = options
        schema = options.schema
        self._bytes_features = frozenset(schema_util.get_bytes_features(schema) if schema else ())
        self._categorical = (
            schema_util.get_categorical_numeric_feature_types(schema) if schema else {}
        )
        self._counts: dict[tfdv_types.FeaturePath, collections.Counter[Any]] = {}

    def add(self, batch: pa.RecordBatch) -> None:
        for path, array, _ in arrow_util.enumerate_arrays(
            batch, example_weight_map=None, enumerate_leaves_only=True
        ):
            kind = stats_util.get_feature_type_from_arrow_type(path, array.type)
            if path in self._bytes_features or not top_k_uniques_stats_generator._should_run(
                self._categorical, path, kind
            ):
                continue
            values, _ = array_util.flatten_nested(array, False)
            counted = values.value_counts()
            counts = self._counts.setdefault(path, collections.Counter())
            # Not Counter.update with a generator: a mapping adds in one pass.
            counts.update(
                dict(
                    zip(
                        counted.field("values").to_pylist(),
                        counted.field("counts").to_pylist(),
                        strict=True,
                    )
                )
            )

    def statistics(self) -> Iterable[statistics_pb2.DatasetFeatureStatistics]:
        options = self._options
        kept = max(options.num_top_values, options.num_rank_histogram_buckets)
        for path, counts in self._counts.items():
            if not counts:
                continue
            top = heapq.nlargest(kept, ((count, value) for value, count in counts.items()))
            yield top_k_uniques_stats_util.make_dataset_feature_stats_proto_topk_single(
                feature_path_tuple=path.steps(),
                value_count_list=[
                    top_k_uniques_stats_util.FeatureValueCount(value, count) for count, value in top
                ],
                is_weighted_stats=False,
                num_top_values=options.num_top_values,
                frequency_threshold=options.frequency_threshold,
                num_rank_histogram_buckets=options.num_rank_histogram_buckets,
            )
            yield top_k_uniques_stats_util.make_dataset_feature_stats_proto_unique_single(
                feature_path_tuple=path.steps(), num_uniques=len(counts)
            )
