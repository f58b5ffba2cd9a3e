"""Counting tokens and writing vocabularies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_transform import analyzer_nodes, analyzers

from components.in_memory import NotInMemoryError
from components.transform import vocabularies

_Ordering = analyzers._VocabOrderingType


def _accumulate(ordering: int) -> Any:
    with tf.Graph().as_default():
        return analyzer_nodes.VocabularyAccumulate(ordering)


def _prune(**options: Any) -> Any:
    settings = {"top_k": None, "frequency_threshold": 0, "input_dtype": tf.string.name}
    with tf.Graph().as_default():
        return analyzer_nodes.VocabularyPrune(**{**settings, **options})


def _write(
    folder: Path, counts: list[tuple[Any, Any]], reserved: Any = None, **options: Any
) -> str:
    settings = {
        "vocab_filename": "vocabulary",
        "store_frequency": False,
        "fingerprint_shuffle": False,
        "file_format": "text",
    }
    with tf.Graph().as_default():
        operation = analyzer_nodes.VocabularyOrderAndWrite(**{**settings, **options})
    return str(vocabularies.order_and_write(operation, str(folder), counts, reserved))


def test_tokens_are_counted_across_batches() -> None:
    accumulation = vocabularies.make_accumulation(_accumulate(_Ordering.FREQUENCY))
    accumulation.add((np.array([b"a", b"b", b"a"], object),))
    accumulation.add((np.array([b"b", b"a"], object),))
    assert dict(accumulation.value()) == {b"a": 3, b"b": 2}


def test_weights_are_added_up() -> None:
    accumulation = vocabularies.make_accumulation(_accumulate(_Ordering.WEIGHTED_FREQUENCY))
    accumulation.add((np.array([b"a", b"b"], object), np.array([0.5, 2.0])))
    accumulation.add((np.array([b"a"], object), np.array([0.25])))
    assert dict(accumulation.value()) == {b"a": 0.75, b"b": 2.0}


def test_an_unknown_ordering_is_left_to_beam() -> None:
    with pytest.raises(NotInMemoryError):
        vocabularies.make_accumulation(_accumulate(_Ordering.WEIGHTED_LABELS))


def test_coverage_per_key_is_left_to_beam() -> None:
    with pytest.raises(NotInMemoryError):
        vocabularies.refuse_unsupported(_prune(key_fn=len))


def test_a_negative_top_k_is_an_error() -> None:
    with pytest.raises(ValueError, match="top_k"):
        vocabularies.refuse_unsupported(_prune(top_k=-1))


def test_of_equal_counts_the_larger_token_is_kept() -> None:
    counts = [(2, b"a"), (2, b"c"), (5, b"b"), (2, b"d")]
    assert vocabularies.prune(_prune(top_k=3), counts) == ([(5, b"b"), (2, b"d"), (2, b"c")],)


def test_rare_tokens_are_dropped() -> None:
    assert vocabularies.prune(_prune(frequency_threshold=3), [(2, b"a"), (3, b"b")]) == (
        [(3, b"b")],
    )


def test_integers_become_text() -> None:
    assert vocabularies.prune(_prune(input_dtype=tf.int64.name), [(2, 17)]) == ([(2, b"17")],)


def test_the_file_has_the_largest_count_first(tmp_path: Path) -> None:
    path = _write(tmp_path, [(1, b"z"), (3, b"a"), (1, b"y")])
    assert Path(path).read_bytes() == b"a\nz\ny\n"


def test_counts_are_written_where_they_are_wanted(tmp_path: Path) -> None:
    path = _write(tmp_path, [(1, b"z"), (3, b"a b")], store_frequency=True)
    assert Path(path).read_bytes() == b"3 a b\n1 z\n"


def test_reserved_tokens_stand_first_and_once(tmp_path: Path) -> None:
    path = _write(tmp_path, [(1, b"z"), (3, b"a")], reserved=[b"z", b"new"])
    assert Path(path).read_bytes() == b"z\nnew\na\n"


def test_an_empty_vocabulary_gets_a_placeholder(tmp_path: Path) -> None:
    assert len(Path(_write(tmp_path, [])).read_bytes().splitlines()) == 1
    assert vocabularies.count(None, []) == (1,)


def test_a_gzipped_vocabulary_is_a_tfrecord_file(tmp_path: Path) -> None:
    path = _write(tmp_path, [(1, b"z"), (3, b"a")], file_format="tfrecord_gzip")
    assert path.endswith("vocabulary.tfrecord.gz")
    assert list(tf.data.TFRecordDataset(path, "GZIP").as_numpy_iterator()) == [b"a", b"z"]
