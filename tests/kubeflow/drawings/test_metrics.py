"""Matrices of several classes."""

from __future__ import annotations

from pathlib import Path

from kubeflow.drawings.metrics import classification_metrics, scalar_metrics
from pipeline.metadata import evaluation_protos
from pipeline.metadata.evaluation import Curves, Evaluation, Metric, Slice
from tests.pipeline.made_run import write_records


def test_a_matrix_of_several_classes_counts_actual_against_predicted(tmp_path: Path) -> None:
    _, metrics_pb2, _ = evaluation_protos.load()
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
