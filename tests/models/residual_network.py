"""A project's own model: a residual network over numbers and embeddings.

`trainer: {model: residual_network}` trains it in the place of Millrace's own (blocks as in
Gorishniy et al. 2021, "Revisiting Deep Learning Models for Tabular Data").
"""

from __future__ import annotations

import keras


def make_model(layout, head, hyperparameters):
    """Makes a model that gives logits, float32 [batch, head.units]."""
    numbers = keras.Input([len(layout.dense)])
    indices = keras.Input([len(layout.indices)], dtype="int32")
    parts = [numbers]
    first = 0
    # Indices of one width stand together and share a table.
    for width, columns, rows in layout.widths():
        of_width = indices[:, first : first + columns]
        embedded = keras.layers.Embedding(rows, width)(of_width)
        parts.append(keras.layers.Reshape([columns * width])(embedded))
        first += columns
    units = hyperparameters.hidden_units[0]
    hidden = keras.layers.Dense(units)(keras.layers.Concatenate()(parts))
    for _ in hyperparameters.hidden_units:
        inner = keras.layers.BatchNormalization()(hidden)
        inner = keras.layers.Dense(2 * units, activation="relu")(inner)
        inner = keras.layers.Dropout(hyperparameters.dropout)(inner)
        hidden = keras.layers.Add()([hidden, keras.layers.Dense(units)(inner)])
    logits = keras.layers.Dense(head.units)(keras.layers.LayerNormalization()(hidden))
    return keras.Model({"dense": numbers, "index": indices}, logits)
