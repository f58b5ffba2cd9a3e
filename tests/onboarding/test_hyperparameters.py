from __future__ import annotations

import pytest

from models.hyperparameters import Hyperparameters
from onboarding.hyperparameters import choose
from preprocessing.features import load_features

FEATURES = load_features({"fare": "numeric", "company": "categorical"})
ROWS = (1, 50, 344, 3_000, 30_000, 500_000, 50_000_000)


def chosen(rows: int, **features: object) -> Hyperparameters:
    roles = load_features(features) if features else FEATURES
    return Hyperparameters.model_validate(
        {name: choice.value for name, choice in choose("binary", rows, roles).items()}
    )


@pytest.mark.parametrize("rows", ROWS)
def test_every_size_of_table_gets_hyperparameters_and_reasons(rows: int) -> None:
    found = chosen(rows)
    assert 300 <= found.train_steps <= 20_000
    assert found.evaluate_every_steps == found.train_steps // 25
    assert all(choice.why for choice in choose("binary", rows, FEATURES).values())


def test_few_rows_are_gone_over_more_often_by_a_smaller_model_that_is_held_back() -> None:
    few, many = chosen(344), chosen(300_000)
    passes = [h.train_steps * h.batch_size / n for h, n in ((few, 230), (many, 200_000))]
    assert passes[0] > 30 > passes[1] > 5
    assert few.hidden_units < many.hidden_units
    assert few.dropout > many.dropout
    assert few.weight_decay > many.weight_decay


def test_a_table_without_numbers_embeds_none() -> None:
    assert chosen(344, company="categorical").numeric_pieces == 0


def test_very_many_numbers_get_narrower_embeddings_then_none() -> None:
    def wide(columns: int) -> Hyperparameters:
        return chosen(30_000, **{f"c{place}": "numeric" for place in range(columns)})

    assert (wide(10).numeric_embedding, wide(120).numeric_embedding) == (8, 4)
    assert wide(500).numeric_embedding == 1
    assert wide(600).numeric_pieces == 0
