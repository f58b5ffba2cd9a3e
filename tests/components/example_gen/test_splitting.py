"""Splits as TFX decides them, and splits by time."""

from __future__ import annotations

import bisect
import hashlib
from pathlib import Path

import hypothesis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import strategies as st

from components.example_gen.records.encoding import Column
from components.example_gen.splitting import (
    hash_splits,
    key_splits,
    time_cuts,
    time_splits,
    time_values,
)

_WEIGHTS = st.lists(st.integers(1, 1_000_000), min_size=1, max_size=5)


@hypothesis.settings(deadline=None)
@hypothesis.given(st.lists(st.binary(max_size=50), max_size=8), _WEIGHTS)
def test_a_hash_decides_as_in_tfx(keys: list[bytes], weights: list[int]) -> None:
    buckets = np.cumsum(weights).tolist()
    expected = [
        bisect.bisect(buckets, int(hashlib.sha256(key).hexdigest(), 16) % buckets[-1])
        for key in keys
    ]
    assert hash_splits(keys, weights).tolist() == expected


@hypothesis.settings(deadline=None)
@hypothesis.given(
    st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=8), _WEIGHTS
)
def test_a_key_decides_as_in_tfx(keys: list[int | None], weights: list[int]) -> None:
    from tensorflow.core.example import example_pb2, feature_pb2
    from tfx.components.example_gen import base_example_gen_executor as stock
    from tfx.proto import example_gen_pb2

    config = example_gen_pb2.SplitConfig(partition_feature_name="k")
    buckets = np.cumsum(weights).tolist()
    expected = []
    for key in keys:
        values = feature_pb2.Int64List(value=[] if key is None else [key])
        feature = {"k": feature_pb2.Feature(int64_list=values)}
        example = example_pb2.Example(features=feature_pb2.Features(feature=feature))
        expected.append(stock._PartitionFn(example, len(buckets), buckets, config))
    plain = pa.array(keys, pa.int64())
    encoded = plain.dictionary_encode()
    for column in (Column(plain), Column(encoded.dictionary, encoded.indices)):
        assert key_splits(column, weights).tolist() == expected


@hypothesis.settings(deadline=None)
@hypothesis.given(
    st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=60, unique=True), _WEIGHTS
)
def test_time_fills_the_splits_by_rank_oldest_first(
    tmp_path_factory: pytest.TempPathFactory, times: list[int], weights: list[int]
) -> None:
    scratch = tmp_path_factory.getbasetemp() / "times"
    batches = [np.array(times[:7], np.int64), np.array(times[7:], np.int64)]
    cuts = time_cuts(batches, weights, scratch)
    places = time_splits(np.array(times, np.int64), cuts)
    order = np.argsort(times)
    assert (np.diff(places[order]) >= 0).all()
    bounds = np.cumsum(weights)
    wanted = [min(len(times) - 1, round(len(times) * int(b) / int(bounds[-1]))) for b in bounds]
    for split, bound in enumerate(wanted[:-1]):
        assert (places <= split).sum() == bound
    assert not scratch.exists()


def test_rows_of_one_moment_stay_together(tmp_path: Path) -> None:
    times = np.array([1, 2, 2, 2, 2, 3], np.int64)
    cuts = time_cuts([times], [1, 1], tmp_path / "times")
    assert time_splits(times, cuts).tolist() == [0, 1, 1, 1, 1, 1]


def test_iso_texts_and_numbers_are_times() -> None:
    texts = [b"1970-01-02", b"1970-01-02T00:00:00Z", b"1970-01-02 01:00:00+01:00", b"no", None]
    times, missing = time_values(Column(pa.array(texts, pa.large_binary())))
    assert times.tolist()[:3] == [86_400_000_000] * 3
    assert missing.tolist() == [False, False, False, True, True]
    times, missing = time_values(Column(pa.array([1.5, None, float("nan")], pa.float64())))
    assert (times.tolist()[0], missing.tolist()) == (1.5, [False, True, True])


def test_late_seconds_are_told_apart(ingest, write) -> None:
    start = 1_700_000_000
    rows = "".join(f"{start + i}.25,{i}\n" for i in range(99))
    done = ingest(write("at,id\n" + rows), split={"method": "time", "time_column": "at"})
    assert done.result.rows == {"train": 66, "eval": 33}
    assert done.plan.cuts == (start + 66.25,)


def test_equal_keys_share_a_split(ingest, write) -> None:
    rows = "".join(f"customer-{i % 10},{i}\n" for i in range(200))
    done = ingest(write("who,id\n" + rows), split={"key": "who"})
    seen = [
        {record[record.index(b"customer-") :][:10] for record in done.records(split)}
        for split in ("train", "eval")
    ]
    assert not seen[0] & seen[1]
    assert len(seen[0] | seen[1]) == 10
