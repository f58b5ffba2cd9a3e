from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.errors import UserError
from models.problem import OWN_MODEL_KEY, Problem
from models.training import run_fn
from tests.models.small_table import CARD, QUICK, SmallTable

RESIDUAL = "tests.models.residual_network"


def own_arguments(table: SmallTable, folder: Path, module: str) -> SimpleNamespace:
    fn_args = table.fn_args(folder)
    fn_args.custom_config = {**fn_args.custom_config, OWN_MODEL_KEY: module}
    return fn_args


@pytest.fixture(scope="module")
def problem(small_table: SmallTable, tmp_path_factory: pytest.TempPathFactory) -> Problem:
    return Problem(small_table.fn_args(tmp_path_factory.mktemp("unused")), QUICK)


def test_a_residual_network_is_trained_and_exported_with_all_signatures(
    small_table: SmallTable, tmp_path: Path
) -> None:
    import tensorflow as tf

    fn_args = own_arguments(small_table, tmp_path, RESIDUAL)
    run_fn(fn_args)
    record = json.loads((tmp_path / "run" / "training.json").read_text())
    assert record["own_model"] == RESIDUAL
    assert record["metrics"]["auc"] > 0.8
    served = tf.saved_model.load(fn_args.serving_model_dir).signatures
    assert set(served) == {"serving_default", "serving_raw", "transform_features"}
    answer = served["serving_raw"](
        fare=tf.constant([10.0, 10.0]),
        payment_type=tf.constant([CARD, "Cash"]),
        hour=tf.constant([8, 8], tf.int64),
    )
    by_card, in_cash = answer["score"].numpy()
    assert by_card > in_cash


def test_an_own_model_goes_on_from_its_checkpoint_and_ends_as_the_whole_training(
    problem: Problem, tmp_path: Path
) -> None:
    from models.training_loop import train_model

    own = Problem.__new__(Problem)
    own.__dict__.update(problem.__dict__, own_model=RESIDUAL)
    still = QUICK.model_copy(
        update={"dropout": 0.0, "checkpoint_seconds": 0.0, "learning_rate_decay": "none"}
    )

    def train(steps: int, folder: Path | None) -> dict[str, Any]:
        return train_model(
            own,
            still.model_copy(update={"train_steps": steps}),
            log_folder=None,
            checkpoint_folder=None if folder is None else str(folder),
            identity="own",
        ).record

    whole = train(60, None)
    train(40, tmp_path)
    resumed = train(60, tmp_path)
    assert resumed["continued_from_step"] == 40
    assert resumed["metrics"]["loss"] == pytest.approx(whole["metrics"]["loss"], rel=1e-3)


def test_a_tuner_tries_an_own_model(small_table: SmallTable, tmp_path: Path) -> None:
    from models.hyperparameters import SearchSettings
    from models.tuning import tuner_config, tuner_fn
    from tests.models.small_table import FEATURES, LABEL

    fn_args = own_arguments(small_table, tmp_path, RESIDUAL)
    search = SearchSettings(trials=1, train_steps=10, hidden_layers=())
    config = tuner_config(FEATURES, LABEL, "binary", QUICK, search, None, RESIDUAL)
    assert config[OWN_MODEL_KEY] == RESIDUAL
    fn_args.custom_config = config
    tuner = tuner_fn(fn_args).tuner
    tuner.search()
    assert tuner.get_best_hyperparameters()[0].get("learning_rate") > 0


HEADING = "import keras\ndef make_model(layout, head, hyperparameters):\n"
INPUTS = (
    "    ins = {n: keras.Input([c], dtype=d, name=n) for n, (d, c) in layout.shapes().items()}\n"
)
WRONG = {
    "no_function": ("def make_modell(*_): ...", "has no function make_model"),
    "no_model": (HEADING + "    return keras.layers.Dense(1)", "gives no keras.Model"),
    "raises": (HEADING + "    return head.unit", "fails"),
    "does_not_import": ("import no_such_library", "cannot be imported"),
    "wrong_shape": (
        HEADING
        + INPUTS
        + "    return keras.Model({'dense': ins['dense']}, keras.layers.Dense(3)(ins['dense']))",
        "wrong shape",
    ),
    "no_numbers": (
        HEADING
        + INPUTS
        + "    out = keras.layers.Dense(1, bias_initializer="
        + "keras.initializers.Constant(float('nan')))(ins['dense'])\n"
        + "    return keras.Model({'dense': ins['dense']}, out)",
        "no numbers",
    ),
    "nothing_to_train": (
        HEADING
        + INPUTS
        + "    model = keras.Model({'dense': ins['dense']}, keras.layers.Dense(1)(ins['dense']))\n"
        + "    model.trainable = False\n    return model",
        "no trainable weights",
    ),
    "unknown_input": (
        HEADING
        + "    words = keras.Input([3])\n"
        + "    return keras.Model({'words': words}, keras.layers.Dense(1)(words))",
        "wants an input 'words'",
    ),
    "cannot_be_called": (
        HEADING + "    return keras.Sequential([keras.layers.Dense(1)])",
        "cannot be called",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_model_that_cannot_be_trained_is_refused_before_training(
    wrong: str, problem: Problem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models.own_model import make_own_model

    source, said = WRONG[wrong]
    (tmp_path / f"own_{wrong}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UserError, match=said) as caught:
        make_own_model(f"own_{wrong}", problem.layout, problem.head, QUICK, problem.train_rows)
    assert caught.value.code == "own-model"
    assert caught.value.evidence


def test_what_layers_add_to_the_loss_is_trained_as_well(problem: Problem) -> None:
    import keras
    import tensorflow as tf

    from models.input_pipeline import batches_from_memory
    from models.training_loop import make_train_function

    def weight_after(penalty: float) -> float:
        keras.utils.set_random_seed(1)
        inputs = {n: keras.Input([c], dtype=d, name=n) for n, (d, c) in shapes.items()}
        layer = keras.layers.Dense(1, kernel_regularizer=keras.regularizers.L2(penalty))
        model = keras.Model({"dense": inputs["dense"]}, layer(inputs["dense"]))
        optimizer = keras.optimizers.SGD(0.05)
        optimizer.build(model.trainable_variables)
        train = make_train_function(model, problem.head, optimizer, np.ones(2, np.float32))
        train(iter(batches_from_memory(problem.train_rows, 64, 1)), tf.constant(20))
        return float(np.abs(layer.kernel.numpy()).sum())

    shapes = problem.layout.shapes()
    assert weight_after(5.0) < 0.5 * weight_after(0.0)


def test_a_model_that_reads_one_input_of_several_gets_that_one(problem: Problem) -> None:
    import keras
    import tensorflow as tf

    from models.own_model import forward

    index = keras.Input([len(problem.layout.indices)], dtype="int32")
    model = keras.Model({"index": index}, keras.ops.cast(index, "float32"))
    inputs = {n: tf.constant(values[:2]) for n, values in problem.train_rows.inputs().items()}
    given = forward(model)(inputs, training=False)
    np.testing.assert_array_equal(given, problem.train_rows.index[:2])
