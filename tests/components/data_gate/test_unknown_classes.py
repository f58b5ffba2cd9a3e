"""Labels that are none of the classes are named, counted as unlabelled and bounded."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from tensorflow_metadata.proto.v0 import schema_pb2

from components.data_gate.judgement import Baseline, Judgement, ModelInputs, judge
from components.data_gate.settings import GateSettings
from tests.components.data_gate.test_judgement import MODEL, ROWS, judged, split, trips

CLASSES = dataclasses.replace(MODEL, classes=("rejected", "approved"))


def _spelled(
    share: float, as_text: str, model: ModelInputs = CLASSES, **settings: Any
) -> Judgement:
    """Trips whose label is a word, a share of the yeses spelled in another way."""
    columns = trips()
    words = np.where(columns["tipped"] == 1, "approved", "rejected").astype(object)
    other = np.arange(ROWS) % 100 < 100 * share
    columns["tipped"] = np.where(other, as_text, words)
    return judged(columns, model=model, settings=settings)


@pytest.mark.parametrize(
    ("text", "like"),
    [
        ("Approved", ", like 'approved' but for capitals and blanks"),
        ("approved ", ", like 'approved' but for capitals and blanks"),
        ("pending", ""),
    ],
)
def test_many_labels_that_are_none_of_the_classes_stop_the_run(text: str, like: str) -> None:
    [finding] = _spelled(0.46, text).refused

    assert finding.describe() == (
        "train: label: 46.0% of the labels are none of the classes. Such rows are left out of "
        f"training and evaluation: {text!r} (46.0%{like}); expected: rejected, approved; of others "
        "at most 5.00% [question 4, type; 920 of 2,000 examples]"
    )
    assert finding.values == (text,)


def test_a_few_of_them_are_told() -> None:
    judgement = _spelled(0.02, "Approved")

    [finding] = judgement.findings
    assert (finding.check, finding.severity) == ("unknown_classes", "warn")
    assert judgement.notes == (
        "train: 40 of 2,000 rows (2.0%) have no label and are left out of training and evaluation",
    )


def test_they_count_as_rows_without_a_label() -> None:
    found = {finding.check: finding for finding in _spelled(0.6, "?").refused}

    assert found["missing_label"].headline == "60.0% of the rows have no label"


@pytest.mark.parametrize(
    ("settings", "blocks", "warns"),
    [
        ({"checks": {"unknown_classes": {"at_most": 0.2}}}, 0, 1),
        ({"checks": {"unknown_classes": "warn"}}, 0, 1),
        ({"checks": {"unknown_classes": "off"}}, 0, 0),
        ({"severities": {"unknown_classes": "ignore"}}, 0, 0),
        ({"allowed": ["label:unknown_classes"]}, 0, 0),
    ],
)
def test_the_configuration_says_what_they_do(settings: Any, blocks: int, warns: int) -> None:
    judgement = _spelled(0.1, "Approved", **settings)

    assert (len(judgement.refused), len(judgement.warnings)) == (blocks, warns)
    assert judgement.notes, "they are counted either way"


def test_words_that_say_neither_yes_nor_no_are_named() -> None:
    [finding] = _spelled(0.3, "perhaps", model=MODEL).refused[:1]

    assert "'approved' " in finding.seen
    assert "'perhaps' (30.0%)" in finding.seen
    assert finding.headline == "100.0% of the labels are none of the classes"
    assert finding.expected.startswith("a word for yes or no; ")


def _by_split(train: list[str], evaluation: list[str], **rows: Any) -> Judgement:
    model = ModelInputs(label="tipped", task="multiclass")
    splits = {}
    for name, words in (("eval", evaluation), ("train", train)):
        draw = np.random.default_rng(len(name))
        columns = {**trips(len(name)), "tipped": draw.choice(words, ROWS)}
        splits[name] = split(columns, **rows)
    return judge(splits, schema_pb2.Schema(), GateSettings(), model, Baseline())


def test_a_class_that_the_train_split_does_not_have_cannot_be_judged() -> None:
    [finding] = _by_split(["red", "blue"], ["red", "blue", "green"]).refused

    assert (finding.split, finding.check, finding.values) == ("eval", "unknown_classes", ("green",))
    assert finding.expected.startswith("blue, red; ")
    assert _by_split(["red", "blue", "green"], ["red", "blue"]).findings == ()


def test_a_class_that_a_sample_of_the_train_split_may_have_missed_is_not_missing() -> None:
    few = ["red"] * 499 + ["blue"] * 499 + ["green"]

    assert not _by_split(["red", "blue"], few, sample_rows=1_000).warnings
    assert _by_split(["red", "blue"], few).warnings
