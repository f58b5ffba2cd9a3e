"""Array decoding of tf.Examples, against tfx_bsl's own decoder."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tfx_bsl.coders import example_coder

from components.example_gen.formats.example_decoding import UnusualFormError, decode_examples
from tests.components.example_gen.made_examples import example, floats, part, texts, whole

_NAMES = ["a", "fare", "a name of more than eight bytes", "ü" * 70, "x" * 130]
_VALUES = {
    "a": st.integers(-(2**63), 2**63 - 1).map(whole),
    "fare": st.floats(width=32, allow_nan=False).map(floats),
    "a name of more than eight bytes": st.binary(max_size=300).map(texts),
    "ü" * 70: st.integers(-1, 300).map(whole),
    "x" * 130: st.just(b"\x12\x00"),
}
_features = st.permutations(_NAMES).flatmap(
    lambda names: st.fixed_dictionaries(
        {}, optional={n: st.one_of(st.just(b""), _VALUES[n]) for n in names}
    )
)


def _by_tfx_bsl(records: list[bytes]) -> dict[str, list[Any]]:
    batch = example_coder.ExamplesToRecordBatchDecoder().DecodeBatch(records)
    found = dict(zip(batch.schema.names, batch.columns, strict=True))
    return {n: [v[0] if v else None for v in found[n].to_pylist()] for n in sorted(found)}


@given(st.lists(_features, min_size=1, max_size=12))
def test_it_gives_what_tfx_bsl_gives(rows: list[dict[str, bytes]]) -> None:
    records = [example(**row) for row in rows]
    found = {name: column.to_pylist() for name, column in decode_examples(records).items()}
    assert found == _by_tfx_bsl(records)


@given(st.lists(_features, min_size=1, max_size=4), st.data())
def test_changed_bytes_are_decoded_alike_or_not_at_all(
    rows: list[dict[str, bytes]], data: st.DataObject
) -> None:
    records = [example(**row) for row in rows]
    which = data.draw(st.integers(0, len(records) - 1))
    changed = bytearray(records[which])
    if changed:
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    records[which] = bytes(changed)
    try:
        found = {name: column.to_pylist() for name, column in decode_examples(records).items()}
    except UnusualFormError:
        return
    if any("\0" in name for name in found):
        return  # tfx_bsl cuts such a name.
    expected = _by_tfx_bsl(records)
    assert str(found) == str(expected)  # As text, since nan is not nan.


def test_a_name_twice_has_its_last_value_as_in_protobuf() -> None:
    entry = example(a=whole(1))[2:] + example(a=whole(2))[2:]
    assert decode_examples([part(b"\x0a", entry)])["a"].to_pylist() == [2]


def test_not_a_number_is_a_value() -> None:
    [value] = decode_examples([example(a=floats(math.nan))])["a"].to_pylist()
    assert math.isnan(value)


def test_long_and_short_texts_come_out_whole() -> None:
    held = [bytes([n]) * (n * 37 % 5000) for n in range(100)]
    found = decode_examples([example(a=texts(text)) for text in held])
    assert found["a"].to_pylist() == held


@pytest.mark.parametrize(
    "record",
    [
        example(a=whole(1, 2)),
        example(a=texts(b"x", b"y")),
        example(a=floats(1.0, 2.0)),
        example(a=part(b"\x1a", b"\x08\x05")),
        example(a=b"\x0a"),
        example(**{"": whole(1)}),
        part(b"\x0a", b"garbage"),
        b"\x0a",
        b"\x0a\xff\xff\xff\xff\xff",
        example(a=whole(1)) + b"\x10\x01",
    ],
)
def test_another_form_is_left_to_others(record: bytes) -> None:
    with pytest.raises(UnusualFormError):
        decode_examples([example(a=whole(1)), record])


def test_kinds_that_change_are_left_to_others() -> None:
    with pytest.raises(UnusualFormError):
        decode_examples([example(a=whole(1)), example(a=floats(1.0))])
