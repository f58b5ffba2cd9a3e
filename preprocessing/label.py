"""The label: what a task expects of it, how it is computed, and which rows have one.

`transform_label` computes it in the graph that trains and serves; `read_labels` gives the same
labels for NumPy columns, to whoever looks at rows before there is a graph; `has_label` reads
off what either gave.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from core.errors import UserError
from preprocessing.expression import LabelExpression, parse_label
from preprocessing.features import FeatureRole, raw_columns
from preprocessing.one_line import one_line, original
from preprocessing.yes_or_no import NO, YES

if TYPE_CHECKING:
    import numpy as np
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


def has_label(labels: np.ndarray) -> np.ndarray:
    """Which rows have a label: those that are trained and evaluated on.

    Args:
      labels: Transformed labels, shape [rows, ...]: class indices, where `MISSING_CLASS` marks
        a missing one, or floats, where one that is no finite number does.

    Returns:
      bool [rows].
    """
    import numpy as np

    flat = labels.reshape(len(labels), -1)
    if flat.dtype.kind == "f":
        missing = ~np.isfinite(flat)
    elif flat.dtype.kind == "i":
        missing = flat == MISSING_CLASS
    else:
        missing = np.zeros(flat.shape, dtype=bool)
    return ~np.asarray(missing.all(axis=1))


@dataclasses.dataclass(frozen=True)
class Labels:
    """The labels of some rows.

    Attributes:
      transformed: What `transform_label` gives: int64 or float64 [rows].
      places: int64 [rows], which of `texts` the row has; any where it has none.
      texts: The different values, as texts; none for a regression.
      present: bool [rows]: whether there is a value, be it that of a class or not.
    """

    transformed: np.ndarray
    places: np.ndarray
    texts: tuple[str, ...]
    present: np.ndarray

    @property
    def known(self) -> np.ndarray:
        """bool [rows]: whether the row has a label."""
        return has_label(self.transformed)

    def outside(self) -> dict[str, int]:
        """How often each text occurs that is not among the classes, the commonest first."""
        import numpy as np

        places = self.places[self.present & ~self.known]
        counts = np.bincount(places, minlength=len(self.texts))
        order = np.argsort(-counts, kind="stable")
        return {self.texts[place]: int(counts[place]) for place in order if counts[place]}


def read_labels(
    label: str, task: Task, classes: Sequence[str] | None, columns: Mapping[str, np.ndarray]
) -> Labels:
    """Computes the labels of NumPy columns, as `transform_label` does in the graph.

    Args:
      label: The label expression's text.
      task: The task.
      classes: The classes' names; for a multiclass task also those of the train split, where
        none are configured. Without them every value of a multiclass label is a class.
      columns: The raw columns by name, as `LabelExpression.evaluate_numpy` takes them.

    Raises:
      UserError: If the values' type cannot fit the task.
    """
    import numpy as np

    values, present = label_values(parse_label(label), columns)
    if task == "regression":
        if values.dtype == object:
            raise _type_error(label, "a regression needs a number, but the column is text")
        numbers = values.astype(np.float64)
        numbers = np.where(present & np.isfinite(numbers), numbers, np.nan)
        return Labels(numbers, np.zeros(len(numbers), np.int64), (), present)
    distinct, places = _distinct(np.where(present, values, values[:1]))
    texts = tuple(map(_text_of, distinct))
    if values.dtype == bool:
        wanted = [int(value) for value in distinct]
    elif classes is not None:
        positions = {name: position for position, name in enumerate(classes)}
        wanted = [positions.get(text, MISSING_CLASS) for text in texts]
    elif task == "binary":
        wanted = [_yes_or_no(value) for value in distinct]
    else:
        wanted = list(range(len(texts)))
    transformed = np.array(wanted, np.int64)[places]
    return Labels(np.where(present, transformed, MISSING_CLASS), places, texts, present)


def label_values(
    expression: LabelExpression, columns: Mapping[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """What a label's expression gives for NumPy columns, and where it gives something.

    Args:
      expression: The label.
      columns: The raw columns by name, as `LabelExpression.evaluate_numpy` takes them.

    Returns:
      The values [rows], and bool [rows].

    Raises:
      UserError: If a column's type does not fit what is done with it.
    """
    import numpy as np

    needed = {name: _as_in_graph(columns[name]) for name in expression.columns}
    values, missing = expression.evaluate_numpy(needed)
    return values, ~np.asarray(missing, bool)


def _as_in_graph(column: np.ndarray) -> np.ndarray:
    """Empty texts and infinite numbers are missing, as `preprocessing.columns` has it."""
    import numpy as np

    if column.dtype.kind == "f":
        return np.where(np.isfinite(column), column, np.nan)
    if column.dtype != object:
        return column
    found = column.copy()
    found[[value in ("", b"") for value in column.tolist()]] = None
    return found


def _distinct(values: np.ndarray) -> tuple[list[Any], np.ndarray]:
    """The different values in order, and which of them each row has."""
    import numpy as np

    if values.dtype != object:
        numbers, places = np.unique(values, return_inverse=True)
        return list(numbers), places
    found = values.tolist()
    texts = sorted(set(found), key=str)
    place_of = {text: place for place, text in enumerate(texts)}
    return texts, np.array([place_of[text] for text in found], np.int64)


def _text_of(value: Any) -> str:
    """As `preprocessing.columns.as_text` writes it: 7.0 in a column with gaps is 7."""
    import numpy as np

    if not isinstance(value, np.floating):
        return str(value)
    if value == np.round(value) and abs(value) < 2.0**62:
        return str(int(value))
    short = f"{value:g}"
    return short if np.float32(short) == value else f"{value:.9g}"


def _yes_or_no(value: Any) -> int:
    """As `preprocessing.columns.as_boolean` reads it."""
    if not isinstance(value, str):
        return int(value != 0)
    text = value.strip().lower()
    return 1 if text in YES else 0 if text in NO else MISSING_CLASS


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
