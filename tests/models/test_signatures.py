from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.problem import Problem
from models.signatures import ServingModule, export, prediction_key
from models.training_loop import Evaluator, train_model
from preprocessing.columns import MISSING_INTEGER
from preprocessing.features import LABEL_KEY, raw_columns
from tests.models.small_table import CARD, FEATURES, QUICK, SmallTable
from tests.preprocessing.analysis import examples_of

SERVED = raw_columns(FEATURES)


@pytest.fixture(scope="module")
def expected(small_table: SmallTable, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """An exported model, and what its model said before the export."""
    import tensorflow as tf

    folder = tmp_path_factory.mktemp("model")
    problem = Problem(small_table.fn_args(folder), QUICK)
    trained = train_model(problem, QUICK, log_folder=None, checkpoint_folder=None, identity="test")
    module = ServingModule(
        trained.model, problem.head, problem.layout, problem.transform_output, SERVED
    )
    export(module, str(folder / "serving"))
    predictions = Evaluator(trained.model, problem.head, problem.eval_rows).predictions()
    loaded = tf.saved_model.load(str(folder / "serving"))
    return {"signatures": loaded.signatures, "keep": loaded, "predictions": predictions}


def with_label(small_table: SmallTable) -> np.ndarray:
    return small_table.eval[LABEL_KEY] >= 0


def raw_tensors(columns: dict[str, list[Any]]) -> dict[str, Any]:
    import tensorflow as tf

    return {
        "fare": tf.constant([np.nan if v is None else v for v in columns["fare"]], tf.float32),
        "payment_type": tf.constant(columns["payment_type"]),
        "hour": tf.constant(columns["hour"], tf.int64),
    }


def test_served_examples_get_the_trained_models_answers(
    expected: dict, small_table: SmallTable
) -> None:
    import tensorflow as tf

    served = {name: small_table.raw_eval[name] for name in SERVED}
    answers = expected["signatures"]["serving_default"](examples=tf.constant(examples_of(served)))
    known = with_label(small_table)
    np.testing.assert_allclose(
        answers["probabilities"].numpy()[known], expected["predictions"], atol=1e-5
    )
    np.testing.assert_array_equal(answers["score"], answers["probabilities"][:, 1])
    assert answers["classes"].numpy()[0].tolist() == [b"false", b"true"]


def test_raw_tensors_get_the_same_answers_as_examples(
    expected: dict, small_table: SmallTable
) -> None:
    import tensorflow as tf

    served = {name: small_table.raw_eval[name] for name in SERVED}
    examples = expected["signatures"]["serving_default"](examples=tf.constant(examples_of(served)))
    raw = expected["signatures"]["serving_raw"](**raw_tensors(served))
    np.testing.assert_array_equal(raw["score"], examples["score"])


def test_a_raw_text_with_line_ends_is_its_trained_category(expected: dict) -> None:
    def score(payment: str) -> float:
        columns = {"fare": [9.0], "payment_type": [payment], "hour": [12]}
        return float(expected["signatures"]["serving_raw"](**raw_tensors(columns))["score"])

    assert score(CARD) > score("Cash") + 0.1
    assert score(CARD) != score("Credit Card\n(chip)") == score("never\nseen")


def test_markers_mean_missing_in_raw_requests(expected: dict) -> None:
    import tensorflow as tf

    empty = tf.constant([tf.train.Example().SerializeToString()])
    examples = expected["signatures"]["serving_default"](examples=empty)
    raw = expected["signatures"]["serving_raw"](
        fare=tf.constant([np.nan]),
        payment_type=tf.constant([""]),
        hour=tf.constant([MISSING_INTEGER], tf.int64),
    )
    np.testing.assert_array_equal(raw["score"], examples["score"])
    assert np.isfinite(raw["score"]).all()


def test_an_empty_batch_gets_an_empty_answer(expected: dict) -> None:
    import tensorflow as tf

    answers = expected["signatures"]["serving_default"](examples=tf.constant([], tf.string))
    assert answers["probabilities"].shape == (0, 2)


def test_evaluation_gets_the_transformed_label(expected: dict, small_table: SmallTable) -> None:
    import tensorflow as tf

    rows = tf.constant(examples_of(small_table.raw_eval))
    transformed = expected["signatures"]["transform_features"](examples=rows)
    assert set(transformed) == set(small_table.eval)
    for name, values in small_table.eval.items():
        np.testing.assert_array_equal(transformed[name], values)


def test_each_task_names_the_output_that_is_evaluated() -> None:
    assert {prediction_key(t) for t in ("binary", "multiclass", "regression")} == {
        "score",
        "probabilities",
        "prediction",
    }
