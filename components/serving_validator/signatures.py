"""The signatures of a SavedModel, read from its file without loading it."""

from __future__ import annotations

import os
from typing import Any

Inputs = dict[str, dict[str, Any]]


def raw_inputs(model_path: str, signature: str) -> Inputs:
    """The inputs of a signature that takes one tensor of shape [batch] for each column.

    Args:
      model_path: The folder of the SavedModel.
      signature: Its name.

    Returns:
      `dtype` and `shape` by name; empty where there is no such signature, where it takes
      something else, or where the file cannot be read (loading the model will tell).
    """
    import tensorflow as tf
    from google.protobuf import message
    from tensorflow.core.protobuf import saved_model_pb2

    try:
        with tf.io.gfile.GFile(os.path.join(model_path, "saved_model.pb"), "rb") as file:
            model = saved_model_pb2.SavedModel.FromString(file.read())
    except (tf.errors.OpError, message.DecodeError):
        return {}
    for graph in model.meta_graphs:
        if "serve" in graph.meta_info_def.tags and signature in graph.signature_def:
            inputs: Inputs = {}
            for name, spec in graph.signature_def[signature].inputs.items():
                if spec.tensor_shape.unknown_rank or len(spec.tensor_shape.dim) != 1:
                    return {}
                inputs[name] = {"dtype": tf.as_dtype(spec.dtype).name, "shape": [None]}
            return dict(sorted(inputs.items()))
    return {}


def size_of(model_path: str) -> int:
    """The size of all files below a folder, in bytes.

    Args:
      model_path: A local folder or a URI that TensorFlow can read.
    """
    import tensorflow as tf

    return sum(
        int(tf.io.gfile.stat(os.path.join(folder, name)).length)
        for folder, _, names in tf.io.gfile.walk(model_path)
        for name in names
    )
