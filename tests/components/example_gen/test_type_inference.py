"""Types as CsvExampleGen infers them, and where we are stricter."""

from __future__ import annotations

import hypothesis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import strategies as st

from components.example_gen.conversion import convert
from components.example_gen.settings import ColumnType
from components.example_gen.type_inference import ColumnInference

_NUMBERS = (
    st.integers(-(10**20), 10**20).map(str)
    | st.floats().map(str)
    | st.sampled_from([str(2**63 - 1), str(2**63), str(-(2**63)), "9.3e18", ".5", "١٢", "1e5"])
    | st.sampled_from(
        ["007", "+5", " 5", "5 ", "1_000", "0x1F", "1e400", "-0.0", "nan", "NAN(1)", "inf", "1."]
    )
)
_TEXTS = st.lists(st.none() | _NUMBERS | st.text("ab1.-", min_size=1), min_size=1, max_size=8)


def _stock_type(texts: list[str | None]) -> ColumnType | None:
    from tfx_bsl.coders.csv_decoder import ColumnType as Stock
    from tfx_bsl.coders.csv_decoder import ColumnTypeInferrer

    inferrer = ColumnTypeInferrer(["x"], skip_blank_lines=True)
    seen = inferrer.create_accumulator()
    for text in texts:
        seen = inferrer.add_input(seen, [(text or "").encode()])
    names = {Stock.INT: ColumnType.INTEGER, Stock.FLOAT: ColumnType.FLOAT}
    found = inferrer.extract_output(seen)[0].type
    return None if found == Stock.UNKNOWN else names.get(found, ColumnType.TEXT)


@hypothesis.settings(deadline=None)
@hypothesis.given(_TEXTS)
def test_the_type_is_the_one_that_csv_example_gen_infers(texts: list[str | None]) -> None:
    inference = ColumnInference(evidence=1000)
    for text in texts:
        assert inference.add(pa.array([text], pa.string())) is None
    assert inference.kind is _stock_type(texts)
    at_once = ColumnInference(evidence=1000)
    at_once.add(pa.array(texts, pa.string()))
    assert at_once.kind is inference.kind


@hypothesis.settings(deadline=None)
@hypothesis.given(_TEXTS)
def test_converted_values_are_what_pythons_numbers_are(texts: list[str | None]) -> None:
    kind = _stock_type(texts)
    column, bad = convert(pa.array(texts, pa.string()), kind, fixed=False)
    assert bad is None
    parse = {
        ColumnType.INTEGER: lambda text: int(text.encode()),
        ColumnType.FLOAT: lambda text: np.float64(text.encode()).astype(np.float32),
        ColumnType.TEXT: lambda text: text.encode(),
    }
    with np.errstate(over="ignore"):
        expected = [None if t is None or kind is None else parse[kind](t) for t in texts]
    np.testing.assert_equal(column.rows().to_pylist(), expected)


def test_whole_numbers_and_others_make_floats_in_either_order() -> None:
    for texts in (["1", "2.5"], ["2.5", "1"]):
        inference = ColumnInference(evidence=1)
        for text in texts:
            inference.add(pa.array([text]))
        assert inference.kind is ColumnType.FLOAT


@pytest.mark.parametrize("batch_rows", [1, 7, 100])
def test_a_text_after_enough_numbers_is_marked_wherever_batches_end(batch_rows: int) -> None:
    texts = ["1"] * 20 + ["x", "2.5", None, "y"]
    inference = ColumnInference(evidence=20)
    marked: list[bool] = []
    for start in range(0, len(texts), batch_rows):
        batch = pa.array(texts[start : start + batch_rows], pa.string())
        mask = inference.add(batch)
        marked += [False] * len(batch) if mask is None else mask.tolist()
    assert inference.kind is ColumnType.FLOAT
    assert [i for i, bad in enumerate(marked) if bad] == [20, 23]


def test_a_text_among_few_numbers_makes_a_text_column() -> None:
    inference = ColumnInference(evidence=20)
    assert inference.add(pa.array(["1"] * 19 + ["x"] + ["2"] * 50)) is None
    assert inference.kind is ColumnType.TEXT


def test_fixed_types_take_what_people_mean() -> None:
    whole, bad = convert(pa.array(["5.0", "6", "6.5"]), ColumnType.INTEGER, fixed=True)
    assert (whole.rows().to_pylist()[:2], bad.tolist()) == ([5, 6], [False, False, True])
    large, bad = convert(pa.array([str(2**64)]), ColumnType.FLOAT, fixed=True)
    assert (large.rows().to_pylist(), bad) == ([2.0**64], None)
    text, bad = convert(pa.array([7, None]), ColumnType.TEXT, fixed=True)
    assert (text.rows().to_pylist(), bad) == ([b"7", None], None)
    numbers, bad = convert(pa.array([1.0, 1.5, None]), ColumnType.INTEGER, fixed=True)
    assert (numbers.rows().to_pylist()[::2], bad.tolist()) == ([1, None], [False, True, False])
