"""Tables of few different rows are split so that the evaluation tells the truth."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.example_gen.settings import SplitSettings
from models import baselines
from onboarding import thresholds
from onboarding.configuration_text import Places, document
from onboarding.fixed_types import with_fixed_types
from onboarding.model import Proposal, Request
from onboarding.propose import propose
from onboarding.sample import read_sample
from pipeline.configuration.loading import check
from pipeline.configuration.model import PipelineConfiguration
from pipeline.configuration.positions import Layer
from tests.awkward.few_rows import FEW_ROWS
from tests.awkward.record import AwkwardTable, write_csv

LEARNED = baselines.BOOSTING


def proposed(path: Path, label: str, **asked: Any) -> tuple[Proposal, PipelineConfiguration]:
    """The proposal for a table, and the configuration that it becomes."""
    request = Request(str(path), label, name="table", **asked)
    proposal = with_fixed_types(propose(read_sample(request), request))
    places = Places(str(path), "schema.pbtxt", "millrace init")
    return proposal, check(Layer(document(proposal, places), {}))


def cross_validated(proposal: Proposal, configuration: PipelineConfiguration) -> float:
    """The AUC of a plain model in three folds of the rows."""
    frame, labels, _ = thresholds._labelled(proposal.sample.table, proposal, configuration)
    fold = np.random.default_rng(5).integers(0, 3, len(frame))
    scores = []
    for held in range(3):
        learns, judges = fold != held, fold == held
        found = baselines.measure(
            configuration.task,
            configuration.features,
            frame[learns],
            labels[learns],
            frame[judges],
            labels[judges],
            kinds=(LEARNED,),
        )
        scores.append(found[LEARNED]["auc"])
    return float(np.mean(scores))


@pytest.mark.parametrize("seed", [3, 4])
@pytest.mark.parametrize("make", FEW_ROWS)
def test_the_evaluation_is_that_of_honest_cross_validation(
    make: Callable[[Path, int], AwkwardTable], seed: int, tmp_path: Path
) -> None:
    table = make(tmp_path, seed)
    proposal, configuration = proposed(table.path, table.label)

    measured = thresholds.measure(proposal, configuration)

    judging = measured.eval_rows
    chance = 4 * np.sqrt(1 / 12 * (2 / (judging / 2)) * (1 + judging / proposal.sample.rows))
    honest = cross_validated(proposal, configuration)
    assert honest > 0.6
    assert measured.scores[LEARNED]["auc"] == pytest.approx(honest, abs=chance)


def test_with_the_label_in_the_hash_it_was_not(tmp_path: Path) -> None:
    """Why the label must have no say: the same table, split by the hash of the whole row."""
    table = FEW_ROWS[0](tmp_path, 3)
    proposal, configuration = proposed(table.path, table.label)
    split = SplitSettings.model_validate({"method": "hash_record"})
    data = configuration.data.model_copy(update={"split": split})

    measured = thresholds.measure(proposal, configuration.model_copy(update={"data": data}))

    assert measured.scores[LEARNED]["auc"] < 0.5


def split_choices(path: Path, label: str) -> dict[str, Any]:
    """The keys of the split and their values."""
    data = proposed(path, label)[0].sections["data"]
    return {k.removeprefix("split."): c.value for k, c in data.items() if k.startswith("split.")}


def test_copies_of_rows_stay_together(tmp_path: Path) -> None:
    """An export that holds every row twice: a model would find its answers in the train split."""
    draw = random.Random(1)
    once = [(f"{draw.gauss(50, 9):.3f}", draw.choice("ab"), draw.randrange(2)) for _ in range(150)]
    path = write_csv(tmp_path / "rows.csv", ["age", "plan", "left"], once * 2)

    found = split_choices(path, "left")

    assert (found["method"], found["columns"]) == ("hash", ["age", "plan"])


def test_rows_of_one_customer_stay_together_by_what_is_told_of_him(tmp_path: Path) -> None:
    draw = random.Random(2)
    customers = [(round(draw.gauss(50, 9), 3), draw.choice("ab")) for _ in range(600)]
    rows = [(*customer, draw.randrange(2)) for customer in customers for _ in range(5)]
    path = write_csv(tmp_path / "rows.csv", ["income", "plan", "answered"], rows)

    assert split_choices(path, "answered")["method"] == "hash"


def test_few_rows_that_all_differ_are_split_by_their_values(tmp_path: Path) -> None:
    draw = random.Random(3)
    rows = [(round(draw.random(), 6), draw.randrange(2)) for _ in range(120)]
    path = write_csv(tmp_path / "rows.csv", ["size", "sold"], rows)

    assert split_choices(path, "sold")["method"] == "hash"


def test_a_number_can_be_the_label_of_a_grid(tmp_path: Path) -> None:
    draw = random.Random(4)
    cells = [(draw.randrange(5), draw.randrange(6)) for _ in range(1_500)]
    rows = [(x, y, round(x * y + draw.gauss(0, 3), 2)) for x, y in cells]
    path = write_csv(tmp_path / "rows.csv", ["x", "y", "height"], rows)

    assert split_choices(path, "height")["method"] == "row"


def test_of_very_many_columns_those_are_named_that_are_not_hashed(tmp_path: Path) -> None:
    draw = random.Random(5)
    names = [f"sensor_{place}" for place in range(60)]
    rows = [[*(round(draw.gauss(0, 1), 3) for _ in names), draw.randrange(2)] for _ in range(300)]
    path = write_csv(tmp_path / "rows.csv", [*names, "fails"], rows)

    found = split_choices(path, "fails")

    assert (found.get("columns"), found["without"]) == (None, ["fails"])


def test_the_configuration_says_which_split_and_why(tmp_path: Path) -> None:
    from onboarding.configuration_text import configuration_text

    table = FEW_ROWS[0](tmp_path, 0)
    proposal, _ = proposed(table.path, table.label)

    text = configuration_text(proposal, Places("rows.csv", "s.pbtxt", "millrace init"))

    words = " ".join(text.replace("#", " ").split())
    assert "the rows differ in 64 ways only, too few to keep equal ones together" in words
    assert "method: row" in words
    assert "split_overlap: 'off'" in words
