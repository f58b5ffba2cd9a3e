from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import UserError
from models.hyperparameters import FloatRange, Hyperparameters, SearchSettings
from models.tuning import search_space, tuner_config, tuner_fn
from tests.models.small_table import FEATURES, LABEL, QUICK, SmallTable

SEARCH = SearchSettings(trials=2, train_steps=10, hidden_layers=(1, 2), hidden_units=(4, 8))


@pytest.mark.parametrize("algorithm", ["random", "hyperband"])
def test_a_search_tries_so_many_models_and_finds_the_best(
    algorithm: str, small_table: SmallTable, tmp_path: Path
) -> None:
    fn_args = small_table.fn_args(tmp_path)
    search = SEARCH.model_copy(update={"algorithm": algorithm})
    fn_args.custom_config = tuner_config(FEATURES, LABEL, "binary", QUICK, search)
    result = tuner_fn(fn_args)
    result.tuner.search(**result.fit_kwargs)
    scores = [trial.score for trial in result.tuner.oracle.get_best_trials(9)]
    assert len(scores) == 2
    assert scores == sorted(scores)
    best = result.tuner.get_best_hyperparameters()[0].get_config()["values"]
    tuned = Hyperparameters().with_tuned(best)
    assert len(tuned.hidden_units) == best["hidden_layers"]
    assert set(tuned.hidden_units) <= {4, 8}


def test_the_configured_values_are_the_spaces_defaults() -> None:
    search = SearchSettings(learning_rate=FloatRange(low=0.1, high=0.5), dropout=None)
    space = search_space(search, Hyperparameters(learning_rate=0.2))
    assert space.values["learning_rate"] == 0.2
    assert "dropout" not in space.values


def test_an_empty_search_is_refused() -> None:
    nothing = SearchSettings(
        learning_rate=None, dropout=None, weight_decay=None, hidden_layers=(), batch_size=()
    )
    with pytest.raises(UserError, match="nothing to search"):
        search_space(nothing, Hyperparameters())
