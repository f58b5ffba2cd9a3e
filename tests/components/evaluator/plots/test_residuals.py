"""Residuals by feature: what a model misses shows in the segments where it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from components.evaluator.metrics.scores import Scores
from components.evaluator.plots import residuals as module
from components.evaluator.plots.residuals import Residuals


def _batch(seed: int, rows: int = 1000) -> tuple[Scores, pa.RecordBatch]:
    """Labels of which the model does not know that Cash is 0.5 higher and fare above 20 lower."""
    random = np.random.default_rng(seed)
    fare = random.uniform(0, 40, rows)
    payment = random.choice([b"Cash", b"Card", b"Other"], rows, p=[0.3, 0.6, 0.1])
    truth = 0.5 * (payment == b"Cash") - 0.2 * (fare >= 20) + random.normal(0, 0.1, rows)
    missing = random.random(rows) < 0.1
    lists = [None if gone else [value] for value, gone in zip(fare, missing, strict=True)]
    columns = {
        "fare": pa.array(lists, pa.large_list(pa.float32())),
        "payment": pa.array([[value] for value in payment], pa.large_list(pa.large_binary())),
        "hour": pa.array(
            [[int(h)] for h in random.integers(0, 5, rows)], pa.large_list(pa.int64())
        ),
        "gone": pa.nulls(rows),
    }
    return Scores(truth[:, None], np.zeros((rows, 1)), None), pa.RecordBatch.from_pydict(columns)


def _document(batches: int = 3) -> dict[str, Any]:
    residuals = Residuals(["fare", "payment", "hour", "gone", "not there"], multiclass=False)
    for seed in range(batches):
        residuals.add(*_batch(seed))
    return residuals.document()


def test_each_bucket_has_mean_spread_and_count() -> None:
    document = _document()

    by_feature = {entry["feature"]: entry["buckets"] for entry in document["features"]}
    assert set(by_feature) == {"fare", "payment", "hour", "gone"}
    assert (document["examples"], document["sampled"]) == (3000, 3000)
    assert all(sum(b["count"] for b in found) == 3000 for found in by_feature.values())
    payment = {entry["bucket"]: entry for entry in by_feature["payment"]}
    assert payment["Cash"]["mean"] == pytest.approx(0.4, abs=0.02)
    assert payment["Card"]["mean"] == pytest.approx(-0.1, abs=0.02)
    assert payment["Card"]["spread"] == pytest.approx(np.hypot(0.1, 0.1), abs=0.01)
    assert [entry["bucket"] for entry in by_feature["hour"]] == ["0", "1", "2", "3", "4"]
    assert by_feature["fare"][0]["bucket"].startswith("< ")
    assert by_feature["fare"][-1]["bucket"] == "missing"
    assert len(by_feature["fare"]) == 11
    assert [entry["bucket"] for entry in by_feature["gone"]] == ["missing"]


def test_the_worst_segment_is_named_first_and_chance_is_not() -> None:
    worst = _document()["worst"]

    assert (worst[0]["feature"], worst[0]["bucket"]) == ("payment", "Cash")
    random = np.random.default_rng(1)
    residuals = Residuals(["payment"], multiclass=False)
    scores, columns = _batch(0)
    noise = random.normal(size=scores.labels.shape)
    residuals.add(Scores(noise - noise.mean(), scores.predictions, None), columns)
    assert residuals.document()["worst"] == []


def test_many_batches_are_thinned_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BATCHES", 4)

    document = _document(batches=13)

    assert document["examples"] == 13_000
    assert document["sampled"] == 4000  # Of the batches 0, 4, 8 and 12.


def test_of_classes_the_probability_of_the_own_class_counts() -> None:
    residuals = Residuals(["f"], multiclass=True)
    columns = pa.RecordBatch.from_pydict(
        {"f": pa.array([["a"], ["b"]], pa.large_list(pa.large_string()))}
    )

    residuals.add(Scores(np.array([[0], [2]]), np.array([[0.7, 0.2, 0.1]] * 2), None), columns)

    [feature] = residuals.document()["features"]
    assert [bucket["mean"] for bucket in feature["buckets"]] == pytest.approx([0.3, 0.9])


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
def test_both_ways_write_residuals_pictures_and_intervals_of_the_level_asked_for(
    run: Any, examples: Any, models: Any
) -> None:
    from components.evaluator.eval_config import eval_config
    from components.evaluator.executor import Executor
    from components.evaluator.gates import make_gates
    from components.evaluator.settings import EvaluationSettings

    metrics: Any = {"log_loss": {}, "accuracy": {}}
    settings = EvaluationSettings(metrics=metrics, confidence=0.6, decision_threshold=0.3)
    config = eval_config(settings, task="binary", label_key="label", prediction_key="score")
    gates = make_gates(settings, task="binary", features=["fare", "payment", "tags"])
    given = {"baseline": models("binary", 2), "gates": gates}

    arrays = run(Executor, examples, models("binary"), config, **given)
    beam = run(
        Executor, examples, models("binary"), config, **given, flags=("--in_memory_bytes=0",)
    )

    for name in ("residuals.json", "plot_data.json"):
        one, other = (json.loads((Path(way.uri) / name).read_text()) for way in (arrays, beam))
        assert one == other
    residuals = json.loads((Path(arrays.uri) / "residuals.json").read_text())
    assert [entry["feature"] for entry in residuals["features"]] == ["fare", "payment", "tags"]
    assert residuals["sampled"] == 400
    assert {"candidate", "baseline"} <= set(one)
    # Of 20 samples, 60 % are within 0.86 standard errors and 95 % within 2.09.
    for metric in ("log_loss", "accuracy"):
        [narrow, wide] = (way.numbers()[()][metric, ""][1] for way in (arrays, beam))
        assert 0.5 < (wide[1] - wide[0]) / (narrow[1] - narrow[0]) < 1.9
