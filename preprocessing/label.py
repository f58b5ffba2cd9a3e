"""The label: what a task expects of it, and how it is computed in preprocessing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from core.errors import UserError
from preprocessing.expression import LabelExpression, parse_label
from preprocessing.features import FeatureRole, raw_columns
from preprocessing.one_line import one_line, original

if TYPE_CHECKING:
    import tensorflow as tf

    from preprocessing.columns import RawColumn

Task = Literal["binary", "multiclass", "regression"]
LABEL_VOCABULARY = "vocabulary_of_label"
MISSING_CLASS = -1
"""The transformed label of a row whose label is missing (regression: not-a-number)."""


def check_label(
    label: str,
    features: Mapping[str, FeatureRole],
    task: Task,
    classes: Sequence[str] | None = None,
    columns: Iterable[str] | None = None,
) -> LabelExpression:
    """Checks a label against the features and the task, before there is any data.

    Args:
      label: The label expression's text.
      features: The feature map.
      task: The task.
      classes: The names of the classes, if they are given.
      columns: The data's columns, if they are known.

    Returns:
      The checked expression.

    Raises:
      UserError: If the expression is wrong, if the features give the label away (every
        column that it reads is a feature), or if task and label cannot fit.
    """
    expression = parse_label(label)
    if columns is not None:
        expression.check_columns(columns)
    if set(expression.columns) <= set(raw_columns(features)):
        plain = expression.is_column
        raise UserError(
            f"the label {label!r} is also a feature"
            if plain
            else f"the label {label!r} can be computed from the features",
            evidence=[f"feature columns: {', '.join(raw_columns(features))}"],
            hint="take " + " or ".join(expression.columns) + " out of the features",
            code="label-is-feature",
        )
    if task == "regression" and (expression.is_boolean or expression.root.kind == "text"):
        raise UserError(
            f"a regression needs a number, but the label {label!r} says yes or no",
            hint="use task: binary",
            code="label-task",
        )
    if task == "multiclass" and expression.is_boolean:
        raise UserError(
            f"a multiclass task needs classes, but the label {label!r} says yes or no",
            hint="use task: binary",
            code="label-task",
        )
    if classes is not None:
        _check_classes(task, classes)
    return expression


def _check_classes(task: Task, classes: Sequence[str]) -> None:
    if task == "regression":
        problem = "a regression has no classes"
    elif len(set(classes)) != len(classes):
        problem = "a class is named twice"
    elif task == "binary" and len(classes) != 2:
        problem = f"a binary task has two classes, not {len(classes)}"
    elif len(classes) < 2:
        problem = "at least two classes are needed"
    else:
        return
    raise UserError(problem, evidence=[f"classes: {', '.join(classes)}"], code="label-classes")


def transform_label(
    label: str,
    task: Task,
    classes: Sequence[str] | None,
    columns: Mapping[str, RawColumn],
) -> tf.Tensor:
    """Computes the transformed label in the graph.

    Binary: a comparison, a number (0 is no) or a text that says yes or no; with
    `classes`, the second one is yes. Multiclass: the position in `classes`, or in the
    vocabulary of the label's values, most frequent first.

    Args:
      label: The label expression's text.
      task: The task.
      classes: The classes' names as the data writes them.
      columns: The raw columns by name.

    Returns:
      int64 [batch], `MISSING_CLASS` where missing or of no known class; for a
      regression float32 [batch], not-a-number where missing.

    Raises:
      UserError: If the values' type cannot fit the task.
    """
    import tensorflow as tf

    from preprocessing.columns import RawColumn, as_boolean, as_text

    values, missing = parse_label(label).evaluate_tensorflow(columns)
    if task == "regression":
        if values.dtype == tf.string:
            raise _type_error(label, "a regression needs a number, but the column is text")
        number = tf.cast(values, tf.float32)
        return tf.where(missing | ~tf.math.is_finite(number), float("nan"), number)
    if values.dtype == tf.bool:
        index = tf.cast(values, tf.int64)
    elif classes is not None:
        index = _position(as_text(RawColumn(values, missing)), classes)
    elif task == "binary":
        yes, missing = as_boolean(RawColumn(values, missing))
        index = tf.cast(yes, tf.int64)
    else:
        index = _vocabulary_position(as_text(RawColumn(values, missing)), missing)
    return tf.where(missing, tf.constant(MISSING_CLASS, tf.int64), index)


def _position(texts: tf.Tensor, classes: Sequence[str]) -> tf.Tensor:
    import tensorflow as tf

    equal = tf.equal(texts[:, tf.newaxis], tf.constant(list(classes)))
    found = tf.argmax(tf.cast(equal, tf.int32), axis=1, output_type=tf.int64)
    return tf.where(tf.reduce_any(equal, axis=1), found, tf.constant(MISSING_CLASS, tf.int64))


def _vocabulary_position(texts: tf.Tensor, missing: tf.Tensor) -> tf.Tensor:
    import tensorflow as tf
    import tensorflow_transform as tft

    texts = one_line(texts)
    vocabulary = tft.vocabulary(tf.boolean_mask(texts, ~missing), vocab_filename=LABEL_VOCABULARY)
    return tft.apply_vocabulary(texts, vocabulary, default_value=MISSING_CLASS)


def class_names(
    task: Task, label: str, classes: Sequence[str] | None, transform_output: Any
) -> list[str]:
    """The classes' names in the order of the transformed label's values.

    Args:
      task: The task.
      label: The label expression's text.
      classes: The configured names, if any.
      transform_output: A `tft.TFTransformOutput`, for a vocabulary of labels.

    Returns:
      The names; none for a regression.
    """
    if task == "regression":
        return []
    if classes is not None:
        return list(classes)
    if task == "binary":
        return ["false", "true"] if parse_label(label).is_boolean else ["0", "1"]
    return [
        original(entry.decode("utf-8", "replace"))
        for entry in transform_output.vocabulary_by_name(LABEL_VOCABULARY)
    ]


def _type_error(label: str, problem: str) -> UserError:
    return UserError(f"the label {label!r} does not fit the task: {problem}", code="label-task")
