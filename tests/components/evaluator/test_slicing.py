"""Slices of columns against TFMA's slices of single examples."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import tensorflow_model_analysis as tfma
from hypothesis import given
from hypothesis import strategies as st
from tensorflow_model_analysis.slicer import slicer_lib

from components.evaluator import slicing
from core.errors import DataError

_ROW = st.fixed_dictionaries(
    {
        "text": st.lists(st.sampled_from([b"a", b"b", "ä".encode(), b"5"]), max_size=3),
        "number": st.lists(st.integers(0, 5), max_size=2),
        "share": st.lists(st.sampled_from([0.5, 1.0, 5.0]), max_size=2),
    }
)
_SPEC = st.builds(
    lambda keys, values: tfma.SlicingSpec(
        feature_keys=sorted(keys - set(values)), feature_values=values
    ),
    st.sets(st.sampled_from(["text", "number", "share"])),
    st.dictionaries(
        st.sampled_from(["text", "number", "share"]),
        st.sampled_from(["a", "ä", "5", "5.0", "z"]),
        max_size=2,
    ),
)
_TYPES = {"text": pa.large_binary(), "number": pa.int64(), "share": pa.float32()}


def _tfma_slices(rows: list[dict[str, list[Any]]], specs: list[Any]) -> dict[Any, list[int]]:
    slices = defaultdict(set)
    single = [slicer_lib.SingleSliceSpec(spec=spec) for spec in specs]
    for place, row in enumerate(rows):
        features = {
            name: np.array(values, dtype=np.float32 if name == "share" else None)
            for name, values in row.items()
            if values
        }
        for key in slicer_lib.get_slices_for_features_dicts([], features, single):
            slices[key].add(place)
    return {key: sorted(places) for key, places in slices.items()}


@given(st.lists(_ROW, min_size=1, max_size=12), st.lists(_SPEC, min_size=1, max_size=3))
def test_slices_equal_those_of_tfma(rows: list[dict[str, list[Any]]], specs: list[Any]) -> None:
    columns = {
        name: slicing.values_of_arrow(
            pa.array([row[name] or None for row in rows], pa.large_list(kind))
        )
        for name, kind in _TYPES.items()
    }

    slices = slicing.rows_by_slice(columns, specs, len(rows))

    assert {key: places.tolist() for key, places in slices.items()} == _tfma_slices(rows, specs)


def test_a_feature_that_the_data_lack_gives_no_slices() -> None:
    slices = slicing.rows_by_slice({}, [tfma.SlicingSpec(feature_keys=["gone"])], 3)

    assert slices == {}


def test_batches_after_one_another_give_one_column() -> None:
    first = slicing.values_of_arrow(pa.array([["a"], None], pa.large_list(pa.large_string())))
    second = slicing.values_of_arrow(pa.array([["b", "a"]], pa.large_list(pa.large_string())))

    column = slicing.union_of([first, second.moved(2)])

    slices = slicing.rows_by_slice({"f": column}, [tfma.SlicingSpec(feature_keys=["f"])], 3)
    assert {key: rows.tolist() for key, rows in slices.items()} == {
        (("f", "a"),): [0, 2],
        (("f", "b"),): [2],
    }


def test_values_that_are_not_text_are_reported() -> None:
    column = slicing.values_of_arrow(pa.array([[b"\xff"]], pa.large_list(pa.large_binary())))

    with pytest.raises(DataError, match="not UTF-8"):
        slicing.rows_by_slice({"f": column}, [tfma.SlicingSpec(feature_keys=["f"])], 1)
