"""The label of sampled rows, as the model is taught it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.proposal.model import Proposal

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from pipeline.configuration.model import PipelineConfiguration


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
    order = configuration.classes or tuple(name for name, _ in proposal.label.classes)
    if configuration.task == "binary" and configuration.classes is None:
        order = tuple(sorted(order, key=_says_yes))
    places = {name: place for place, name in enumerate(order)}
    texts = [_text(value) for value in values.tolist()]
    if configuration.task == "binary" and configuration.classes is None and values.dtype == object:
        # Several spellings of yes and no are the classes 1 and 0, as the transform reads them.
        texts = [str(int(_says_yes(text))) if _says_either(text) else "" for text in texts]
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


def _says_yes(name: str) -> bool:
    return name.strip().lower() in ("true", "yes", "y", "t", "1", "on")


def _says_either(name: str) -> bool:
    return _says_yes(name) or name.strip().lower() in ("false", "no", "n", "f", "0", "off")


def _text(value: object) -> str:
    # A column of whole numbers with gaps comes as floats; its classes are the same.
    return f"{value:.12g}" if isinstance(value, float) else str(value)
