"""Kubeflow's launcher gets JSON that it can read, or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from kubeflow.entrypoint.arguments import Output
from kubeflow.entrypoint.pages.executor_output import executor_output

METRICS = Output("metrics", "system.Metrics", "/tmp/metrics")


@pytest.mark.parametrize(
    ("metadata", "place"),
    [
        ({"auc": float("nan")}, "metrics.auc"),
        ({"rows": [{"row": [1.0, float("inf")]}]}, r"metrics.rows\[0\].row\[1\]"),
        ({"auc": None}, "metrics.auc"),
    ],
)
def test_what_kubeflow_cannot_keep_is_refused(metadata: dict[str, Any], place: str) -> None:
    with pytest.raises(ValueError, match=place):
        executor_output([(METRICS, metadata)])
