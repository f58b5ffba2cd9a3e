"""Rows without a label are counted, and refused where they are too many."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import numpy as np
import pytest
from tensorflow_metadata.proto.v0 import schema_pb2

from components.data_gate.judgement import Baseline, judge
from components.data_gate.settings import GateSettings
from tests.components.data_gate.test_judgement import MODEL, ROWS, judged, split, trips


def _without(share: float) -> dict[str, Any]:
    columns = trips()
    gone = np.arange(ROWS) % 100 < 100 * share
    return {**columns, "tipped": np.where(gone, None, columns["tipped"])}


def test_a_few_rows_without_a_label_are_noted() -> None:
    judgement = judged(_without(0.1))

    assert judgement.findings == ()
    assert judgement.notes == (
        "train: 200 of 2,000 rows (10.0%) have no label and are left out of training and "
        "evaluation",
    )


def test_every_row_with_a_label_needs_no_note() -> None:
    assert judged(trips()).notes == ()


def test_more_rows_without_a_label_than_allowed_stop_the_run() -> None:
    [finding] = judged(_without(0.6)).refused

    assert finding.check == "missing_label"
    assert (finding.count, finding.examples) == (1_200, ROWS)
    assert finding.describe() == (
        "train: label: 60.0% of the rows have no label. Such rows are left out of training and "
        "evaluation; expected: at most 50.00% [question 5, proportion; 1,200 of 2,000 examples]"
    )


@pytest.mark.parametrize(
    ("check", "blocks", "warns"),
    [
        ({"at_most": 0.05}, 1, 0),
        ({"at_most": 0.05, "severity": "warn"}, 0, 1),
        ({"at_most": 0.2}, 0, 0),
        ("off", 0, 0),
    ],
    ids=["stricter", "warn", "not-too-many", "off"],
)
def test_the_configuration_says_how_many_are_too_many(check: Any, blocks: int, warns: int) -> None:
    judgement = judged(_without(0.1), settings={"checks": {"missing_label": check}})

    assert (len(judgement.refused), len(judgement.warnings)) == (blocks, warns)
    assert len(judgement.notes) == 1, "they are counted either way"


def test_a_split_without_any_label_is_refused() -> None:
    [finding] = judged(_without(1.0)).refused

    assert finding.headline == "100.0% of the rows have no label"


def test_a_regression_has_no_label_where_the_number_is_none() -> None:
    columns = trips()
    columns["tips"] = np.where(np.arange(ROWS) % 4 < 3, np.nan, 2.5 + columns["zone"])
    model = dataclasses.replace(MODEL, label="tips", task="regression")

    [finding] = judged(columns, model=model).refused

    assert finding.headline == "75.0% of the rows have no label"


def test_of_sampled_rows_the_count_is_about_all() -> None:
    data = {"train": split(_without(0.1), sample_rows=1_000)}

    note = judge(data, schema_pb2.Schema(), GateSettings(), MODEL, Baseline()).notes[-1]

    counted = re.match(r"train: about (\d+) of 2,000 rows", note)
    assert counted is not None
    assert 140 < int(counted[1]) < 260
