"""Our bytes against protobuf's own."""

from __future__ import annotations

import hypothesis
import numpy as np
import pyarrow as pa
from hypothesis import strategies as st
from tensorflow.core.example import example_pb2, feature_pb2

from components.example_gen.records.encoding import Column, encode_examples, encode_features, varint

_INT64 = st.integers(-(2**63), 2**63 - 1)
_FLOAT32 = st.floats(width=32)
_KINDS = st.sampled_from(["integer", "float", "text", "unknown"])
_NAMES = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=200)


def _feature(kind: str, value: object) -> feature_pb2.Feature:
    values = [] if value is None else [value]
    if kind == "integer":
        return feature_pb2.Feature(int64_list=feature_pb2.Int64List(value=values))
    if kind == "float":
        return feature_pb2.Feature(float_list=feature_pb2.FloatList(value=values))
    if kind == "text":
        return feature_pb2.Feature(bytes_list=feature_pb2.BytesList(value=values))
    return feature_pb2.Feature()


def _array(kind: str, values: list) -> pa.Array:
    types = {"integer": pa.int64(), "float": pa.float32(), "text": pa.large_binary()}
    if kind == "unknown":
        return pa.nulls(len(values))
    if kind == "float":
        mask = np.array([value is None for value in values], bool)
        numbers = np.array([0.0 if value is None else value for value in values], np.float32)
        return pa.array(numbers, mask=mask)
    return pa.array(values, types[kind])


@st.composite
def _tables(draw: st.DrawFn) -> tuple[dict[str, str], list[dict[str, object]]]:
    names = draw(st.lists(_NAMES, min_size=1, max_size=6, unique=True))
    kinds = {name: draw(_KINDS) for name in names}
    cells = {"integer": _INT64, "float": _FLOAT32, "text": st.binary(max_size=300)}
    rows = [
        {
            name: None if kind == "unknown" else draw(st.none() | cells[kind])
            for name, kind in kinds.items()
        }
        for _ in range(draw(st.integers(0, 6)))
    ]
    return kinds, rows


def _expected(kinds: dict[str, str], rows: list[dict[str, object]]) -> list[bytes]:
    return [
        example_pb2.Example(
            features=feature_pb2.Features(
                feature={name: _feature(kind, row[name]) for name, kind in kinds.items()}
            )
        ).SerializeToString(deterministic=True)
        for row in rows
    ]


@hypothesis.settings(deadline=None)
@hypothesis.given(_tables(), st.booleans())
def test_examples_are_byte_for_byte_what_protobuf_writes(table, as_dictionary: bool) -> None:
    kinds, rows = table
    columns = {}
    for name, kind in kinds.items():
        array = _array(kind, [row[name] for row in rows])
        columns[name] = Column(array)
        if as_dictionary and kind in ("integer", "text"):
            encoded = array.dictionary_encode()
            columns[name] = Column(encoded.dictionary, encoded.indices)
    assert encode_examples(columns).to_pylist() == _expected(kinds, rows)


@hypothesis.settings(deadline=None)
@hypothesis.given(st.lists(st.none() | _INT64, min_size=3, max_size=8))
def test_a_slice_of_a_column_encodes_its_own_rows(values: list) -> None:
    whole = encode_examples({"a": Column(pa.array(values, pa.int64()))}).to_pylist()
    part = encode_examples({"a": Column(pa.array(values, pa.int64())).slice(1, 2)})
    assert part.to_pylist() == whole[1:3]


@hypothesis.settings(deadline=None)
@hypothesis.given(st.lists(st.none() | st.binary(max_size=200), max_size=8))
def test_single_features_are_what_protobuf_writes(values: list) -> None:
    expected = [_feature("text", value).SerializeToString(deterministic=True) for value in values]
    array = pa.array(values, pa.large_binary())
    encoded = array.dictionary_encode()
    assert encode_features(Column(array)) == expected
    assert encode_features(Column(encoded.dictionary, encoded.indices)) == expected


def test_a_varint_holds_seven_bits_a_byte() -> None:
    assert [varint(n) for n in (0, 127, 128, 300)] == [b"\0", b"\x7f", b"\x80\x01", b"\xac\x02"]
