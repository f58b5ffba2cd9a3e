"""Residuals as a function of each feature, and the segments where they are worst.

A residual is the label minus the prediction; for classes, one minus the probability of the
label's own class. Where its mean is far from that of others the model misses something that
the feature knows. Computed on a sample that is spread evenly over the data.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import tensorflow as tf

from components.evaluator import buckets
from components.evaluator.metrics.scores import Array, Scores
from components.evaluator.plots.even_sample import EvenSample
from components.evaluator.slicing import Rows

RESIDUALS_FILE = "residuals.json"
# At most this many batches of ten thousand examples are kept.
MOST_BATCHES = 20
_BUCKETS = 10
_MOST_VALUES = 20
_WORST = 5
# A segment is among the worst only if this many standard errors do not explain it.
_ERRORS = 3.0
_FEWEST = 30
_OTHERS = "others"
_MISSING = "missing"


class Residuals:
    """Gathers residuals and the features' values.

    Args:
      features: The raw features.
      multiclass: Whether the model predicts probabilities of several classes.
    """

    def __init__(self, features: Sequence[str], *, multiclass: bool) -> None:
        self.features = list(features)
        self._multiclass = multiclass
        self._sample = EvenSample[tuple[pa.Table, Array]](MOST_BATCHES)
        self._examples = 0

    def add(self, scores: Scores, columns: pa.RecordBatch | pa.Table) -> None:
        """Takes a batch, or passes it over where enough others stand for it."""
        self._examples += len(scores.labels)
        if not self.features or not len(scores.labels) or not self._sample.wants_next():
            return
        if isinstance(columns, pa.RecordBatch):
            columns = pa.Table.from_batches([columns])
        known = [name for name in self.features if name in columns.schema.names]
        self._sample.add((columns.select(known), _residuals(scores, self._multiclass)))

    def document(self) -> dict[str, Any]:
        """Mean, spread and count by bucket of each feature, and the worst segments."""
        kept = self._sample.kept
        if not kept:
            return {}
        table = pa.concat_tables([part for part, _ in kept], promote=True)
        residuals = np.concatenate([part for _, part in kept])
        features = [
            {"feature": name, "buckets": _segments(table.column(name), residuals)}
            for name in table.column_names
        ]
        overall = float(residuals.mean())
        return {
            "residual": "1 - probability of the label's class"
            if self._multiclass
            else "label - prediction",
            "examples": self._examples,
            "sampled": len(residuals),
            "mean": overall,
            "spread": float(residuals.std()),
            "features": features,
            "worst": _worst(features, overall if self._multiclass else 0.0),
        }

    def write(self, uri: str) -> None:
        """Writes the document into an evaluation's folder, if there is anything in it."""
        document = self.document()
        if document.get("features"):
            with tf.io.gfile.GFile(os.path.join(uri, RESIDUALS_FILE), "w") as file:
                file.write(json.dumps(document, indent=1))


def _residuals(scores: Scores, multiclass: bool) -> Array:
    predictions = scores.predictions.astype(np.float64)
    if not multiclass:
        return np.asarray(scores.labels[:, 0].astype(np.float64) - predictions[:, -1])
    labels = scores.labels
    own = labels.argmax(axis=1) if labels.shape[1] > 1 else labels[:, 0].astype(np.int64)
    return np.asarray(1 - predictions[np.arange(len(own)), np.clip(own, 0, None)])


def _segments(column: pa.ChunkedArray, residuals: Array) -> list[dict[str, Any]]:
    values, rows = _first_values(column)
    places = np.full(len(residuals), -1, dtype=np.int64)
    names: list[str] = []
    if pa.types.is_integer(values.type) or pa.types.is_floating(values.type):
        names, places[rows] = _numbers(values.to_numpy(zero_copy_only=False))
    elif len(values):
        names, places[rows] = _texts(values)
    # What has no value is the last segment.
    names = [*names, _MISSING]
    places = np.where(places < 0, len(names) - 1, places)
    counts = np.bincount(places, minlength=len(names))
    sums = np.bincount(places, weights=residuals, minlength=len(names))
    squares = np.bincount(places, weights=residuals**2, minlength=len(names))
    found = []
    for name, count, total, square in zip(
        names, counts.tolist(), sums.tolist(), squares.tolist(), strict=True
    ):
        if count:
            mean = total / count
            spread = math.sqrt(max(square / count - mean * mean, 0.0))
            found.append({"bucket": name, "count": count, "mean": mean, "spread": spread})
    return found


def _first_values(column: pa.ChunkedArray) -> tuple[pa.Array, Rows]:
    """The first value of each row that has one, and the rows."""
    merged = column.combine_chunks()
    if not pa.types.is_list(merged.type) and not pa.types.is_large_list(merged.type):
        return pa.nulls(0), np.empty(0, np.int64)
    lengths = merged.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    flat = merged.flatten()
    rows = np.flatnonzero(lengths > 0)
    if len(flat) != len(rows):
        flat = flat.take(pa.array((np.cumsum(lengths) - lengths)[rows]))
    return flat, rows


def _numbers(numbers: Array) -> tuple[list[str], Rows]:
    known = numbers[np.isfinite(numbers)]
    some = np.unique(known[:: max(1, len(known) // 1000)])
    if len(some) <= _MOST_VALUES:
        distinct = np.unique(known)
        if len(distinct) <= _MOST_VALUES:
            places = np.searchsorted(distinct, numbers)
            inside = np.clip(places, 0, max(len(distinct) - 1, 0))
            exact = len(distinct) > 0 and distinct[inside] == numbers
            return [f"{value:.6g}" for value in distinct], np.where(exact, inside, -1)
    shares = np.arange(1, _BUCKETS) / _BUCKETS
    edges = np.unique(np.array([float(f"{q:.4g}") for q in np.quantile(known, shares)]))
    return buckets.bucket_labels(edges.tolist()), buckets.places(numbers, edges.tolist())


def _texts(values: pa.Array) -> tuple[list[str], Rows]:
    encoded = values.dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    texts = [
        value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        for value in encoded.dictionary.to_pylist()
    ]
    order = np.argsort(-np.bincount(codes, minlength=len(texts)), kind="stable")
    places = np.empty(len(texts), dtype=np.int64)
    places[order] = np.minimum(np.arange(len(texts)), _MOST_VALUES)
    names = [texts[code] for code in order[:_MOST_VALUES]]
    return names + [_OTHERS] * (len(texts) > _MOST_VALUES), places[codes]


def _worst(features: Sequence[dict[str, Any]], expected: float) -> list[dict[str, Any]]:
    """The segments whose mean is surely furthest from what is expected."""
    ranked = []
    for feature in features:
        for bucket in feature["buckets"]:
            if bucket["count"] >= _FEWEST:
                error = bucket["spread"] / math.sqrt(bucket["count"])
                sure = abs(bucket["mean"] - expected) - _ERRORS * error
                if sure > 0:
                    ranked.append((sure, {"feature": feature["feature"], **bucket}))
    ranked.sort(key=lambda entry: -entry[0])
    return [segment for _, segment in ranked[:_WORST]]
