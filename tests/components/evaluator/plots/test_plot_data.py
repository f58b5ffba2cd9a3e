"""What the report draws: curves, confusion matrices and densities, also of awkward data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from components.evaluator.metrics.scores import Scores
from components.evaluator.plots.plot_data import PlotData


def _document(
    tmp_path: Path,
    task: Any,
    labels: Any,
    predictions: Any,
    *,
    classes: tuple[str, ...] = (),
    weights: Any = None,
) -> Any:
    """As it is read again: JSON without what JSON does not know."""
    plots = PlotData(task, 0.5)
    predictions = predictions.reshape(len(labels), -1)
    for part in np.array_split(np.arange(len(labels)), 3):
        weight = None if weights is None else weights[part]
        plots.add({"candidate": Scores(labels[part][:, None], predictions[part], weight)})
    plots.write(str(tmp_path), {"candidate": classes})
    return json.loads((tmp_path / "plot_data.json").read_text())


def _rare(rows: int = 50_000) -> tuple[Any, Any]:
    """One positive in a thousand, all predictions far below a half."""
    random = np.random.default_rng(2)
    labels = (random.random(rows) < 0.001).astype(np.int64)
    return labels, 1 / (1 + np.exp(-random.normal(2 * labels - 8.0, 1.0)))


def test_the_curve_of_rare_positives_has_its_points_where_they_are(tmp_path: Path) -> None:
    labels, scores = _rare()

    document = _document(tmp_path, "binary", labels, scores)

    found = document["candidate"]
    assert found["auc"] == pytest.approx(sklearn_metrics.roc_auc_score(labels, scores), abs=1e-6)
    expected = sklearn_metrics.average_precision_score(labels, scores)
    assert found["average_precision"] == pytest.approx(expected, abs=1e-6)
    thresholds, false_rate, recall, _ = np.array(found["curve"]).T
    assert 40 < len(thresholds) <= 170
    assert max(np.diff(recall)) < 0.05
    assert (false_rate[-1], recall[-1]) == (1, 1)
    assert found["at_threshold"]["fn"] == labels.sum()
    # Groups of equally many examples, not one in the first tenth of the axis.
    assert len(found["calibration"]) == 12


def test_weights_count_in_curves_and_matrix(tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    labels, scores = random.integers(0, 2, 500), random.random(500)
    weights = random.uniform(0.1, 3, 500)

    found = _document(tmp_path, "binary", labels, scores, weights=weights)["candidate"]

    expected = sklearn_metrics.roc_auc_score(labels, scores, sample_weight=weights)
    assert found["auc"] == pytest.approx(expected, abs=1e-6)
    assert sum(found["at_threshold"].values()) == pytest.approx(weights.sum())


@pytest.mark.parametrize(
    ("labels", "curve", "auc"),
    [
        (np.array([0, 1, 1, 0, 1, 0]), [[0.25, 1.0, 1.0, 0.5]], 0.5),
        (np.zeros(6, np.int64), [], None),
    ],
    ids=["equal predictions", "one class only"],
)
def test_what_has_no_shape_is_said_and_not_drawn(
    tmp_path: Path, labels: Any, curve: Any, auc: Any
) -> None:
    found = _document(tmp_path, "binary", labels, np.full(6, 0.25))["candidate"]

    assert (found["curve"], found["auc"]) == (curve, auc)
    assert found["calibration"] == [[0.25, labels.mean(), 1.0]]


def test_classes_have_names_and_a_missing_one_has_no_rates(tmp_path: Path) -> None:
    random = np.random.default_rng(6)
    labels = random.integers(0, 2, 90)
    scores = random.random((90, 3))
    names = ("Adélie", "王企鹅", "missing")

    found = _document(tmp_path, "multiclass", labels, scores, classes=names)["candidate"]

    matrix = sklearn_metrics.confusion_matrix(labels, scores.argmax(axis=1), labels=[0, 1, 2])
    assert found["matrix"] == {"names": list(names), "rows": matrix.tolist(), "folded": 0}
    by_name = {row[0]: row[1:] for row in found["classes"]}
    assert by_name["missing"] == [0, matrix[:, 2].sum(), None, None, None]
    assert by_name["Adélie"][3] == pytest.approx(matrix[0, 0] / matrix[0].sum())
    assert [curve["auc"] is None for curve in found["curves"]] == [False, False, True]


def test_ten_thousand_classes_are_folded(tmp_path: Path) -> None:
    random = np.random.default_rng(6)
    labels = np.minimum(random.geometric(0.002, 3000), 9999)
    scores = np.zeros((3000, 10_000), np.float32)
    scores[np.arange(3000), np.where(random.random(3000) < 0.5, labels, 7)] = 1

    document = _document(tmp_path, "multiclass", labels, scores)

    found = document["candidate"]
    assert found["class_count"] == 10_000
    assert found["matrix"]["names"][-1] == "9,981 others"
    assert np.sum(found["matrix"]["rows"]) == 3000
    assert len(found["classes"]) == 200
    assert found["curves"] == []
    assert (tmp_path / "plot_data.json").stat().st_size < 50_000


@pytest.mark.parametrize(
    ("scale", "logarithmic"), [(1.0, False), (1e12, True), (1e-12, False)], ids=str
)
def test_densities_show_values_of_any_size(tmp_path: Path, scale: float, logarithmic: bool) -> None:
    random = np.random.default_rng(9)
    labels = scale * (random.lognormal(3, 3, 4000) if logarithmic else 5 + random.normal(size=4000))
    predictions = labels * random.uniform(0.7, 1.4, 4000)
    # One that alone would squeeze all others into one cell.
    predictions[7] = 1e6 * labels.max()

    found = _document(tmp_path, "regression", labels, predictions)["candidate"]

    density = found["density"]
    assert density["logarithmic"] is logarithmic
    assert len(density["weights"]) > 80
    assert density["outside"] + sum(w for _, _, w in density["weights"]) == 4000
    assert 1 <= density["outside"] < 40
    histogram = found["residuals"]
    assert sum(histogram["weights"]) + histogram["below"] + histogram["above"] == 4000
    assert 0.0 in histogram["edges"]
    assert len(found["by_prediction"]) == 16
    assert sum(group[-1] for group in found["by_prediction"]) == 4000


def test_a_model_that_always_says_the_same_is_drawn(tmp_path: Path) -> None:
    labels = np.array([1.0, 2.0, 3.0, 3.0])

    found = _document(tmp_path, "regression", labels, np.full(4, 2.0))["candidate"]

    assert found["density"]["outside"] == 0
    [group] = found["by_prediction"]
    assert (group[0], group[3], group[-1]) == (2.0, 0.5, 4)


def test_nothing_is_written_of_no_examples(tmp_path: Path) -> None:
    PlotData("binary", 0.5).write(str(tmp_path), {})

    assert list(tmp_path.iterdir()) == []
