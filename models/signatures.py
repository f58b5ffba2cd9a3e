"""The exported model: one SavedModel with three signatures.

``serving_default`` takes serialized tf.Examples (``examples``, string [batch]);
``serving_raw`` takes one tensor of shape [batch] for each raw column, called as
`models.outputs.raw_input_names` says (the column's name where that is a plain one); a
value that is not known is sent as ``""``, not-a-number, or `MISSING_INTEGER`. Both give:

* binary: ``classes`` string [batch, 2], ``probabilities`` float32 [batch, 2], and
  ``score`` float32 [batch], the probability of the second class;
* multiclass: ``classes`` and ``probabilities`` [batch, classes], and ``class`` string
  [batch], the likeliest;
* regression: ``prediction`` float32 [batch].

``transform_features`` takes serialized tf.Examples with the label's columns and
gives the transformed features and the label, for evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from models.heads import Head
from models.input_layout import InputLayout, flat
from models.outputs import (
    SERVING_DEFAULT,
    SERVING_RAW,
    TRANSFORM_FEATURES,
    prediction_key,
    raw_input_names,
)
from models.own_model import forward
from models.transform_graph import TransformGraph
from preprocessing.features import LABEL_KEY

if TYPE_CHECKING:
    import keras
    import tensorflow_transform as tft

__all__ = ["ServingModule", "export", "prediction_key"]


class ServingModule(tf.Module):
    """What the SavedModel holds: the transform graph, the weights and the signatures.

    The Keras model itself is left out: without its layers' bookkeeping the export
    takes a fraction of the time, and a server needs the signatures only.

    Args:
      model: The trained model over the stacked inputs.
      head: Its head.
      layout: Its inputs.
      transform_output: The analysed transform graph.
      columns: The raw columns that the features read.
    """

    def __init__(
        self,
        model: keras.Model,
        head: Head,
        layout: InputLayout,
        transform_output: tft.TFTransformOutput,
        columns: Sequence[str],
    ) -> None:
        super().__init__()
        self.weights = [weight.value for weight in model.weights]
        # An attribute of its own, so that its tables and assets are tracked.
        transform = TransformGraph(transform_output.transform_savedmodel_dir)
        self.transform_graph = transform.loaded
        self._transform = transform
        self._apply = forward(model)
        self._head = head
        self._layout = layout
        self._raw_spec = transform_output.raw_feature_spec()
        self._columns = [name for name in columns if name in self._raw_spec]
        self._raw_names = raw_input_names(self._columns)

    def signatures(self) -> dict[str, Any]:
        """The concrete functions by signature name."""
        raw = {name: self._raw_tensor(column) for column, name in self._raw_names.items()}
        examples = tf.TensorSpec([None], tf.string, name="examples")
        return {
            SERVING_DEFAULT: _traced(self._serve_examples, examples),
            SERVING_RAW: _traced(self._serve_raw, **raw),
            TRANSFORM_FEATURES: _traced(self._transform_examples, examples),
        }

    def _raw_tensor(self, column: str) -> tf.TensorSpec:
        return tf.TensorSpec([None], self._raw_spec[column].dtype, name=self._raw_names[column])

    def _serve_examples(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        spec = {name: self._raw_spec[name] for name in self._columns}
        return self._predict(tf.io.parse_example(examples, spec))

    def _serve_raw(self, **raw: tf.Tensor) -> dict[str, tf.Tensor]:
        given = {column: raw[name] for column, name in self._raw_names.items()}
        # One set of indices for all columns. One of another length does not fit them,
        # which TensorFlow refuses.
        rows = tf.size(next(iter(given.values())), out_type=tf.int64)
        numbers = tf.range(rows)
        indices = tf.stack([numbers, tf.zeros_like(numbers)], axis=1)
        shape = tf.stack([rows, tf.constant(1, tf.int64)])
        parsed = {}
        for name, values in given.items():
            spec = self._raw_spec[name]
            if isinstance(spec, tf.io.FixedLenFeature):
                parsed[name] = tf.reshape(values, [-1, *spec.shape])
            else:
                # preprocessing_fn itself knows the markers of missing values, so every
                # row may be handed over as present.
                parsed[name] = tf.SparseTensor(indices, values, shape)
        return self._predict(parsed)

    def _transform_examples(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        transformed = self._transform(tf.io.parse_example(examples, self._raw_spec))
        bags = {bag.name for bag in self._layout.bags}
        return {name: value if name in bags else flat(value) for name, value in transformed.items()}

    def _predict(self, raw: dict[str, Any]) -> dict[str, tf.Tensor]:
        transformed = self._transform(raw)
        transformed.pop(LABEL_KEY, None)
        logits = self._apply(self._layout.stack(transformed), training=False)
        predictions = self._head.predictions(logits)
        if self._head.task == "regression":
            return {"prediction": predictions}
        names = tf.constant(self._head.classes)
        outputs = {
            "classes": tf.tile(names[tf.newaxis, :], [tf.shape(predictions)[0], 1]),
            "probabilities": predictions,
        }
        if self._head.task == "binary":
            outputs["score"] = predictions[:, 1]
        else:
            outputs["class"] = tf.gather(names, tf.argmax(predictions, axis=1))
        return outputs


def _traced(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    # AutoGraph would rewrite TFT's sources and the model's, which need none of it and
    # which takes most of the time of an export.
    return tf.function(function, autograph=False).get_concrete_function(*arguments, **named)


def export(module: ServingModule, folder: str) -> None:
    """Writes the SavedModel.

    Args:
      module: The module.
      folder: Where to write; a local folder or a URI that TensorFlow can write.
    """
    # The debug information (file and line of every node) takes longer to write than
    # the model and is of no use to a server.
    options = tf.saved_model.SaveOptions(save_debug_info=False)
    tf.saved_model.save(module, folder, signatures=module.signatures(), options=options)
