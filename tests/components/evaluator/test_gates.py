"""Verdicts beyond TFMA's: intervals, fairness gates, slices without examples."""

from __future__ import annotations

from typing import Any

import pytest

from components.evaluator.settings import EvaluationSettings, check_evaluation
from core.errors import UserError


def _both(settings: dict[str, Any], task: str = "binary") -> tuple[Any, Any]:
    from components.evaluator.eval_config import eval_config
    from components.evaluator.gates import make_gates

    checked = EvaluationSettings.model_validate({"plots": False, **settings})
    prediction = {"binary": "score"}.get(task, "")
    config = eval_config(checked, task=task, label_key="label", prediction_key=prediction)  # type: ignore[arg-type]
    return config, make_gates(checked, task=task)  # type: ignore[arg-type]


def _run(run: Any, examples: Any, models: Any, settings: Any, *, beam: bool = False) -> Any:
    from components.evaluator.executor import Executor

    config, gates = _both(settings)
    return run(
        Executor,
        examples,
        models("binary", 1),
        config,
        baseline=models("binary", 2),
        gates=gates,
        flags=("--in_memory_bytes=0",) if beam else (),
    )


_TINY = {
    "metrics": {
        "accuracy": {
            "by_slice": [{"slice": {"payment": None, "hour": None, "zone": 1}, "at_least": 0.6}]
        },
        "auc": {"at_least": 0.1, "change_at_least": -1},
    }
}


def test_tiny_slices_refuse_a_model_by_chance_only_without_confidence(
    run: Any, examples: Any, models: Any
) -> None:
    strict = _run(run, examples, models, _TINY)
    patient = _run(run, examples, models, {**_TINY, "confidence": 0.95})

    refused = strict.validation().metric_validations_per_slice
    still = patient.validation().metric_validations_per_slice
    undecided = patient.gates()["undecided"]
    assert len(refused) == len(still) + len(undecided)
    assert undecided
    assert all(entry["metric"] == "accuracy" for entry in undecided)
    assert strict.blessing.get_int_custom_property("blessed") == 0
    # What remains is beyond the bound for sure.
    for row in still:
        [values] = [
            value
            for key, value in patient.numbers().items()
            if dict(key) == dict(row_key(row.slice_key))
        ]
        assert values["accuracy", ""][1][1] < 0.6


def row_key(key: Any) -> Any:
    from tensorflow_model_analysis.slicer import slicer_lib

    return slicer_lib.deserialize_slice_key(key)


def test_a_bad_model_is_refused_with_confidence_too(run: Any, examples: Any, models: Any) -> None:
    settings = {"metrics": {"accuracy": {"at_least": 0.99}}, "confidence": 0.95}

    outcome = _run(run, examples, models, settings)

    low, high = outcome.numbers()[()]["accuracy", ""][1]
    assert high < 0.99
    assert low < outcome.numbers()[()]["accuracy", ""][0] < high
    assert not outcome.validation().validation_ok
    assert outcome.blessing.get_int_custom_property("blessed") == 0


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
def test_intervals_are_about_as_wide_as_tfmas_jackknife(
    run: Any, examples: Any, models: Any
) -> None:
    # Not the squared error: TFMA's combiner counts its first part twice in a jackknife.
    metrics: dict[str, Any] = {name: {} for name in ("log_loss", "precision", "f1_score")}
    metrics["accuracy"] = {"change_at_least": -0.9}
    settings = {"metrics": metrics, "confidence": 0.95}

    ours = _run(run, examples, models, settings).numbers()[()]
    beam = _run(run, examples, models, settings, beam=True).numbers()[()]

    for name in metrics:
        for kind in ("", "change"):
            if ours[name, kind][0] == 0:
                continue
            low, high = ours[name, kind][1]
            tfma_low, tfma_high = beam[name, kind][1]
            assert 0.5 < (high - low) / (tfma_high - tfma_low) < 2, (name, kind)


_FAIR = {
    "metrics": {"accuracy": {}},
    "fairness": [
        {"rate": "false_positive_rate", "slice": "payment", "gap_at_most": 0.01},
        {"rate": "mean_error", "slice": {"fare": {"boundaries": [10]}}, "gap_at_most": 0.9},
    ],
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
def test_a_gap_beyond_its_bound_refuses_the_model_in_memory_and_through_beam(
    run: Any, examples: Any, models: Any
) -> None:
    ours = _run(run, examples, models, _FAIR)
    beam = _run(run, examples, models, _FAIR, beam=True)

    gap, error = ours.gates()["fairness"]
    rates = {entry["value"]: entry["rate"] for entry in gap["rates"]}
    assert set(rates) == {"Cash", "Credit Card", "Gutschein ä"}
    assert gap["gap"] == pytest.approx(max(rates.values()) - min(rates.values()))
    assert (gap["verdict"], error["verdict"]) == ("broken", "kept")
    assert gap["lowest"]["value"] == min(rates, key=lambda value: rates[value])
    other, _ = beam.gates()["fairness"]
    assert other["gap"] == pytest.approx(gap["gap"])
    for outcome in (ours, beam):
        [row] = outcome.validation().metric_validations_per_slice
        assert row.HasField("cross_slice_key")
        assert outcome.blessing.get_int_custom_property("blessed") == 0


def test_a_gap_between_few_examples_is_undecided(run: Any, examples: Any, models: Any) -> None:
    gate = {
        "rate": "accuracy",
        "slice": {"payment": None, "hour": None, "zone": 1},
        "gap_at_most": 0.3,
    }

    without = _run(run, examples, models, {"fairness": [gate]}).gates()["fairness"][0]
    outcome = _run(run, examples, models, {"fairness": [gate], "confidence": 0.95})

    found = outcome.gates()["fairness"][0]
    assert (without["verdict"], found["verdict"]) == ("broken", "undecided")
    assert found["interval"][0] < 0.3 < found["gap"] < found["interval"][1]
    assert outcome.blessing.get_int_custom_property("blessed") == 1


def test_a_slice_without_examples_is_named(run: Any, examples: Any, models: Any) -> None:
    outcome = _run(run, examples, models, {"slices": ["hour", {"payment": "Nobody"}]})

    assert outcome.gates()["empty_slices"] == ["payment = Nobody"]


@pytest.mark.parametrize(
    ("gate", "code", "said"),
    [
        ({"rate": "mean_absolute_error"}, "metric-not-for-task", "does not fit a binary task"),
        ({"slice": "paymnt"}, "unknown-feature", "did you mean 'payment'"),
        ({"rate": "acuracy"}, None, "did you mean 'accuracy'"),
    ],
)
def test_a_gate_that_cannot_be_is_refused_with_the_nearest(
    gate: dict[str, Any], code: str | None, said: str
) -> None:
    written = {"rate": "accuracy", "slice": "payment", "gap_at_most": 0.1, **gate}

    def check() -> None:
        settings = EvaluationSettings.model_validate({"fairness": [written]})
        check_evaluation(settings, task="binary", features=["payment", "fare"])

    with pytest.raises((UserError, ValueError)) as caught:
        check()

    error = caught.value
    assert getattr(error, "code", None) == code
    assert said in f"{error} {getattr(error, 'hint', '')}"
