"""The array versions of our own metrics' combiners, see `accumulators`."""

from __future__ import annotations

from typing import Any

import numpy as np

from components.evaluator.metrics.accumulators import BatchAdder, Rows
from components.evaluator.metrics.macro_auc import (
    MacroAucCombiner,
    histograms_of,
    require_few,
)
from components.evaluator.metrics.r_squared import RSquaredCombiner, spread_of
from components.evaluator.metrics.scores import Scores
from components.in_memory import NotInMemoryError


class _RSquared(BatchAdder):
    def prepare(self, scores: Scores) -> None:
        if scores.predictions.shape[1] != 1 or scores.labels.shape[1] != 1:
            raise NotInMemoryError("R² is that of one output")
        self._columns = (
            scores.labels[:, 0].astype(np.float64),
            scores.predictions[:, 0].astype(np.float64),
            scores.weights_or_ones(weighted=self._combiner.weighted),
        )

    def accumulate(self, rows: Rows) -> Any:
        return spread_of(*(column[rows] for column in self._columns))


class _MacroAuc(BatchAdder):
    def prepare(self, scores: Scores) -> None:
        require_few(scores.predictions.shape[1])
        one_hot = scores.labels.shape[1] > 1
        labels = scores.labels.argmax(axis=1) if one_hot else scores.labels[:, 0]
        self._columns = (
            labels.astype(np.int64),
            scores.predictions.astype(np.float64),
            scores.weights_or_ones(weighted=self._combiner.weighted),
        )

    def accumulate(self, rows: Rows) -> Any:
        return histograms_of(*(column[rows] for column in self._columns))


ADDERS: dict[type, type[BatchAdder]] = {
    RSquaredCombiner: _RSquared,
    MacroAucCombiner: _MacroAuc,
}
