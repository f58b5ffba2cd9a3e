from __future__ import annotations

from models.input_layout import DENSE, INDEX, embedding_width, make_layout


def test_embeddings_grow_with_the_vocabulary_up_to_a_bound() -> None:
    widths = [embedding_width(n, 32) for n in (2, 10, 100, 1_000, 1_000_000)]
    assert widths == sorted(widths)
    assert (widths[0], widths[-1]) == (2, 32)


def test_indices_of_one_width_share_a_table_without_overlap() -> None:
    layout = make_layout([], {"a": 3, "b": 500, "c": 3}, 32)
    rows = [(i.name, i.first_row, i.first_row + i.cardinality) for i in layout.indices]
    assert rows == [("a", 0, 3), ("c", 3, 6), ("b", 0, 500)]
    assert [(columns, size) for _, columns, size in layout.widths()] == [(2, 6), (1, 500)]


def test_an_index_outside_its_cardinality_counts_as_missing() -> None:
    import tensorflow as tf

    layout = make_layout(["x"], {"a": 3, "b": 3}, 32)
    stacked = layout.stack(
        {
            "x": tf.constant([0.5, 1.5]),
            "a": tf.constant([2, 7], tf.int64),
            "b": tf.constant([1, -1], tf.int64),
        }
    )
    assert stacked[DENSE].numpy().tolist() == [[0.5], [1.5]]
    assert stacked[INDEX].numpy().tolist() == [[2, 4], [0, 3]]
