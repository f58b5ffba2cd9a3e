"""A wide-and-deep model of tabular data.

The wide part is a linear model of every index (vocabulary entry, bucket, cross) and
number; it remembers. The deep part is a network over embeddings and numbers; it
generalises. Both are trained together (Cheng et al. 2016, "Wide & Deep Learning for
Recommender Systems", https://arxiv.org/abs/1606.07792). Numbers may be embedded in
pieces (`models.piecewise_linear`); then the wide part is a sum of curves.
"""

from __future__ import annotations

import keras
import tensorflow as tf

from models.bags import BagEmbedding
from models.heads import Head
from models.hyperparameters import Hyperparameters
from models.input_layout import BAG, DENSE, INDEX, InputLayout
from models.piecewise_linear import PiecewiseLinear


class WideAndDeep(keras.Model):
    """Gives logits, float32 [batch, units], of the stacked inputs.

    Hidden layers are dense layers with layer normalisation before the activation;
    dropout follows each. The last deep layer starts at zero, so that the model begins
    as the label's distribution.

    Args:
      layout: The inputs' layout.
      head: The task's head.
      hyperparameters: Sizes and rates.
    """

    def __init__(self, layout: InputLayout, head: Head, hyperparameters: Hyperparameters) -> None:
        super().__init__(name="wide_and_deep")
        self._layout_tables = layout.widths()
        seeds = keras.random.SeedGenerator(hyperparameters.seed)
        self._tables = [
            self.add_weight(
                shape=(rows, width),
                initializer=keras.initializers.RandomNormal(stddev=0.1, seed=seeds),
                name=f"embedding_{width}",
            )
            for width, _, rows in self._layout_tables
        ]
        self._bias = self.add_weight(
            shape=(head.units,),
            initializer=lambda shape, dtype=None: tf.constant(head.bias, tf.float32),
            name="bias",
        )
        self._pieces: PiecewiseLinear | None = None
        if layout.knots:
            self._pieces = PiecewiseLinear(layout.knots, hyperparameters.numeric_embedding, seeds)
        self._bags = [
            BagEmbedding(bag, head.units, hyperparameters.wide, hyperparameters.dropout, seeds)
            for bag in layout.bags
        ]
        self._wide: dict[str, keras.Variable] = {}
        if hyperparameters.wide:
            rows = sum(index.cardinality for index in layout.indices)
            numbers = len(layout.dense) * (self._pieces.pieces if self._pieces else 1)
            sizes = (("wide_index", rows), ("wide_dense", numbers))
            # None of what no feature needs: a weight without a gradient.
            self._wide = {
                name: self.add_weight(shape=(size, head.units), initializer="zeros", name=name)
                for name, size in sizes
                if size
            }
        first = [0]
        for _, _, table_rows in self._layout_tables:
            first.append(first[-1] + table_rows)
        self._wide_first_rows = [
            first[table]
            for table, (_, columns, _) in enumerate(self._layout_tables)
            for _ in range(columns)
        ]
        self._hidden = []
        for units in hyperparameters.hidden_units:
            self._hidden.append(
                (
                    keras.layers.Dense(
                        units,
                        use_bias=False,
                        kernel_initializer=keras.initializers.HeNormal(seed=seeds),
                    ),
                    keras.layers.LayerNormalization(),
                    keras.layers.Activation(hyperparameters.activation),
                    keras.layers.Dropout(hyperparameters.dropout, seed=hyperparameters.seed),
                )
            )
        self._last = keras.layers.Dense(head.units, use_bias=False, kernel_initializer="zeros")
        deep_width = len(layout.dense) + (self._pieces.columns if self._pieces else 0)
        deep_width += sum(width * n for width, n, _ in self._layout_tables)
        deep_width += sum(bag.columns for bag in self._bags)
        for dense, normalisation, _, _ in self._hidden:
            dense.build((None, deep_width))
            deep_width = dense.units
            normalisation.build((None, deep_width))
        self._last.build((None, deep_width))
        self.built = True

    def call(self, inputs: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Computes the logits.

        Args:
          inputs: "dense" float32 [batch, features] and "index" int32 [batch, indices];
            with texts "bag" int32 [batch, tokens].
          training: Whether dropout is on.
        """
        dense, index = inputs[DENSE], inputs[INDEX]
        numbers = dense
        if self._pieces is not None:
            encoded = self._pieces.encode(dense)
            # Beside its pieces the bare number, which a straight line needs no pieces for.
            dense = tf.concat([self._pieces.clip(dense), self._pieces(encoded)], axis=1)
            numbers = tf.reshape(encoded, [-1, encoded.shape[1] * encoded.shape[2]])
        parts = [dense]
        column = 0
        for table, (width, columns, _) in zip(self._tables, self._layout_tables, strict=True):
            rows = index[:, column : column + columns]
            parts.append(tf.reshape(tf.gather(table.value, rows), [-1, columns * width]))
            column += columns
        texts = [bag(inputs[BAG], training=training) for bag in self._bags]
        hidden = tf.concat([*parts, *(mean for mean, _ in texts)], axis=1)
        for layer, normalisation, activation, dropout in self._hidden:
            hidden = activation(normalisation(layer(hidden)))
            if training:
                hidden = dropout(hidden, training=True)
        logits = self._last(hidden) + self._bias.value
        if "wide_index" in self._wide:
            rows = index + tf.constant(self._wide_first_rows, tf.int32)
            logits += tf.reduce_sum(tf.gather(self._wide["wide_index"].value, rows), axis=1)
        if "wide_dense" in self._wide:
            logits += tf.matmul(numbers, self._wide["wide_dense"].value)
        for _, wide_text in texts:
            if wide_text is not None:
                logits += wide_text
        return logits
