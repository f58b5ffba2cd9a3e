"""Batches of evaluated examples: scores by model, and the values that slices use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import tensorflow_model_analysis as tfma

from components.evaluator import buckets, slicing
from components.evaluator.baselines import asking
from components.evaluator.inference import ServedModel
from components.evaluator.metrics.scores import Array, Scores, make_scores
from components.evaluator.rows import Rows
from components.evaluator.slicing import ColumnValues
from components.in_memory import NotInMemoryError
from core.errors import DataError
from preprocessing.label import has_label

CANDIDATE, BASELINE = "candidate", "baseline"


class Batch:
    """Evaluated examples, gathered from several batches of the models.

    Models take ten thousand examples at a time; metrics are cheaper on many more, since
    each batch costs something for every slice.

    Args:
      models: The models and their parts of the EvalConfig, by model name.
      slice_features: The features that slices are made of.
    """

    def __init__(
        self,
        models: Mapping[str, tuple[ServedModel, tfma.ModelSpec]],
        slice_features: Sequence[str],
    ) -> None:
        self._models = models
        self._slice_features = slice_features
        self._scores: dict[str, list[Scores]] = {name: [] for name in models}
        self._values: dict[str, list[ColumnValues]] = {name: [] for name in slice_features}
        self.count = 0
        self.unknown_to_baseline = 0
        self.cells = 0

    def add(self, rows: Rows) -> tuple[dict[str, Scores], pa.RecordBatch | pa.Table]:
        """Runs the models on a few examples and keeps what they said.

        Examples whose transformed label is missing are left out, as in training.

        Returns:
          The scores of these examples by ``candidate`` and ``baseline``, and their columns.

        Raises:
          DataError: If a raw label or a weight is missing.
          ModelError: If a prediction is not a number.
          NotComparedError: If the baseline cannot answer them.
        """
        kept = np.ones(int(rows.serialized.shape[0]), dtype=bool)
        labelled = kept.copy()
        evaluated = {}
        for name, (model, spec) in self._models.items():
            with asking(spec):
                predictions, features = model(rows.serialized)
            evaluated[name] = predictions, features
            if spec.label_key in features:
                has = has_label(features[spec.label_key])
                kept &= has
                if not spec.is_baseline:
                    labelled &= has
        self.unknown_to_baseline += int((labelled & ~kept).sum())
        columns = rows.columns
        if not kept.all():
            columns = pa.Table.from_batches([columns]).filter(pa.array(kept))
        for name, (_, spec) in self._models.items():
            predictions, features = evaluated[name]
            features = {key: value[kept] for key, value in features.items()}
            evaluated[name] = predictions, features
            labels = _dense(spec.label_key, "label", features, columns)
            weights = None
            if spec.example_weight_key:
                weights = _dense(spec.example_weight_key, "weight", features, columns)
            with asking(spec, shapes=True):
                self._scores[name].append(make_scores(labels, predictions[kept], weights))
        for feature in self._slice_features:
            transformed = [features for _, features in evaluated.values()]
            values = _slice_values(feature, transformed, columns)
            self._values[feature].append(values.moved(self.count))
        self.count += int(kept.sum())
        self.cells = self.count * max(
            (parts[-1].predictions.shape[1] for parts in self._scores.values()), default=1
        )
        latest = {
            BASELINE if spec.is_baseline else CANDIDATE: self._scores[name][-1]
            for name, (_, spec) in self._models.items()
        }
        return latest, columns

    def scores(self) -> dict[str, Scores]:
        """The scores of all examples, by model name."""
        return {
            name: Scores(
                np.concatenate([part.labels for part in parts]),
                np.concatenate([part.predictions for part in parts]),
                _concatenated([part.weights for part in parts]),
            )
            for name, parts in self._scores.items()
        }

    def slice_columns(self) -> dict[str, ColumnValues]:
        """The values of each slice's feature, over all examples."""
        return {name: slicing.union_of(parts) for name, parts in self._values.items()}


def _concatenated(parts: Sequence[Array | None]) -> Array | None:
    weights = [part for part in parts if part is not None]
    return np.concatenate(weights) if weights else None


def _slice_values(
    feature: str, transformed: Sequence[Mapping[str, Array]], columns: pa.RecordBatch | pa.Table
) -> ColumnValues:
    """The values to slice by: as the data has them, else as a model transforms them.

    TFMA looks in the transformed features first. Where these keep the raw feature's name,
    its slices would be called by vocabulary indices and z-scores.
    """
    raw = buckets.raw_feature(feature)
    if raw in columns.schema.names:
        return _values(feature, _column(columns, raw))
    dense = [features[raw] for features in transformed if raw in features]
    if dense:
        return slicing.union_of([_values(feature, array) for array in dense])
    return slicing.NO_VALUES


def _values(feature: str, column: pa.Array | Array) -> ColumnValues:
    bucketed = buckets.parse_bucketed(feature)
    if bucketed is not None:
        return slicing.values_in_buckets(column, bucketed[1], bucketed[0])
    if isinstance(column, np.ndarray):
        return slicing.values_of_array(column)
    return slicing.values_of_arrow(column)


def _column(columns: pa.RecordBatch | pa.Table, name: str) -> pa.Array:
    column = columns.column(columns.schema.get_field_index(name))
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _dense(
    name: str, role: str, features: Mapping[str, Array], columns: pa.RecordBatch | pa.Table
) -> Array:
    """A label or weight of each example, shape [examples, any]."""
    if name in features:
        return features[name]
    if name not in columns.schema.names:
        raise DataError(
            f"the examples have no {role} {name!r}",
            hint="check the label of the configuration and the outputs of transform_features",
            code=f"{role}-missing",
        )
    column = _column(columns, name)
    lengths = column.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    missing = int((lengths == 0).sum())
    if missing:
        raise DataError(
            f"examples without {role} {name!r} cannot be evaluated",
            evidence=[f"{missing:,} of {len(column):,} examples in a batch have none"],
            hint="leave rows without it out of the data, or compute it in the transformation",
            code=f"{role}-missing",
        )
    if len(set(lengths.tolist())) > 1:
        raise NotInMemoryError(f"examples have differently many {role}s")
    values: Array = column.flatten().to_numpy(zero_copy_only=False)
    return values.reshape(len(column), -1) if len(column) else values.reshape(0, 1)
