"""Texts as their tokens' embeddings taken together (Joulin et al. 2017, "Bag of Tricks for
Efficient Text Classification", https://arxiv.org/abs/1607.01759).

The sum is divided by the square root of the number of tokens: a mean would leave little
of one telling word in a long text. In training some tokens are left out at random, so that
no rare one is learned by heart (Iyyer et al. 2015, "Deep Unordered Composition Rivals
Syntactic Methods for Text Classification").
"""

from __future__ import annotations

import keras
import tensorflow as tf

from models.input_layout import BagColumns


class BagEmbedding(keras.layers.Layer):
    """One text's embedding for the deep part, and its logits for the wide one.

    Args:
      bag: The text's columns in the matrix of bags.
      units: The number of logits.
      wide: Whether each token has weights of its own for the logits.
      dropout: Share of tokens left out in training.
      seeds: Of the first weights.
    """

    def __init__(
        self,
        bag: BagColumns,
        units: int,
        wide: bool,
        dropout: float,
        seeds: keras.random.SeedGenerator,
    ) -> None:
        super().__init__(name="bag_embedding")
        self.columns = bag.width
        self._first, self._last = bag.first_column, bag.first_column + bag.length
        self._table = self.add_weight(
            shape=(bag.cardinality, bag.width),
            initializer=keras.initializers.RandomNormal(stddev=0.1, seed=seeds),
            name="tokens",
        )
        self._dropout, self._seeds = dropout, seeds
        self._wide = None
        if wide:
            self._wide = self.add_weight(
                shape=(bag.cardinality, units), initializer="zeros", name="wide_tokens"
            )
        self.built = True

    def call(self, bags: tf.Tensor, training: bool = False) -> tuple[tf.Tensor, tf.Tensor | None]:
        """Takes the tokens of each row together.

        Args:
          bags: int32 [batch, tokens] of all bags; 0 is no token.
          training: Whether tokens are left out.

        Returns:
          float32 [batch, width], and [batch, units] or None; zeros for an empty text.
        """
        tokens = bags[:, self._first : self._last]
        present = tf.cast(tokens > 0, tf.float32)
        count = tf.maximum(tf.reduce_sum(present, axis=1, keepdims=True), 1.0)
        share = present / tf.sqrt(count)
        if training:
            share = keras.random.dropout(share, self._dropout, seed=self._seeds)

        def pooled(table: tf.Tensor) -> tf.Tensor:
            rows = tf.gather(table, tokens)
            return tf.matmul(share[:, tf.newaxis, :], rows)[:, 0, :]

        return pooled(self._table.value), None if self._wide is None else pooled(self._wide.value)
