"""What a trace tells about a preprocessing_fn."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
import tensorflow as tf
from tensorflow_transform import graph_tools, tf2_utils

from components.transform.tracing import Tracer
from pipeline.extensions.failures import own_failure
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


def test_a_failure_of_an_own_preprocessing_fn_names_its_line(tmp_path: Path) -> None:
    module = tmp_path / "own_features.py"
    module.write_text("def preprocessing_fn(inputs):\n    return {'fare': inputs['fair']}\n")
    function = runpy.run_path(str(module))["preprocessing_fn"]
    tracer = Tracer(function, {"fare": tf.TensorSpec([None], tf.float32)}, str(tmp_path))
    with pytest.raises(KeyError) as caught:
        tracer.analysis()
    error = own_failure(caught.value, "Transform")
    assert error is not None
    assert error.headline == "Transform failed in code of your own: KeyError: 'fair'"
    assert error.evidence[-1].startswith(f"at {module}:2, in preprocessing_fn")
