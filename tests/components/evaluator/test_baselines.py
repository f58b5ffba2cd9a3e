"""A blessed model that predicts something else is not compared with."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from components.evaluator.scores import Scores


@pytest.mark.parametrize("flags", [(), ("--in_memory_bytes=0",)], ids=["arrays", "beam"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
def test_a_baseline_of_another_label_is_refused_and_absolute_bounds_decide(
    run: Any, examples: Any, models: Any, flags: tuple[str, ...]
) -> None:
    from components.evaluator.eval_config import eval_config
    from components.evaluator.executor import Executor
    from components.evaluator.settings import EvaluationSettings

    written = {"metrics": {"accuracy": {"at_least": 0.01, "change_at_least": 0.9}}, "plots": False}
    config = eval_config(
        EvaluationSettings.model_validate(written),
        task="binary",
        label_key="label",
        prediction_key="score",
    )
    other = models("binary", 2, 0.1)

    outcome = run(Executor, examples, models("binary"), config, baseline=other, flags=flags)

    assert "another label, which differs in " in outcome.gates()["baseline_refused"]
    assert outcome.blessing.get_int_custom_property("blessed") == 1
    assert set(outcome.numbers()[()]) == {("accuracy", "")}


def _check(now: list[Any], before: list[Any], outputs: int) -> None:
    import tensorflow_model_analysis as tfma

    from components.evaluator.baselines import require_same_label

    config = tfma.EvalConfig()
    config.model_specs.add(name="candidate")
    config.model_specs.add(name="baseline", is_baseline=True)
    predictions = np.zeros((len(now), outputs))
    require_same_label(
        {
            "candidate": Scores(np.array(now)[:, None], predictions, None),
            "baseline": Scores(np.array(before)[:, None], predictions, None),
        },
        config,
    )


@pytest.mark.parametrize(
    ("now", "before", "outputs"),
    [
        ([0, 1, 1], [0, 1, 1], 1),
        ([0.1, 2.0], [0.1000001, 2.0], 1),
        ([0, 1, 2, 2], [2, 0, 1, 1], 3),
    ],
    ids=["the same", "rounded", "renumbered"],
)
def test_the_same_label_may_be_compared(now: list[Any], before: list[Any], outputs: int) -> None:
    _check(now, before, outputs)


@pytest.mark.parametrize(
    ("now", "before", "outputs", "count"),
    [
        ([0, 1, 1], [1, 0, 0], 1, 3),
        ([1.0, 2.0], [1.0, 3.0], 1, 1),
        ([0, 0, 0, 1], [0, 0, 1, 1], 3, 1),
    ],
    ids=["opposite", "other numbers", "other classes"],
)
def test_another_label_is_refused_with_a_count(
    now: list[Any], before: list[Any], outputs: int, count: int
) -> None:
    from components.evaluator.baselines import OtherLabelError

    with pytest.raises(OtherLabelError, match=f"differs in {count} of {len(now)} examples"):
        _check(now, before, outputs)
