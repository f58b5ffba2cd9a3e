"""Whether the blessed model can be compared with.

It has to be there, to answer these examples through the signatures that evaluation asks, and
to predict the same label.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import tensorflow as tf
import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.utils import model_util
from tfx import types
from tfx.types import standard_component_specs

from components.evaluator.metrics.scores import Array, Scores
from components.in_memory import NotInMemoryError
from core.errors import ModelError

_TOLERANCE = 1e-5
# How TensorFlow's messages begin where a graph fails.
_WHERE = ("Graph execution error", "Detected at", "<stack traces", "[[", "{{")


class NotComparedError(Exception):
    """Why the baseline is not compared with."""


class OtherLabelError(NotComparedError):
    """That it was trained on another label."""


@contextlib.contextmanager
def asking(spec: tfma.ModelSpec, *, shapes: bool = False) -> Iterator[None]:
    """Turns what a baseline cannot do into a reason not to compare with it.

    An error of the candidate stays the error that it is.

    Args:
      spec: The model's part of the EvalConfig.
      shapes: Whether the block looks at shapes that the candidate's outputs have as well.

    Raises:
      NotComparedError: If the block fails at the model.
    """
    if not spec.is_baseline:
        yield
        return
    try:
        yield
    except ModelError as error:
        raise NotComparedError(_words(error)) from error
    except NotInMemoryError as error:
        if not shapes:
            raise
        raise NotComparedError(f"of it, {error}") from error
    except (OSError, tf.errors.NotFoundError) as error:
        raise NotComparedError("its files cannot be read") from error
    except tf.errors.OpError as error:
        said = _said(error)
        raise NotComparedError(f"it cannot answer these examples: {said[:160]}") from error


def _said(error: tf.errors.OpError) -> str:
    """What TensorFlow means, without where in the graph it happened."""
    lines = [line.strip() for line in (error.message or "").splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(_WHERE)]
    said = (telling or lines or [""])[0]
    # Of a feature of another type than that which the model was made for.
    return re.sub(r"^Name: .*?, Key: (.*?), Index: \d+\.\s+", r"\1: ", said)


def _words(error: ModelError) -> str:
    said = error.headline.replace("the model", "it", 1)
    return said if said.startswith("it ") else f"of it, {said}"


def without_baseline(
    input_dict: Mapping[str, Sequence[types.Artifact]],
) -> dict[str, list[types.Artifact]]:
    """The Evaluator's inputs as if there were no blessed model."""
    return {
        key: list(value)
        for key, value in input_dict.items()
        if key != standard_component_specs.BASELINE_MODEL_KEY
    }


def require_same_label(scores: Mapping[str, Scores], eval_config: tfma.EvalConfig) -> None:
    """Compares the labels that both models' transformations give for the same examples.

    Classes may be numbered differently, since each training makes its own vocabulary.

    Args:
      scores: Labels and predictions by model name.
      eval_config: The configuration, with TFMA's defaults filled in.

    Raises:
      OtherLabelError: If they differ.
    """
    baseline = model_util.get_baseline_model_spec(eval_config)
    if baseline is None or baseline.name not in scores:
        return
    before = scores[baseline.name]
    [now] = [found for name, found in scores.items() if name != baseline.name]
    if now.labels.shape != before.labels.shape:
        raise OtherLabelError("it was trained on a label of another shape")
    classes = now.predictions.shape[1], before.predictions.shape[1]
    whole = now.labels.dtype.kind in "iu" and before.labels.dtype.kind in "iu"
    if classes != (1, 1) and whole and now.labels.shape[1] == 1:
        differing = _renumbered(now.labels[:, 0], before.labels[:, 0])
    else:
        one, other = now.labels.astype(np.float64), before.labels.astype(np.float64)
        differing = ~np.isclose(one, other, rtol=_TOLERANCE, atol=_TOLERANCE).all(axis=1)
    count = int(differing.sum())
    if count:
        raise OtherLabelError(
            f"it was trained on another label, which differs in {count:,} of"
            f" {len(differing):,} examples"
        )


def _renumbered(now: Array, before: Array) -> Array:
    """True where a class of one is not the class that most examples pair it with."""
    pairs, places, counts = np.unique(
        np.stack([now, before]), axis=1, return_inverse=True, return_counts=True
    )
    usual: dict[int, int] = {}
    taken: set[int] = set()
    for place in np.argsort(-counts, kind="stable"):
        one, other = int(pairs[0, place]), int(pairs[1, place])
        if one not in usual and other not in taken:
            usual[one] = other
            taken.add(other)
    fits = np.array([usual.get(int(one)) == int(other) for one, other in pairs.T])
    return np.asarray(~fits[places.reshape(-1)])
