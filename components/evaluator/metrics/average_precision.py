"""Average precision of a binary model, as a metric of TFMA.

The sum of the precisions at each threshold, each weighted with the rise in recall: the area
under the precision-recall curve without interpolation (`sklearn.metrics
.average_precision_score`). TFMA's own area interpolates between thresholds, which flatters
a model where positives are few (J. Davis and M. Goadrich, ICML 2006).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from tensorflow_model_analysis.metrics import confusion_matrix_metrics


class AveragePrecision(confusion_matrix_metrics.AUC):
    """Average precision, at TFMA's ten thousand thresholds.

    Args:
      num_thresholds: How many thresholds; TFMA's ten thousand where left out.
      name: The metric's name.
    """

    def __init__(self, num_thresholds: int | None = None, name: str | None = None) -> None:
        super().__init__(num_thresholds=num_thresholds, curve="PR", name=name)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same metric."""
        config = super().get_config()
        return {key: config[key] for key in ("num_thresholds", "name") if key in config}

    def _metric_value(self, curve: str, summation_method: str, key: Any, matrices: Any) -> float:
        true, false = np.array(matrices.tp), np.array(matrices.fp)
        positives = true + np.array(matrices.fn)
        with np.errstate(divide="ignore", invalid="ignore"):
            recall, precision = true / positives, true / (true + false)
        # Thresholds rise, so recall falls from one to the next; beyond the last it is 0.
        rise = recall - np.append(recall[1:], 0.0)
        return float("nan") if not positives[0] > 0 else float(np.nansum(rise * precision))
