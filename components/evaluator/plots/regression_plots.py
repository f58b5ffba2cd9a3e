"""What the pictures of a regression are drawn from."""

from __future__ import annotations

from typing import Any

import numpy as np

from components.evaluator.metrics.scores import Array

_CELLS = 36
_BARS = 40
_GROUPS = 16
# This share at either end of the values is left out of the axes, else one outlier would
# put all others into one corner.
_TAIL = 0.002
# More is left out where the middle half of the values would still be a single bar.
_MOST_TAIL = 0.03
_TALL = 25.0
# Positive values that stretch over more than this are easier to read on a logarithmic axis.
_WIDE = 300.0
_SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)


def regression_plots(labels: Array, predictions: Array, weights: Array) -> dict[str, Any]:
    """Density of predictions over labels, and the residuals.

    Args:
      labels: float64 of shape [examples].
      predictions: float64 of shape [examples].
      weights: float64 of shape [examples].

    Returns:
      ``density``: the axis (ends, ``logarithmic``), how many cells it has, and place of label,
      place of prediction and weight of each cell that is not empty; ``outside`` is the weight
      beyond. ``residuals``: edges and weights of a histogram, and what lies beyond.
      ``by_prediction``: mean prediction, the residuals' deciles 1 and 9, quartiles and
      median, and the weight, in groups of equally many.
    """
    return {
        "density": _density(labels, predictions, weights),
        "residuals": _histogram(labels - predictions, weights),
        "by_prediction": _by_prediction(labels - predictions, predictions, weights),
    }


def _density(labels: Array, predictions: Array, weights: Array) -> dict[str, Any]:
    low, high = np.quantile(labels, [0.01, 0.99])
    logarithmic = bool(labels.min() > 0 and high / max(low, 1e-300) > _WIDE)
    if logarithmic:
        floor = labels.min() / 10
        labels, predictions = np.log10(labels), np.log10(np.maximum(predictions, floor))
    ends = _ends(np.concatenate([labels, predictions]))
    places = [
        ((column - ends[0]) / (ends[1] - ends[0]) * _CELLS).clip(-1, _CELLS).astype(np.int64)
        for column in (labels, predictions)
    ]
    # The upper end belongs to the last cell.
    places = [
        np.where(column == ends[1], _CELLS - 1, np.where(column < ends[0], -1, place))
        for place, column in zip(places, (labels, predictions), strict=True)
    ]
    inside = np.all([(place >= 0) & (place < _CELLS) for place in places], axis=0)
    cells = (places[0] * _CELLS + places[1])[inside]
    sums = np.bincount(cells, weights=weights[inside], minlength=_CELLS * _CELLS)
    return {
        "ends": ends,
        "logarithmic": logarithmic,
        "cells": _CELLS,
        "weights": [
            [int(cell) // _CELLS, int(cell) % _CELLS, float(sums[cell])]
            for cell in np.flatnonzero(sums)
        ],
        "outside": float(weights[~inside].sum()),
    }


def _ends(values: Array) -> list[float]:
    tail = _TAIL
    quarter, three_quarters = np.quantile(values, [0.25, 0.75])
    while True:
        low, high = (float(end) for end in np.quantile(values, [tail, 1 - tail]))
        if tail >= _MOST_TAIL or high - low <= _TALL * (three_quarters - quarter):
            break
        tail *= 2
    whole = float(values.min()), float(values.max())
    # The whole range where that costs little.
    if whole[1] - whole[0] <= 1.5 * (high - low):
        low, high = whole
    if not high > low:
        margin = max(abs(low) * 0.1, 1e-6)
        low, high = low - margin, high + margin
    return [low, high]


def _histogram(residuals: Array, weights: Array) -> dict[str, Any]:
    low, high = _ends(residuals)
    # Zero is in the picture, and an edge.
    low, high = min(low, 0.0), max(high, 0.0)
    step = (high - low) / _BARS
    first, last = int(np.floor(low / step)), int(np.ceil(high / step))
    edges = np.arange(first, last + 1) * step
    inside = (residuals >= edges[0]) & (residuals <= edges[-1])
    counts, _ = np.histogram(residuals[inside], edges, weights=weights[inside])
    return {
        "edges": edges.tolist(),
        "weights": counts.astype(np.float64).tolist(),
        "below": float(weights[residuals < edges[0]].sum()),
        "above": float(weights[residuals > edges[-1]].sum()),
    }


def _by_prediction(residuals: Array, predictions: Array, weights: Array) -> list[list[float]]:
    order = np.argsort(predictions, kind="stable")
    edges = np.quantile(predictions, np.arange(1, _GROUPS) / _GROUPS)
    # Equal predictions stay together.
    starts = np.unique(np.searchsorted(predictions[order], edges, side="left"))
    groups = []
    for part in np.split(order, starts[(starts > 0) & (starts < len(order))]):
        quantiles = np.quantile(residuals[part], _SHARES)
        groups.append(
            [
                float(predictions[part].mean()),
                *map(float, quantiles),
                float(weights[part].sum()),
            ]
        )
    return groups
