from __future__ import annotations

import numpy as np
import pytest

from core.errors import DataError, UserError
from models.heads import make_head, weights_of_classes


def test_each_task_starts_from_the_labels_distribution() -> None:
    import tensorflow as tf

    binary = make_head("binary", ["no", "yes"], np.array([0, 0, 0, 1]))
    start = binary.predictions(tf.constant([binary.bias]))
    np.testing.assert_allclose(start, [[0.7, 0.3]], rtol=1e-5)
    three = make_head("multiclass", ["a", "b", "c"], np.array([0, 1, 1, 2]))
    start = three.predictions(tf.constant([three.bias]))
    np.testing.assert_allclose(start, [[3 / 11, 5 / 11, 3 / 11]], rtol=1e-5)
    number = make_head("regression", [], np.array([1.0, 3.0]))
    assert number.predictions(tf.constant([number.bias])).numpy().tolist() == [2.0]


def test_metrics_are_those_of_the_task() -> None:
    labels = np.array([0, 1, 1])
    binary = make_head("binary", ["no", "yes"], labels)
    found = binary.metrics(labels, np.array([[0.8, 0.2], [0.3, 0.7], [0.6, 0.4]]))
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["auc"] == 1.0
    assert found["loss"] == pytest.approx(-np.log([0.8, 0.7, 0.4]).mean())
    number = make_head("regression", [], np.array([0.0, 2.0]))
    found = number.metrics(np.array([0.0, 4.0]), np.array([3.0, 0.0]))
    assert found["mean_absolute_error"] == 3.5
    assert found["root_mean_squared_error"] == pytest.approx(12.5**0.5)


def test_the_loss_follows_the_weights_and_agrees_with_the_metric() -> None:
    import tensorflow as tf

    labels = np.array([0, 1, 2])
    head = make_head("multiclass", ["a", "b", "c"], labels)
    logits = tf.constant([[2.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    even = head.loss(tf.constant(labels), logits, tf.ones([3]))
    assert float(even) == pytest.approx(
        head.metrics(labels, head.predictions(logits).numpy())["loss"]
    )
    last = head.loss(tf.constant(labels), logits, tf.constant([0.0, 0.0, 5.0]))
    assert float(last) == pytest.approx(np.log(3), rel=1e-5)


def test_nothing_to_learn_is_told_apart() -> None:
    with pytest.raises(DataError, match="no row"):
        make_head("binary", ["no", "yes"], np.zeros(0, np.int64))
    with pytest.raises(DataError, match="all 3 labels") as caught:
        make_head("binary", ["no", "yes"], np.ones(3, np.int64))
    assert "yes" in caught.value.evidence[0]


def test_class_weights_are_balanced_or_named() -> None:
    labels = np.array([0, 0, 0, 1])
    head = make_head("binary", ["no", "yes"], labels)
    np.testing.assert_allclose(weights_of_classes("balanced", head, labels), [2 / 3, 2.0])
    assert weights_of_classes({"yes": 5.0}, head, labels).tolist() == [1.0, 5.0]
    with pytest.raises(UserError, match="'yess'") as caught:
        weights_of_classes({"yess": 5.0}, head, labels)
    assert "'yes'" in caught.value.hint
    number = make_head("regression", [], np.array([1.0, 2.0]))
    with pytest.raises(UserError, match="no class weights"):
        weights_of_classes("balanced", number, np.array([1.0, 2.0]))


def test_a_loss_that_weighs_classes_counts_a_rare_ones_mistake_as_much() -> None:
    labels = np.array([0, 0, 0, 1])
    head = make_head("binary", ["no", "yes"], labels)
    bold = np.array([[0.5, 0.5]] * 3 + [[0.1, 0.9]])
    shy = np.array([[0.9, 0.1]] * 3 + [[0.7, 0.3]])
    weights = weights_of_classes("balanced", head, labels)
    assert head.metrics(labels, bold)["loss"] > head.metrics(labels, shy)["loss"]
    assert head.metrics(labels, bold, weights)["loss"] < head.metrics(labels, shy, weights)["loss"]
