"""Predictions, labels and weights of batches of serialized tf.Examples.

TFMA calls a model's signatures in batches of at most a few hundred examples and
splits the results into examples. Here one TensorFlow function per model calls the
serving signature and the preprocessing ones on ten thousand examples at a time, and
returns only the outputs that metrics and slices read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import tensorflow as tf
import tensorflow_model_analysis as tfma

from components.evaluator.metrics.scores import Array
from components.in_memory import NotInMemoryError
from core.errors import ModelError

_DEFAULT_SIGNATURE = "serving_default"
# TFMA's own order where the configuration names no output.
_USUAL_PREDICTIONS = (
    "scores",
    "outputs",
    "predictions",
    "logistic",
    "probabilities",
    "logits",
)
# TFMA tries these where the configuration names no preprocessing function.
_USUAL_PREPROCESSING = ("transformed_features", "transformed_labels")
_PREDICTION = "prediction"
_FEATURES = "features"
_CLASSES = "classes"


class ServedModel:
    """An exported model, as evaluation calls it.

    Args:
      path: The folder of the SavedModel.
      spec: The model's part of the EvalConfig.
      wanted: The transformed features to return, where the model has them.
      raw_features: The names of the raw features that the examples hold.

    Raises:
      ModelError: If the model lacks a signature or an output that the spec names.
      NotInMemoryError: If a signature takes something else than serialized examples.
    """

    def __init__(
        self,
        path: str,
        spec: tfma.ModelSpec,
        wanted: Collection[str],
        raw_features: Collection[str] = (),
    ) -> None:
        if spec.label_keys or spec.example_weight_keys or spec.HasField("padding_options"):
            raise NotInMemoryError("the model has several outputs or padded ones")
        self._path = path
        # The functions below stay valid only while the loaded model lives.
        self._model = tf.saved_model.load(path, tags=[tf.saved_model.SERVING])
        serving = self._signature(spec.signature_name or _DEFAULT_SIGNATURE)
        self._serving = serving
        output = _prediction_output(path, serving.structured_outputs, spec.prediction_key)
        transforms = list(self._transforms(spec))
        self.transformed_features = frozenset(
            name
            for transform in transforms
            for name in transform.structured_outputs
            if name in wanted
        )
        for signature in (serving, *transforms):
            if _input_name(signature) in raw_features:
                raise NotInMemoryError("a signature's input has the name of a feature")

        def evaluate(serialized: tf.Tensor) -> dict[str, Any]:
            features = {}
            for transform in transforms:
                for name, value in transform(**{_input_name(transform): serialized}).items():
                    if name in self.transformed_features:
                        features[name] = _dense(value)
            predicted = serving(**{_input_name(serving): serialized})[output]
            return {_PREDICTION: _dense(predicted), _FEATURES: features}

        self._evaluate = tf.function(
            evaluate, input_signature=[tf.TensorSpec([None], tf.string)], autograph=False
        )

    def __call__(self, serialized: tf.Tensor) -> tuple[Array, dict[str, Array]]:
        """Evaluates a batch.

        Args:
          serialized: Serialized tf.Examples, shape [examples].

        Returns:
          The predictions, shape [examples, ...], and the wanted transformed features
          by name, shape [examples, ...] each.
        """
        outputs = self._evaluate(serialized)
        features = {name: value.numpy() for name, value in outputs[_FEATURES].items()}
        return outputs[_PREDICTION].numpy(), features

    def class_names(self, serialized: tf.Tensor) -> list[str]:
        """The names of the classes in the order of their numbers.

        Args:
          serialized: One serialized tf.Example, shape [1].

        Returns:
          What the signature's output ``classes`` says; empty where it has none.
        """
        classes = self._serving.structured_outputs.get(_CLASSES)
        if classes is None or classes.dtype != tf.string or classes.shape.rank != 2:
            return []
        found = self._serving(**{_input_name(self._serving): serialized})[_CLASSES].numpy()
        return [name.decode("utf-8", "replace") for name in found[0].tolist()]

    def _transforms(self, spec: tfma.ModelSpec) -> Iterable[Any]:
        if spec.preprocessing_function_names:
            for name in spec.preprocessing_function_names:
                if "@" in name:
                    raise NotInMemoryError("preprocessing functions of TFMA are used")
                yield self._signature(name)
            return
        for name in _USUAL_PREPROCESSING:
            if name in self._model.signatures:
                yield self._model.signatures[name]
            elif hasattr(self._model, name):
                raise NotInMemoryError(f"{name} is not a signature")

    def _signature(self, name: str) -> Any:
        if name in self._model.signatures:
            signature = self._model.signatures[name]
            _input_name(signature)
            return signature
        if hasattr(self._model, name):
            raise NotInMemoryError(f"{name} is not a signature")
        raise ModelError(
            f"the model has no signature {name!r}",
            evidence=[
                f"model: {self._path}",
                f"signatures: {', '.join(sorted(self._model.signatures)) or 'none'}",
            ],
            hint="export the model with the signature, or train it again",
            code="signature-missing",
        )


def _input_name(signature: Any) -> str:
    """The one input of a signature, which takes serialized examples."""
    inputs = signature.structured_input_signature[1]
    if len(inputs) != 1:
        raise NotInMemoryError("a signature takes named features")
    [(name, spec)] = inputs.items()
    if spec.dtype != tf.string:
        raise NotInMemoryError("a signature does not take serialized examples")
    return str(name)


def _prediction_output(path: str, outputs: Collection[str], prediction_key: str) -> str:
    names = sorted(outputs)
    if len(names) == 1:
        return names[0]
    if not prediction_key:
        prediction_key = next((name for name in _USUAL_PREDICTIONS if name in names), "")
    if prediction_key in names:
        return prediction_key
    raise ModelError(
        f"the model has no output {prediction_key!r}"
        if prediction_key
        else "it is not known which of the model's outputs to evaluate",
        evidence=[f"model: {path}", f"outputs: {', '.join(names)}"],
        hint="set the prediction key to one of them",
        code="prediction-output-missing",
    )


def _dense(value: Any) -> tf.Tensor:
    if isinstance(value, tf.SparseTensor):
        return tf.sparse.to_dense(value)
    if isinstance(value, tf.RaggedTensor):
        return value.to_tensor()
    return value
