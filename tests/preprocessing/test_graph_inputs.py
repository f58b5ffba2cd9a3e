"""The inputs behind the tensors of a graph."""

from __future__ import annotations

import tensorflow as tf

from preprocessing.graph_inputs import GraphInputs


def test_inputs_are_found_through_operations_and_components() -> None:
    with tf.Graph().as_default() as graph:
        inputs = {
            "text": tf.compat.v1.sparse_placeholder(tf.string, [None, None]),
            "fare": tf.compat.v1.placeholder(tf.float32, [None]),
            "tip": tf.compat.v1.placeholder(tf.float32, [None]),
        }
        share = inputs["tip"] / inputs["fare"]
        words = tf.strings.lower(inputs["text"].values)
        fixed = tf.constant(1.0)
    found = GraphInputs(graph, inputs, control=False)
    assert found.of([share]) == ["fare", "tip"]
    assert found.of([words, inputs["tip"].op]) == ["text", "tip"]
    assert found.of([fixed]) == []


def test_what_is_only_waited_for_counts_if_asked_for() -> None:
    with tf.Graph().as_default() as graph:
        inputs = {"fare": tf.compat.v1.placeholder(tf.float32, [None])}
        with tf.control_dependencies([tf.debugging.assert_positive(inputs["fare"])]):
            later = tf.constant(1.0) + 1.0
    assert GraphInputs(graph, inputs, control=True).of([later]) == ["fare"]
    assert GraphInputs(graph, inputs, control=False).of([later]) == []
