"""Numbers as embeddings that are linear in pieces.

A number becomes one value for each piece between two quantiles: how far it is through
the piece, between 0 and 1. A weight per piece then makes any curve of straight lines,
which a network over the bare number has to find with its hidden units; and a number far
outside what was seen counts as the last quantile (Gorishniy et al. 2022, "On Embeddings
for Numerical Features in Tabular Deep Learning", https://arxiv.org/abs/2203.05556).
"""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

_LOWEST_RISE = 1e-6
_FIRST_SPREAD = 0.3


def quantile_knots(values: np.ndarray, pieces: int) -> tuple[tuple[float, ...], ...]:
    """The quantiles between which each feature's pieces lie.

    Args:
      values: float32 [rows, features].
      pieces: Most pieces of a feature.

    Returns:
      For each feature at least two ascending numbers; fewer than `pieces` + 1 where many
      values are alike.
    """
    found: list[tuple[float, ...]] = []
    shares = np.linspace(0.0, 1.0, pieces + 1)
    for column in values.T:
        known = column[np.isfinite(column)].astype(np.float64)
        different = np.unique(known)
        if len(different) <= pieces + 1:
            knots = different
        else:
            knots = np.unique(np.quantile(known, shares))
        apart = [float(knot) for knot in knots[:1]]
        for knot in knots[1:]:
            if knot - apart[-1] > _LOWEST_RISE:
                apart.append(float(knot))
        found.append(tuple(apart) if len(apart) > 1 else (0.0, 1.0))
    return tuple(found)


class PiecewiseLinear(keras.layers.Layer):
    """Encodes each number by its pieces, and embeds the encodings.

    Args:
      knots: As `quantile_knots` gives them.
      width: The embedding's width for each number.
      seeds: Of the first weights.
    """

    def __init__(
        self, knots: tuple[tuple[float, ...], ...], width: int, seeds: keras.random.SeedGenerator
    ) -> None:
        super().__init__(name="piecewise_linear")
        self.pieces = max(len(known) for known in knots) - 1
        low = np.zeros((len(knots), self.pieces), np.float32)
        steepness = np.zeros((len(knots), self.pieces), np.float32)
        for feature, known in enumerate(knots):
            low[feature, : len(known) - 1] = known[:-1]
            steepness[feature, : len(known) - 1] = 1.0 / np.diff(known)
        # A feature of fewer pieces has further ones that are always 0.
        self._low, self._steepness = low, steepness
        self._lowest = np.array([known[0] for known in knots], np.float32)
        self._highest = np.array([known[-1] for known in knots], np.float32)
        # Curves that start smaller than the bare number overfit small tables less.
        spread = keras.initializers.RandomNormal(
            stddev=_FIRST_SPREAD * (2.0 / self.pieces) ** 0.5, seed=seeds
        )
        self._kernel = self.add_weight(
            shape=(len(knots), self.pieces, width), initializer=spread, name="kernel"
        )
        self._offset = self.add_weight(
            shape=(len(knots), 1, width), initializer="zeros", name="bias"
        )
        self.columns = len(knots) * width
        self.built = True

    def clip(self, dense: tf.Tensor) -> tf.Tensor:
        """The numbers between the first and the last quantile, float32 [batch, features]."""
        return tf.clip_by_value(dense, self._lowest, self._highest)

    def encode(self, dense: tf.Tensor) -> tf.Tensor:
        """How far each number is through each piece, float32 [batch, features, pieces]."""
        through = (dense[:, :, tf.newaxis] - self._low) * self._steepness
        return tf.clip_by_value(through, 0.0, 1.0)

    def call(self, encoded: tf.Tensor) -> tf.Tensor:
        """Embeds what `encode` gives.

        Returns:
          float32 [batch, features * width].
        """
        by_feature = tf.transpose(encoded, [1, 0, 2])
        embedded = tf.nn.relu(tf.matmul(by_feature, self._kernel.value) + self._offset.value)
        return tf.reshape(tf.transpose(embedded, [1, 0, 2]), [-1, self.columns])
