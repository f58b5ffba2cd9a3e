"""The label of sampled rows, as the model is taught it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.proposal.model import Proposal

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from pipeline.configuration.model import PipelineConfiguration

_YES = frozenset({"true", "yes", "y", "t", "1", "on"})
_NO = frozenset({"false", "no", "n", "f", "0", "off"})


def class_positions(
    table: pa.Table, proposal: Proposal, configuration: PipelineConfiguration
) -> tuple[np.ndarray, np.ndarray, int]:
    """Computes the labels of rows.

    Args:
      table: Sampled rows.
      proposal: The proposal; its classes are those of the whole sample.
      configuration: What the proposal becomes.

    Returns:
      Class positions (int64) or numbers (float64), [rows]; where there is one, bool
      [rows]; and the number of classes, 0 for a regression.
    """
    import numpy as np

    from preprocessing.expression import parse_label

    expression = parse_label(configuration.label)
    values, missing = expression.evaluate_numpy(
        {name: _array(table.column(name)) for name in expression.columns}
    )
    known = ~missing
    if configuration.task == "regression":
        numbers = np.zeros(len(values), np.float64)
        numbers[known] = values[known].astype(np.float64)
        return numbers, known & np.isfinite(numbers), 0
    if values.dtype == bool:
        return values.astype(np.int64), known, 2
    if configuration.task == "binary" and configuration.classes is None:
        return _yes_or_no(values, known)
    order = configuration.classes or tuple(name for name, _ in proposal.label.classes)
    places = {name: place for place, name in enumerate(order)}
    texts = [_text(value) for value in values.tolist()]
    found = np.array([places.get(text, -1) for text in texts], np.int64)
    return found, known & (found >= 0), len(order)


def _array(column: pa.ChunkedArray) -> np.ndarray:
    import numpy as np
    import pyarrow as pa

    if pa.types.is_null(column.type):
        return np.full(len(column), np.nan)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return np.array(column.to_pylist(), dtype=object)
    return column.to_numpy()


def _yes_or_no(values: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """1 for yes, as the transform reads it; of texts, those that say neither are missing."""
    import numpy as np

    if values.dtype != object:
        return (values != 0).astype(np.int64), known, 2
    texts = [str(value).strip().lower() for value in values.tolist()]
    yes = np.array([text in _YES for text in texts])
    no = np.array([text in _NO for text in texts])
    return yes.astype(np.int64), known & (yes | no), 2


def _text(value: object) -> str:
    # A column of whole numbers with gaps comes as floats; its classes are the same.
    return f"{value:.12g}" if isinstance(value, float) else str(value)
