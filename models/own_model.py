"""A model of the project's own in the place of ours: built, and tried before it is trained.

The module that `trainer.model` names has a function ``make_model(layout, head,
hyperparameters)``. It returns a `keras.Model` that turns the stacked inputs, a dictionary
of ``dense`` float32 [batch, numbers], ``index`` int32 [batch, indices] and, where the table
has text, ``bag`` int32 [batch, tokens], into logits float32 [batch, head.units]. Training,
checkpoints, tuning, evaluation and signatures stay as they are.
"""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.errors import UserError, nearest

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

    from models.heads import Head
    from models.hyperparameters import Hyperparameters
    from models.input_layout import InputLayout
    from models.input_pipeline import Rows

MAKE_MODEL = "make_model"
_TRIED_ROWS = 4


def make_own_model(
    module: str, layout: InputLayout, head: Head, hyperparameters: Hyperparameters, rows: Rows
) -> keras.Model:
    """Has the project's module make a model, and tries it on a few rows.

    Args:
      module: The module's dotted name.
      layout: The inputs' layout.
      head: The task's head.
      hyperparameters: The hyperparameters.
      rows: Rows to try it on; none are needed.

    Raises:
      UserError: If the module cannot be imported, has no `make_model`, if that fails, or
        gives something that cannot be trained as the task's model.
    """
    import keras

    maker = _maker(module)
    try:
        model = maker(layout, head, hyperparameters)
    except Exception as error:
        raise _failed(module, f"{MAKE_MODEL} of {module} fails", error) from error
    if not isinstance(model, keras.Model):
        raise _refused(
            f"{MAKE_MODEL} of {module} gives no keras.Model",
            f"it gave a {type(model).__module__}.{type(model).__qualname__}",
            "return the model; a tf_keras model or a layer is none",
        )
    logits = _try(module, model, layout, rows)
    wanted = (int(next(iter(logits[1].values())).shape[0]), head.units)
    shape = tuple(getattr(logits[0], "shape", ()))
    if shape != wanted:
        raise _refused(
            f"the model of {module} gives logits of the wrong shape",
            f"shape {shape or type(logits[0]).__name__} for {wanted[0]} rows, wanted {wanted}",
            f"end it with keras.layers.Dense(head.units), {head.units} for this task, without "
            "an activation",
        )
    _check_values(module, logits[0])
    if not model.trainable_variables:
        raise _refused(
            f"the model of {module} has no trainable weights",
            f"{len(model.weights)} weights, none of them trainable",
            "give it layers, or set their trainable to True",
        )
    return model


def forward(model: keras.Model) -> Callable[..., tf.Tensor]:
    """What calls a model: the function itself for ours, which costs less to trace."""
    from models.wide_and_deep import WideAndDeep

    if isinstance(model, WideAndDeep):
        return model.call
    wanted = _named_inputs(model)
    if wanted is None:
        return model

    def call(inputs: dict[str, tf.Tensor], training: bool) -> tf.Tensor:
        # Keras takes the inputs of a functional model in their order where there are more.
        return model({name: inputs[name] for name in wanted}, training=training)

    return call


def _named_inputs(model: keras.Model) -> tuple[str, ...] | None:
    """The inputs that a functional model names, None where it is another kind."""
    try:
        inputs = model.input
    except (AttributeError, ValueError, RuntimeError):
        return None
    return tuple(inputs) if isinstance(inputs, dict) else None


def _maker(module: str) -> Callable[..., Any]:
    try:
        imported = importlib.import_module(module)
    except Exception as error:
        raise _failed(module, f"the module {module} cannot be imported", error) from error
    found = getattr(imported, MAKE_MODEL, None)
    if not callable(found):
        near = nearest(MAKE_MODEL, vars(imported))
        raise _refused(
            f"the module {module} has no function {MAKE_MODEL}",
            f"looked in {getattr(imported, '__file__', module)}",
            f"did you mean {near}?" if near else f"define {MAKE_MODEL} there",
        )
    return found


def _try(
    module: str, model: keras.Model, layout: InputLayout, rows: Rows
) -> tuple[Any, dict[str, Any]]:
    """Calls the model on a few rows, which also builds its weights."""
    import numpy as np
    import tensorflow as tf

    inputs = {
        name: tf.constant(
            rows.inputs()[name][:_TRIED_ROWS]
            if len(rows)
            else np.zeros((_TRIED_ROWS, columns), dtype)
        )
        for name, (dtype, columns) in layout.shapes().items()
    }
    unknown = sorted(set(_named_inputs(model) or ()) - set(inputs))
    if unknown:
        raise _refused(
            f"the model of {module} wants an input {unknown[0]!r}, which there is not",
            f"inputs: {', '.join(inputs)}",
            "layout.shapes() tells the inputs' names, types and columns",
        )
    try:
        return forward(model)(inputs, training=False), inputs
    except Exception as error:
        raise _failed(
            module,
            f"the model of {module} cannot be called",
            error,
            "inputs: " + ", ".join(f"{name} {t.dtype.name}{t.shape}" for name, t in inputs.items()),
        ) from error


def _check_values(module: str, logits: tf.Tensor) -> None:
    import numpy as np

    values = np.asarray(logits)
    if values.dtype != np.float32:
        raise _refused(
            f"the model of {module} gives {values.dtype} instead of float32",
            f"first values: {values.ravel()[:3].tolist()}",
            "cast the logits to float32",
        )
    if not np.isfinite(values).all():
        raise _refused(
            f"the model of {module} gives logits that are no numbers before it is trained",
            f"first values: {values.ravel()[:3].tolist()}",
            "look for a division by zero or a logarithm, and at the weights' initializers",
        )


def _refused(headline: str, evidence: str, hint: str) -> UserError:
    return UserError(headline, evidence=[evidence], hint=hint, code="own-model")


def _failed(module: str, headline: str, error: Exception, *evidence: str) -> UserError:
    """An error of the project's own code: what it says, and the innermost place in it."""
    own = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.endswith(module.replace(".", "/") + ".py")
    ]
    place = [f"at {own[-1].filename}:{own[-1].lineno}", f"{own[-1].line}"] if own else []
    said = [line.strip() for line in str(error).splitlines() if line.strip()]
    if len(said) > 1 and said[0].startswith("Exception encountered"):
        said = said[1:]  # Keras tells in the second what the first is about
    return UserError(
        headline,
        evidence=[f"{type(error).__name__}: {said[0] if said else ''}", *place, *evidence],
        hint="correct it; nothing has been trained",
        code="own-model",
    )
