"""Codes of digits keep their zeros, and a typing error makes no codes of numbers."""

from __future__ import annotations

import hypothesis
import pyarrow as pa
import pytest
from hypothesis import strategies as st

from components.example_gen.settings import ColumnType
from components.example_gen.type_inference import ColumnInference

INTEGER, FLOAT, TEXT = ColumnType.INTEGER, ColumnType.FLOAT, ColumnType.TEXT


def _decided(*batches: list[str | None], evidence: int = 20) -> ColumnType | None:
    inference = ColumnInference(evidence)
    for batch in batches:
        assert inference.add(pa.array(batch, pa.string())) is None
    return inference.decided


@pytest.mark.parametrize(
    "texts",
    [
        ["94103"] * 1000 + ["01970"],  # all as long as one another
        ["01970", None, "02139"],
        ["00", "01", "12", "23"],
        ["0830", "1745"],
        ["7", "12", "007"],  # many of them
        ["00", "1"],
        ["0123456789012345678"] + ["1234567890123456789"] * 3,
    ],
)
def test_codes_are_text(texts: list[str | None]) -> None:
    assert _decided(texts) is TEXT
    assert _decided(texts[::-1]) is TEXT
    assert _decided(*[[text] for text in texts]) is TEXT


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["0", "1", "10"], INTEGER),
        (["0", "0", "0"], INTEGER),
        (["0.5", "-0.5", "0"], FLOAT),
        (["007", "3.5"], FLOAT),
        (["007.50", "012.25"], FLOAT),
        (["-07", "+05", "12"], INTEGER),
        (["1", "0x1", "01"], TEXT),
        ([None, None], None),
    ],
)
def test_numbers_with_a_zero_stay_what_they_are(texts: list[str | None], kind: object) -> None:
    assert _decided(texts) is kind
    assert _decided(texts[::-1]) is kind


@pytest.mark.parametrize("place", [0, 5_000, 10_000])
def test_one_stray_zero_among_many_numbers_changes_no_column(place: int) -> None:
    numbers = [str(number) for number in range(10_000)]
    inference = ColumnInference(20)
    inference.add(pa.array([*numbers[:place], "007", *numbers[place:]]))
    assert inference.decided is INTEGER
    assert inference.digits.padded == 1


def test_a_code_with_letters_is_welcome_among_codes_and_not_among_numbers() -> None:
    assert _decided(["01970", "94103"] * 20, ["K1A 0B1"]) is TEXT
    numbers = ColumnInference(20)
    numbers.add(pa.array([str(number) for number in range(100)]))
    assert numbers.add(pa.array(["K1A 0B1"])) is not None


@hypothesis.settings(deadline=None, max_examples=50)
@hypothesis.given(
    st.lists(st.none() | st.from_regex(r"[+-]?[0-9]{1,6}", fullmatch=True), min_size=1),
    st.integers(1, 5),
)
def test_neither_batches_nor_their_order_matter(texts: list[str | None], size: int) -> None:
    whole = _decided(texts)
    assert _decided(*[texts[i : i + size] for i in range(0, len(texts), size)]) is whole
    assert _decided(texts[::-1]) is whole
