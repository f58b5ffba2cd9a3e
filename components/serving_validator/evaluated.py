"""What evaluation's own way of asking the model gives for the replayed rows."""

from __future__ import annotations

from collections.abc import Sequence

from components.serving_validator.trial import Evaluated


def evaluate_rows(model_path: str, rows: Sequence[bytes], prediction_key: str) -> Evaluated:
    """Asks the model as `components.evaluator.inference` does, in this process.

    Only for a model that a process of its own has loaded and asked already: one that
    crashes or hangs would take this process with it.

    Args:
      model_path: The folder of the SavedModel.
      rows: Serialized tf.Examples.
      prediction_key: The output that is evaluated; empty where there is only one.
    """
    import numpy as np
    import tensorflow as tf
    import tensorflow_model_analysis as tfma

    from components.evaluator.inference import ServedModel
    from components.in_memory import NotInMemoryError
    from core.errors import ModelError

    try:
        # As the serving process has it: a GPU rounds otherwise.
        with tf.device("/CPU:0"):
            spec = tfma.ModelSpec(prediction_key=prediction_key)
            model = ServedModel(model_path, spec, wanted=())
            predictions, _ = model(tf.constant(list(rows), dtype=tf.string))
    except NotInMemoryError as error:
        return Evaluated(None, f"evaluation asks another way: {error}")
    except ModelError as error:
        return Evaluated(None, error.headline)
    if predictions.dtype.kind not in "fiub":
        return Evaluated(None, "the prediction is not a number")
    return Evaluated(np.asarray(predictions).reshape(-1).astype(np.float64).tolist())
