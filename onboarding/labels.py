"""The label of sampled rows, as the model is taught it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onboarding.model import Proposal

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
    from preprocessing.expression import parse_label
    from preprocessing.label import read_labels

    task, classes = configuration.task, configuration.classes
    if task == "multiclass" and classes is None:
        classes = tuple(name for name, _ in proposal.label.classes)
    columns = parse_label(configuration.label).columns
    arrays = {name: _array(table.column(name)) for name in columns}
    labels = read_labels(configuration.label, task, classes, arrays)
    count = 0 if task == "regression" else len(classes or ("no", "yes"))
    return labels.transformed, labels.known, count


def _array(column: pa.ChunkedArray) -> np.ndarray:
    import numpy as np
    import pyarrow as pa

    if pa.types.is_null(column.type):
        return np.full(len(column), np.nan)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return np.array(column.to_pylist(), dtype=object)
    return column.to_numpy()
