"""The analysis graph, as far as it needs no data."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
from tensorflow_transform import analyzer_nodes, nodes
from tensorflow_transform.beam import beam_nodes

from components.in_memory import NotInMemoryError
from components.transform.analysis import analyze


def _graph_with(operation: type, **settings: Any) -> Any:
    """A graph that binds the result of one operation on the raw data."""
    with tf.Graph().as_default():
        source = nodes.apply_operation(
            beam_nodes.ExtractInputForSavedModel, dataset_key=None, label="input"
        )
        result = nodes.apply_operation(operation, source, **settings)
        binding = nodes.apply_operation(
            beam_nodes.CreateTensorBinding,
            result,
            tensor_name="x:0",
            dtype_enum=tf.float32.as_datatype_enum,
            is_asset_filepath=False,
            label="binding",
        )
        return nodes.apply_operation(
            beam_nodes.CreateSavedModel,
            binding,
            table_initializers=(),
            output_signature={},
            label="CreateSavedModel",
        )


def _fail() -> Any:
    raise AssertionError("the data was read")


def test_an_unknown_operation_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    graph = _graph_with(
        analyzer_nodes.PTransform,
        ptransform=None,
        output_tensor_info_list=[analyzer_nodes.TensorInfo(tf.float32, (), None)],
        is_partitionable=False,
    )
    traced: Any = types.SimpleNamespace(graph=graph)
    tracer: Any = None
    with pytest.raises(NotInMemoryError, match="PTransform"):
        analyze(tracer, traced, _fail, str(tmp_path))


def test_an_accumulation_of_something_else_than_the_data_is_refused(tmp_path: Path) -> None:
    graph = _graph_with(analyzer_nodes.VocabularyAccumulate, vocab_ordering_type=1)
    traced: Any = types.SimpleNamespace(graph=graph)
    tracer: Any = None
    with pytest.raises(NotInMemoryError, match="does not read the data"):
        analyze(tracer, traced, _fail, str(tmp_path))
