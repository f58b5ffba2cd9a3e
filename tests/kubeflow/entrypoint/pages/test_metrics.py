"""Matrices of several classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.evaluator.outcome import protos
from components.evaluator.outcome.reading import Curves, Evaluation, Metric, Slice
from kubeflow.entrypoint.pages.metrics import classification_metrics, scalar_metrics
from tests.made_run import write_records


def test_a_matrix_of_several_classes_counts_actual_against_predicted(tmp_path: Path) -> None:
    _, metrics_pb2, _ = protos.load()
    plots = metrics_pb2.PlotsForSlice()
    plots.slice_key.SetInParent()
    plot = plots.plot_keys_and_values.add().value
    matrix = plot.multi_class_confusion_matrix_at_thresholds.matrices.add(threshold=0.0)
    for actual, predicted, count in ((0, 0, 5), (1, 0, 2), (1, 1, 7), (2, -1, 3)):
        matrix.entries.add(
            actual_class_id=actual, predicted_class_id=predicted, num_weighted_examples=count
        )
    write_records(tmp_path / "plots-00000-of-00001.tfrecord", [plots.SerializeToString()])

    found = classification_metrics(tmp_path, threshold=0.5, classes=("a", "b", "c"))

    assert found == {
        "confusionMatrix": {
            "annotationSpecs": [{"displayName": "a"}, {"displayName": "b"}, {"displayName": "c"}],
            "rows": [{"row": [5, 0, 0]}, {"row": [2, 7, 0]}, {"row": [0, 0, 0]}],
        }
    }


def test_without_plots_there_is_nothing_to_draw(tmp_path: Path) -> None:
    assert classification_metrics(tmp_path, threshold=0.5, classes=None) == {}


def test_metrics_without_a_number_are_left_out() -> None:
    metrics = {
        "auc": Metric("auc", 0.5),
        "precision": Metric("precision", float("nan")),
        "recall, class_id 0": Metric("recall, class_id 0", 1.0),
    }
    found = Evaluation(None, (Slice((), metrics),), (), (), Curves(), has_baseline=False)

    assert scalar_metrics(found, None) == {"auc": 0.5, "recall_class_id_0": 1.0}


def test_classes_whose_names_lose_their_letters_keep_their_numbers() -> None:
    metrics = {name: Metric(name, 0.5) for name in ("recall of 王", "recall of 企")}
    found = Evaluation(None, (Slice((), metrics),), (), (), Curves(), has_baseline=False)

    assert len(scalar_metrics(found, None)) == 2


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_drawings_are_those_of_the_report_and_name_the_classes(tmp_path: Path, task: Any) -> None:
    from components.evaluator.metrics.scores import Scores
    from components.evaluator.plots.plot_data import PlotData

    random = np.random.default_rng(1)
    labels, outputs = random.integers(0, 2, (900, 1)), 3 if task == "multiclass" else 1
    plots = PlotData(task, 0.25)
    plots.add({"candidate": Scores(labels, random.random((900, outputs)), None)})
    plots.write(str(tmp_path), {"candidate": ["nein", "ja", "王"][: max(outputs, 2)]})

    found = classification_metrics(tmp_path, threshold=0.25, classes=None)

    if task == "regression":
        assert found == {}
        return
    matrix = found["confusionMatrix"]
    names = [entry["displayName"] for entry in matrix["annotationSpecs"]]
    assert names == ["nein", "ja", "王"][: max(outputs, 2)]
    assert sum(sum(row["row"]) for row in matrix["rows"]) == 900
    if task == "binary":
        curve = found["confidenceMetrics"]
        assert 2 < len(curve) <= 130
        rates = [(point["falsePositiveRate"], point["recall"]) for point in curve]
        assert rates == sorted(rates)
        assert (rates[0], rates[-1]) == ((0, 0), (1, 1))
