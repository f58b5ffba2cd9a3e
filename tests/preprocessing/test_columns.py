from __future__ import annotations

import pytest

from core.errors import UserError


def test_sparse_ragged_and_dense_tensors_give_the_same_column() -> None:
    import tensorflow as tf

    from preprocessing.columns import raw_column

    ragged = tf.ragged.constant([[1.0, 9.0], [], [3.0]])
    for tensor in (ragged, ragged.to_sparse()):
        column = raw_column(tensor)
        assert column.values.numpy().tolist() == [1.0, 0.0, 3.0]
        assert column.missing.numpy().tolist() == [False, True, False]
    for dense in (tf.constant([1.0, 3.0]), tf.constant([[1.0], [3.0]])):
        assert raw_column(dense).values.numpy().tolist() == [1.0, 3.0]


def test_sparse_texts_keep_their_rows() -> None:
    import tensorflow as tf

    from preprocessing.columns import raw_column

    column = raw_column(tf.ragged.constant([[], ["a"], [""]], dtype=tf.string).to_sparse())
    assert column.values.numpy().tolist() == [b"", b"a", b""]
    assert column.missing.numpy().tolist() == [True, False, True]


def test_markers_and_infinities_are_missing() -> None:
    import tensorflow as tf

    from preprocessing.columns import MISSING_INTEGER, raw_column

    floats = raw_column(tf.constant([float("nan"), float("inf"), 1.0]))
    assert floats.missing.numpy().tolist() == [True, True, False]
    assert floats.values.numpy().tolist() == [0.0, 0.0, 1.0]
    integers = raw_column(tf.constant([MISSING_INTEGER, 0], tf.int64))
    assert integers.missing.numpy().tolist() == [True, False]


def test_numbers_are_written_as_people_write_them() -> None:
    import tensorflow as tf

    from preprocessing.columns import as_text, raw_column

    assert as_text(raw_column(tf.constant([3.0, 2.5]))).numpy().tolist() == [b"3", b"2.5"]
    whole = [7.0, -0.0, 1e6, 1_234_567.0, 2.0**40]
    texts = [b"7", b"0", b"1000000", b"1234567", b"1099511627776"]
    assert as_text(raw_column(tf.constant(whole))).numpy().tolist() == texts
    assert as_text(raw_column(tf.constant([17_031_081_700]))).numpy().tolist() == [b"17031081700"]


def test_text_where_a_number_is_needed_is_refused() -> None:
    import tensorflow as tf

    from preprocessing.columns import as_number, raw_column

    with pytest.raises(UserError, match="'fare' needs a number"):
        as_number("fare", raw_column(tf.constant(["a"])))


def test_yes_and_no_are_read_in_words_and_numbers() -> None:
    import tensorflow as tf

    from preprocessing.columns import as_boolean, raw_column

    yes, missing = as_boolean(raw_column(tf.constant(["True", " no", "?", ""])))
    assert yes.numpy().tolist() == [True, False, False, False]
    assert missing.numpy().tolist() == [False, False, True, True]
    assert as_boolean(raw_column(tf.constant([0, 2])))[0].numpy().tolist() == [False, True]
