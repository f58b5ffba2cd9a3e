"""The operations of TFT's analysis that count tokens and write vocabularies.

Each does what its namesake in `tensorflow_transform.beam.analyzer_impls` has Beam do,
down to the order of tokens with equal counts: largest count first, then largest token.
"""

from __future__ import annotations

import collections
import hashlib
import heapq
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow_transform import analyzers
from tensorflow_transform.beam import analyzer_impls

from components.in_memory import NotInMemoryError
from core import files

_Ordering = analyzers._VocabOrderingType
_MUTUAL_INFORMATION = (_Ordering.MUTUAL_INFORMATION, _Ordering.WEIGHTED_MUTUAL_INFORMATION)


class _TokenCounts:
    """How often each token occurs."""

    def __init__(self) -> None:
        self._counts: collections.Counter[Any] = collections.Counter()

    def add(self, values: tuple[np.ndarray, ...]) -> None:
        self._counts.update(analyzer_impls._flatten_value_to_list(values))

    def value(self) -> Iterable[tuple[Any, Any]]:
        return self._counts.items()


class _TokenWeights:
    """The sum of the weights of each token."""

    def __init__(self) -> None:
        self._weights: dict[Any, float] = {}

    def add(self, values: tuple[np.ndarray, ...]) -> None:
        weights = self._weights
        for token, weight in analyzer_impls._flatten_value_and_weights_to_list_of_tuples(values):
            weights[token] = weights.get(token, 0) + weight

    def value(self) -> Iterable[tuple[Any, Any]]:
        return self._weights.items()


class _TokenMeans:
    """Counts and mean labels of each token, for mutual information."""

    def __init__(self, *, weighted: bool) -> None:
        self._weighted = weighted
        self._combine = _means(weighted=weighted)
        self._means: dict[Any, Any] = {}

    def add(self, values: tuple[np.ndarray, ...]) -> None:
        for token, mean in analyzer_impls._flatten_to_key_and_means_accumulator_list(
            values, compute_weighted=self._weighted
        ):
            known = self._means.get(token)
            if known is None:
                known = self._combine.create_accumulator()
            self._means[token] = self._combine.add_input(known, mean)

    def value(self) -> Iterable[tuple[Any, Any]]:
        return [(token, self._combine.extract_output(mean)) for token, mean in self._means.items()]


def make_accumulation(operation: Any) -> _TokenCounts | _TokenWeights | _TokenMeans:
    """VocabularyAccumulate.

    Raises:
      NotInMemoryError: If the tokens are ordered in a way that is not known here.
    """
    ordering = operation.vocab_ordering_type
    if ordering == _Ordering.FREQUENCY:
        return _TokenCounts()
    if ordering == _Ordering.WEIGHTED_FREQUENCY:
        return _TokenWeights()
    if ordering in _MUTUAL_INFORMATION:
        return _TokenMeans(weighted=ordering == _Ordering.WEIGHTED_MUTUAL_INFORMATION)
    raise NotInMemoryError(f"vocabulary ordering {ordering}")


def merge(operation: Any, tokens: Iterable[tuple[Any, Any]]) -> tuple[Any, ...]:
    """VocabularyMerge: gives (count or information, token) pairs."""
    if operation.vocab_ordering_type not in _MUTUAL_INFORMATION:
        return ([(count, token) for token, count in tokens],)
    combine = _means(
        weighted=operation.vocab_ordering_type == _Ordering.WEIGHTED_MUTUAL_INFORMATION
    )
    tagged = [
        output
        for token, mean in tokens
        for output in analyzer_impls._extract_sentinels(
            (
                token,
                combine.extract_output(combine.add_input(combine.create_accumulator(), mean)),
            )
        )
    ]
    (total,) = [output.value for output in tagged if output.tag == "global"]
    smallest = operation.min_diff_from_avg
    if smallest is None:
        smallest = analyzers.calculate_recommended_min_diff_from_avg(total.count * total.weight)
    merged = []
    for output in tagged:
        if output.tag != "feature":
            continue
        token, (information, _, frequency) = (
            analyzer_impls._calculate_mutual_information_for_feature_value(
                output.value, total, operation.use_adjusted_mutual_info, smallest
            )
        )
        merged.append(((information, frequency), token))
    return (merged,)


def count(operation: Any, tokens: Iterable[Any]) -> tuple[np.int64]:
    """VocabularyCount: at least one, since an empty vocabulary gets a placeholder."""
    return (np.int64(max(len(list(tokens)), 1)),)


def refuse_unsupported(operation: Any) -> None:
    """Raises for a VocabularyPrune that is left to Beam.

    Raises:
      NotInMemoryError: If tokens are to be kept per key.
      ValueError: If a limit is negative, as TFT raises.
    """
    if operation.key_fn is not None:
        raise NotInMemoryError("vocabulary coverage per key")
    for name in ("top_k", "frequency_threshold"):
        limit = getattr(operation, name)
        if limit is not None and limit < 0:
            raise ValueError(f"{name} for VocabularyImpl should be >= 0 or None, got {limit}.")


def prune(operation: Any, counts: Iterable[tuple[Any, Any]]) -> tuple[Any, ...]:
    """VocabularyPrune: thresholds, then the largest `top_k`."""
    kept = []
    for metric, token in counts:
        information, frequency = metric if isinstance(metric, tuple) else (float("inf"), metric)
        if (
            frequency < operation.frequency_threshold
            or information < operation.informativeness_threshold
        ):
            continue
        value = metric[0] if isinstance(metric, tuple) else metric
        if operation.input_dtype != tf.string.name:
            token = tf.compat.as_bytes(tf.compat.as_str_any(token))
        kept.append((value, token))
    if operation.top_k is not None:
        kept = analyzer_impls.maybe_add_empty_vocabulary_dummy(
            heapq.nlargest(operation.top_k, kept), operation.input_dtype
        )
    return (kept,)


def order_and_write(
    operation: Any,
    folder: str,
    counts: list[tuple[Any, Any]],
    reserved: Any = None,
) -> np.ndarray:
    """VocabularyOrderAndWrite.

    Returns:
      The file's path, a string scalar.
    """
    already_sorted = operation.input_is_sorted and reserved is None
    if not already_sorted:
        if reserved is not None:
            taken = set(reserved)
            counts = [pair for pair in counts if pair[1] not in taken]
        if operation.fingerprint_shuffle:
            counts = sorted(counts, key=lambda pair: hashlib.sha1(pair[1]).digest())
        else:
            counts = sorted(counts, reverse=True)
        if reserved is not None:
            counts = [*((-1, token) for token in reserved), *counts]
        counts = analyzer_impls.maybe_add_empty_vocabulary_dummy(counts, operation.input_dtype)
    lines = [
        analyzer_impls._count_and_token_to_bytes(number, token)
        if operation.store_frequency
        else token
        for number, token in counts
    ]
    path = os.path.join(folder, operation.vocab_filename)
    write = _WRITERS.get(operation.file_format)
    if write is None:
        raise ValueError(f"unknown vocabulary format {operation.file_format}")
    return np.array(write(path, lines))


def _write_text(path: str, lines: list[bytes]) -> str:
    with files.replaced_when_whole(path) as temporary:
        temporary.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def _write_tfrecord(path: str, lines: list[bytes]) -> str:
    path = f"{path}.tfrecord.gz"
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(path, "GZIP") as records:
        for line in lines:
            records.write(line)
    return path


_WRITERS: dict[str, Callable[[str, list[bytes]], str]] = {
    "text": _write_text,
    "tfrecord_gzip": _write_tfrecord,
}


def _means(*, weighted: bool) -> Any:
    return analyzer_impls._WeightedMeanCombineFn(output_shape=(None,), compute_weighted=weighted)
