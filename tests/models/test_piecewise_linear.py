from __future__ import annotations

import numpy as np

from models.piecewise_linear import PiecewiseLinear, quantile_knots


def test_knots_are_quantiles_or_the_values_where_few_are_different() -> None:
    values = np.stack([np.arange(101), np.arange(101) % 3, np.full(101, 5.0)], axis=1)
    spread, few, constant = quantile_knots(values.astype(np.float32), 4)
    assert spread == (0.0, 25.0, 50.0, 75.0, 100.0)
    assert few == (0.0, 1.0, 2.0)
    assert constant == (0.0, 1.0)


def test_values_that_are_no_numbers_are_no_knots() -> None:
    [knots] = quantile_knots(np.array([[np.nan], [1.0], [np.inf], [2.0]], np.float32), 4)
    assert knots == (1.0, 2.0)


def test_a_number_is_how_far_it_is_through_each_piece() -> None:
    import keras
    import tensorflow as tf

    layer = PiecewiseLinear(((0.0, 1.0, 3.0), (0.0, 2.0)), 5, keras.random.SeedGenerator(1))
    encoded = layer.encode(tf.constant([[2.0, 1.0], [-9.0, 99.0]]))
    np.testing.assert_allclose(encoded[0], [[1.0, 0.5], [0.5, 0.0]])
    np.testing.assert_allclose(encoded[1], [[0.0, 0.0], [1.0, 0.0]])
    assert layer(encoded).shape == (2, 10)
    np.testing.assert_allclose(layer.clip(tf.constant([[-9.0, 99.0]])), [[0.0, 2.0]])


def test_a_step_is_learned_that_a_straight_line_cannot_make() -> None:
    from types import SimpleNamespace
    from typing import Any

    from models.heads import make_head
    from models.hyperparameters import Hyperparameters
    from models.input_layout import InputLayout
    from models.input_pipeline import Rows
    from models.training_loop import train_model

    def best_loss(pieces: int) -> float:
        knots = quantile_knots(x, pieces) if pieces else ()
        problem: Any = SimpleNamespace(
            layout=InputLayout(("x",), (), (), knots),
            head=make_head("regression", [], y),
            own_model=None,
            train_fits=True,
            train_rows=rows,
            eval_rows=rows,
        )
        chosen = Hyperparameters(
            train_steps=200, batch_size=128, learning_rate=0.02, hidden_units=(), dropout=0.0
        )
        record = train_model(
            problem, chosen, log_folder=None, checkpoint_folder=None, identity="step"
        ).record
        return float(record["metrics"]["loss"])

    x = np.linspace(-2, 2, 512, dtype=np.float32)[:, np.newaxis]
    y = np.where(np.abs(x[:, 0]) < 1, 1.0, -1.0).astype(np.float32)
    rows = Rows(x, np.zeros((512, 0), np.int32), y, 0)
    assert best_loss(16) < 0.4 < 0.9 < best_loss(0)
