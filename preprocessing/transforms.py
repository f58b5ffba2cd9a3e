"""Feature roles as a TensorFlow graph with as few TFT analyzers as possible.

All scaled numbers of all features form one matrix with not-a-number for missing
values, which TFT's mean and variance skip: one analyzer. All missing flags form
another (one maximum), all features with the same number of quantile buckets a third.
Each vocabulary has its own. No analyzer waits for another, so that the analysis is one
pass over the data. A missing number becomes 0 after scaling, which is the mean.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping

import tensorflow as tf
import tensorflow_transform as tft

from core.errors import UserError
from preprocessing.columns import RawColumn, as_boolean, as_number, as_text
from preprocessing.features import (
    CALENDAR_PARTS,
    BooleanRole,
    CategoricalRole,
    CrossRole,
    FeatureRole,
    LatitudeLongitudeRole,
    NumericRole,
    TextRole,
    TimestampRole,
    column_of,
    resolve_cross_part,
    vocabulary_name,
)
from preprocessing.one_line import one_line
from preprocessing.text import bag, tokens_of
from preprocessing.timestamps import calendar_part, seconds_from_text, seconds_since_epoch

LARGEST_SCALED = 10.0
"""Scaled numbers are cut at so many standard deviations: one wild value in a request
must not throw the model's answer to infinity."""
_LARGEST_UNSCALED = 1e6


class FeatureGraph:
    """Collects what each role needs, then adds the shared analyzers once.

    Args:
      features: The feature map.
      columns: The raw columns by name.
    """

    def __init__(
        self, features: Mapping[str, FeatureRole], columns: Mapping[str, RawColumn]
    ) -> None:
        self._features = features
        self._columns = columns
        self._scaled: dict[str, tf.Tensor] = {}
        self._bucketised: dict[int, dict[str, tf.Tensor]] = defaultdict(dict)
        self._flags: dict[str, tf.Tensor] = {}
        self._cells: dict[str, tuple[str, str, int]] = {}
        self._outputs: dict[str, tf.Tensor] = {}

    def build(self) -> dict[str, tf.Tensor]:
        """Makes the graph.

        Returns:
          The transformed features: float32 or int64 of shape [batch], bags int64 of
          shape [batch, length].

        Raises:
          UserError: If a column's type does not fit its role.
        """
        for name, role in self._features.items():
            self._collect(name, role)
        self._scale_all()
        self._bucketise_all()
        self._flag_all()
        for cell, (latitude, longitude, buckets) in self._cells.items():
            self._outputs[cell] = self._hashed([latitude, longitude], buckets)
        for name, role in self._features.items():
            if isinstance(role, CrossRole):
                parts = [resolve_cross_part(self._features, name, part) for part in role.of]
                self._outputs[name] = self._hashed(parts, role.hash_buckets)
        return self._outputs

    def _collect(self, name: str, role: FeatureRole) -> None:
        if isinstance(role, NumericRole):
            self._numeric(name, role)
        elif isinstance(role, CategoricalRole):
            self._categorical(name, role)
        elif isinstance(role, TextRole):
            self._text(name, role)
        elif isinstance(role, BooleanRole):
            yes, missing = as_boolean(self._columns[column_of(name, role)])
            self._outputs[name] = _index(tf.cast(yes, tf.int64), missing)
        elif isinstance(role, TimestampRole):
            self._timestamp(name, role)
        elif isinstance(role, LatitudeLongitudeRole):
            self._place(name, role)

    def _numeric(self, name: str, role: NumericRole) -> None:
        column = self._columns[column_of(name, role)]
        number = as_number(name, column)
        if role.buckets:
            self._bucketised[role.buckets][f"{name}_bucket"] = number
        if role.scale == "buckets":
            return
        if role.log1p:
            number = tf.sign(number) * tf.math.log1p(tf.abs(number))
        if role.scale == "zscore":
            self._scaled[name] = number
        else:
            known = tf.where(column.missing, tf.zeros_like(number), number)
            self._outputs[name] = tf.clip_by_value(known, -_LARGEST_UNSCALED, _LARGEST_UNSCALED)
        self._flags[f"{name}_missing"] = column.missing

    def _categorical(self, name: str, role: CategoricalRole) -> None:
        column = self._columns[column_of(name, role)]
        texts = as_text(column)
        if role.hash_buckets is not None:
            hashed = tf.strings.to_hash_bucket_fast(texts, role.hash_buckets)
            self._outputs[name] = _index(hashed, column.missing)
            return
        if column.values.dtype == tf.string:
            texts = one_line(texts)
        else:
            texts = tf.where(column.missing, "", texts)
        found = _looked_up(name, role, texts)
        self._outputs[name] = _index(found, column.missing)

    def _text(self, name: str, role: TextRole) -> None:
        column = self._columns[column_of(name, role)]
        # A missing text is an empty one, which has no tokens.
        texts = tf.where(column.missing, "", as_text(column))
        tokens = tokens_of(texts, role.ngrams, role.longest)
        if role.hash_buckets is not None:
            found = tf.strings.to_hash_bucket_fast(tokens.texts, role.hash_buckets)
        else:
            found = _looked_up(name, role, tokens.texts)
        self._outputs[name] = bag(tokens, found + 1, role.longest)

    def _timestamp(self, name: str, role: TimestampRole) -> None:
        seconds, missing = self._seconds(name, role)
        for part in role.parts:
            value = calendar_part(seconds, part)
            if part == "year":
                year = tf.cast(value, tf.float32)
                self._scaled[f"{name}_year"] = tf.where(missing, float("nan"), year)
                continue
            if role.encoding in ("cyclic", "both"):
                angle = tf.cast(value, tf.float32) * (2 * math.pi / CALENDAR_PARTS[part])
                for suffix, function in (("sin", tf.sin), ("cos", tf.cos)):
                    wave = function(angle)
                    self._outputs[f"{name}_{part}_{suffix}"] = tf.where(
                        missing, tf.zeros_like(wave), wave
                    )
            if role.encoding in ("categorical", "both"):
                self._outputs[f"{name}_{part}"] = _index(value, missing)
        self._flags[f"{name}_missing"] = missing

    def _seconds(self, name: str, role: TimestampRole) -> tuple[tf.Tensor, tf.Tensor]:
        column = self._columns[column_of(name, role)]
        if role.format is None:
            as_number(name, column)  # refuses text
            seconds = seconds_since_epoch(column.values, role.unit, role.utc_offset_hours)
            return seconds, column.missing
        if column.values.dtype == tf.float32:
            raise UserError(
                f"feature {name!r} has a format, but its column holds fractions",
                hint="a format reads text or whole numbers (20140516): correct the schema's "
                "type, or leave the format out",
                code="feature-type",
            )
        seconds, unread = seconds_from_text(as_text(column), role.format, role.utc_offset_hours)
        return seconds, column.missing | unread

    def _place(self, name: str, role: LatitudeLongitudeRole) -> None:
        latitude, longitude = self._columns[role.latitude], self._columns[role.longitude]
        for part, column in (("latitude", latitude), ("longitude", longitude)):
            degrees = as_number(name, column)
            self._scaled[f"{name}_{part}"] = degrees
            self._bucketised[role.buckets][f"{name}_{part}_bucket"] = degrees
        self._flags[f"{name}_missing"] = latitude.missing | longitude.missing
        self._cells[f"{name}_cell"] = (
            f"{name}_latitude_bucket",
            f"{name}_longitude_bucket",
            role.hash_buckets,
        )

    def _scale_all(self) -> None:
        if not self._scaled:
            return
        scaled = tft.scale_to_z_score(
            tf.stack(list(self._scaled.values()), axis=1), elementwise=True
        )
        scaled = tf.where(tf.math.is_nan(scaled), tf.zeros_like(scaled), scaled)
        scaled = tf.clip_by_value(scaled, -LARGEST_SCALED, LARGEST_SCALED)
        self._outputs.update(zip(self._scaled, tf.unstack(scaled, axis=1), strict=True))

    def _bucketise_all(self) -> None:
        for buckets, numbers in self._bucketised.items():
            matrix = tf.stack(list(numbers.values()), axis=1)
            boundaries = tft.quantiles(
                matrix, buckets, epsilon=min(0.01, 1 / buckets), reduce_instance_dims=False
            )
            boundaries = tf.ensure_shape(boundaries, [len(numbers), buckets - 1])
            missing = tf.math.is_nan(matrix)
            known = tf.where(missing, tf.zeros_like(matrix), matrix)
            # Transposed: searchsorted wants one row of sorted boundaries per row of values.
            found = tf.searchsorted(boundaries, tf.transpose(known), side="right")
            index = _index(tf.cast(tf.transpose(found), tf.int64), missing)
            self._outputs.update(zip(numbers, tf.unstack(index, axis=1), strict=True))

    def _flag_all(self) -> None:
        if not self._flags:
            return
        flags = tf.cast(tf.stack(list(self._flags.values()), axis=1), tf.float32)
        # A flag that training never saw raised would meet an untrained weight: it
        # stays down in serving, too.
        ever = tft.max(flags, reduce_instance_dims=False)
        self._outputs.update(zip(self._flags, tf.unstack(flags * ever, axis=1), strict=True))

    def _hashed(self, parts: list[str], buckets: int) -> tf.Tensor:
        texts = [tf.strings.as_string(self._outputs[part]) for part in parts]
        return 1 + tf.strings.to_hash_bucket_fast(tf.strings.join(texts, separator="|"), buckets)


def _looked_up(name: str, role: CategoricalRole | TextRole, texts: tf.Tensor) -> tf.Tensor:
    """The texts' places in their vocabulary, from 0; unknown ones come behind it.

    TFT leaves the empty text, which is a missing one, out of the vocabulary, and texts
    with line ends, which nobody gives here: see `one_line`; tokens have none.
    """
    vocabulary = tft.vocabulary(
        texts,
        top_k=role.top_k,
        frequency_threshold=role.min_count if role.min_count > 1 else None,
        vocab_filename=vocabulary_name(name),
    )
    return tft.apply_vocabulary(texts, vocabulary, num_oov_buckets=role.out_of_vocabulary_buckets)


def _index(values: tf.Tensor, missing: tf.Tensor) -> tf.Tensor:
    """Shifts values that count from 0 by one, and gives 0 to the missing."""
    return tf.where(missing, tf.zeros_like(values), values + 1)
