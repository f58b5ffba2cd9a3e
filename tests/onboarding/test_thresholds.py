"""First thresholds lie between a model that learned nothing and an honest one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pytest

from components.example_gen.settings import IngestionSettings, SplitSettings
from components.example_gen.sources import base_and_pattern, find_files
from components.example_gen.writing.examples import write_examples
from components.example_gen.writing.planning import make_plan
from core.columnar_examples import read_examples
from onboarding.configuration_text import document
from onboarding.model import Choice, Proposal, Request
from onboarding.sample import read_sample
from onboarding.splits import split_sample
from onboarding.thresholds import (
    Measured,
    evaluation_choices,
    measure,
    remarks,
    rounded,
)
from pipeline.configuration.model import PipelineConfiguration
from tests.onboarding.made_proposals import (
    PLACES,
    binary_proposal,
    with_label_counts,
    with_task,
    write_table,
)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_table(tmp_path_factory.mktemp("table"))


@pytest.fixture(scope="module")
def proposal(table: Path) -> Proposal:
    return binary_proposal(table)


def configuration(proposal: Proposal) -> PipelineConfiguration:
    return PipelineConfiguration.model_validate(document(proposal, PLACES))


def scores(constant: float, linear: float, boosting: float, metric: str) -> Measured:
    found = {"constant": constant, "linear": linear, "gradient boosting": boosting}
    return Measured({kind: {metric: value} for kind, value in found.items()}, 400, 200, {"eval": 9})


def bounds(choices: Mapping[str, Choice], metric: str) -> dict[str, float]:
    return dict(choices[f"metrics.{metric}"].value)


@pytest.mark.parametrize(
    "split",
    [
        {},
        {"split.key": Choice("colour")},
        {"split.splits": Choice({"train": 3, "eval": 1, "x": 1})},
    ],
    ids=["by row", "by key", "three splits"],
)
def test_the_splits_are_those_of_example_gen(
    proposal: Proposal, table: Path, tmp_path: Path, split: Mapping[str, Choice]
) -> None:
    sections = {"data": {**proposal.sections["data"], **split}}
    settings = configuration(dataclasses.replace(proposal, sections=sections)).data.ingestion
    files = find_files(*base_and_pattern(str(table), settings), settings)
    weights = settings.split.splits
    plan = make_plan(files, settings, list(weights.values()), tmp_path / "times")

    write_examples(plan, {"single": files}, weights, settings, str(tmp_path / "examples"))
    found = split_sample(proposal.sample, settings)

    for name, rows in found.items():
        serials = [
            value[0].decode()
            for batch in read_examples(str(tmp_path / "examples"), name)
            for value in batch.column(batch.schema.get_field_index("serial")).to_pylist()
        ]
        assert rows.column("serial").to_pylist() == serials, name


def test_by_time_the_newest_rows_judge(tmp_path: Path) -> None:
    days = [f"{day:02d}.{month:02d}.2024" for month in range(1, 13) for day in range(1, 26)]
    rows = [f"{day},{place % 7},{place % 2}" for place, day in enumerate(days)]
    path = tmp_path / "days.csv"
    path.write_text("\n".join(["day,size,sold", *reversed(rows)]) + "\n")
    split = SplitSettings(method="time", time_column="day", time_format="%d.%m.%Y")

    found = split_sample(read_sample(Request(str(path), "sold")), IngestionSettings(split=split))

    assert set(found["train"].column("day").to_pylist()) == set(days[:200])
    assert set(found["eval"].column("day").to_pylist()) == set(days[200:])


def test_plain_models_are_measured_and_give_the_bounds(proposal: Proposal) -> None:
    measured = measure(proposal, configuration(proposal))
    choices = evaluation_choices(proposal, measured)

    assert measured.scores["constant"]["auc"] == 0.5
    assert measured.scores["linear"]["auc"] > 0.9
    auc = bounds(choices, "auc")
    assert 0.7 < auc["at_least"] < measured.scores["linear"]["auc"]
    assert auc["change_at_least"] < 0
    assert f"{measured.scores['linear']['auc']:.4g}" in choices["metrics.auc"].why


def test_the_section_is_one_that_a_run_takes(proposal: Proposal) -> None:
    measured = scores(0.5, 0.8, 0.9, "auc")
    evaluation = evaluation_choices(proposal, measured)

    complete = dataclasses.replace(
        proposal, sections={**proposal.sections, "evaluation": evaluation}
    )

    settings = configuration(complete).evaluation
    assert settings.confidence == 0.95
    assert settings.metrics["auc"].at_least == bounds(evaluation, "auc")["at_least"]


@pytest.mark.parametrize(
    ("constant", "linear", "boosting"),
    [(0.5, 0.96, 0.97), (0.5, 0.6, 0.93), (0.5, 0.55, 0.56), (0.5, 0.98, 0.71)],
)
def test_a_bound_on_auc_lies_above_guessing_and_below_the_honest(
    proposal: Proposal, constant: float, linear: float, boosting: float
) -> None:
    found = bounds(evaluation_choices(proposal, scores(constant, linear, boosting, "auc")), "auc")[
        "at_least"
    ]

    assert constant < found < max(linear, boosting) - 0.25 * (max(linear, boosting) - constant)


def test_a_bound_on_the_error_lies_below_the_mean_s_and_above_the_honest(
    proposal: Proposal,
) -> None:
    regression = with_task(proposal, "regression")
    measured = scores(131.7, 112.0, 104.9, "root_mean_squared_error")

    found = bounds(evaluation_choices(regression, measured), "root_mean_squared_error")

    assert 112.0 < found["at_most"] < 125.0
    assert found["relative_change_at_most"] == 0.02


def test_where_nothing_can_be_learned_a_remark_says_so_and_guessing_passes(
    proposal: Proposal,
) -> None:
    measured = scores(0.5, 0.503, 0.498, "auc")

    assert bounds(evaluation_choices(proposal, measured), "auc")["at_least"] == 0.5
    [remark] = remarks(proposal, measured)
    assert "guessing" in remark


def test_accuracy_has_no_bound_where_one_class_is_nearly_all(proposal: Proposal) -> None:
    measured = scores(0.97, 0.98, 0.985, "accuracy")
    one_sided = with_label_counts(proposal, [("False", 970), ("True", 30)])

    choice = evaluation_choices(one_sided, measured)["metrics.accuracy"]

    assert choice.value is None
    assert "97" in choice.why


def test_slices_are_categories_with_enough_rows(proposal: Proposal) -> None:
    measured = measure(proposal, configuration(proposal))

    assert evaluation_choices(proposal, measured)["slices"].value == ["colour"]


@pytest.mark.parametrize(
    ("value", "scale", "down", "expected"),
    [
        (0.8149, 0.45, True, 0.81),
        (118.21, 26.8, False, 119.0),
        (1_234_567.0, 40_000.0, False, 1_235_000.0),
        (0.000123456, 0.00002, False, 0.000124),
        (0.5, 0.0, True, 0.5),
    ],
)
def test_bounds_have_as_many_digits_as_matter(
    value: float, scale: float, down: bool, expected: float
) -> None:
    assert rounded(value, scale, down=down) == pytest.approx(expected, rel=1e-9)
