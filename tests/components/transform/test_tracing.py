"""What a trace tells about a preprocessing_fn."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf
from tensorflow_transform import graph_tools, tf2_utils

from components.transform.tracing import Tracer
from tests.components.transform import preprocessing_rare


def test_the_features_of_each_analyzer_are_those_that_tft_finds(tmp_path: Path) -> None:
    text = tf.SparseTensorSpec([None, None], tf.string)
    specs = {
        "fare": tf.SparseTensorSpec([None, None], tf.float32),
        "hour": tf.TensorSpec([None], tf.int64),
        **dict.fromkeys(("payment", "company", "tags"), text),
    }
    traced = Tracer(preprocessing_rare.preprocessing_fn, specs, str(tmp_path)).analysis()
    graph = traced.function.graph
    fingerprints = graph_tools.get_analyzers_fingerprint(
        graph, tf2_utils.get_structured_inputs_from_func_graph(graph)
    )
    assert traced.sources == {name: set(each.source_keys) for name, each in fingerprints.items()}
