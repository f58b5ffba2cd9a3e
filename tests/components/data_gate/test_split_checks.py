"""Splits that tell the truth raise no alarm; one that depends on the label does."""

from __future__ import annotations

import collections
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from components.data_gate.component import DataGate
from components.data_gate.labels import labels_by_split
from components.data_gate.rows import read_rows
from components.data_gate.settings import ChecksSettings
from components.data_gate.split_checks import split_findings
from components.example_gen.settings import IngestionSettings
from core.errors import DataError
from onboarding.model import Request
from onboarding.sample import read_sample
from onboarding.splits import split_sample
from preprocessing.label import Task
from tests.awkward.few_rows import FEW_ROWS
from tests.components.data_gate.conftest import Chain
from tests.onboarding.observed import sample_of

Table = dict[str, list[Any]]
ROWS = 3_000


def found(
    table: Table, label: str, inputs: list[str], task: Task = "binary", **split: Any
) -> dict[str, str]:
    """What is found of a table that is split in some way: check to headline."""
    settings = IngestionSettings.model_validate({"split": split})
    parts = split_sample(sample_of(table), settings)
    rows = {
        name: read_rows(part.combine_chunks().to_batches(), part.num_rows, 250_000, hashed=False)
        for name, part in parts.items()
    }
    classes = sorted(set(table[label])) if isinstance(table[label][0], str) else None
    labels = labels_by_split(label, task, classes, rows)
    findings = split_findings(
        {name: one.columns for name, one in rows.items()},
        labels,
        inputs,
        ChecksSettings(),
        split.get("key") or "",
    )
    return {finding.check: finding.headline for finding in findings}


def few_rows(make: Any, folder: Path, seed: int) -> tuple[Table, str, list[str]]:
    """A table of few different rows, its label, and what a model reads."""
    made = make(folder, seed)
    table = read_sample(Request(str(made.path), made.label)).table.to_pydict()
    table.pop("measurement", None)
    return table, made.label, [name for name in table if name != made.label]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("make", FEW_ROWS)
def test_a_split_by_the_whole_row_is_found_with_its_number(
    make: Any, seed: int, tmp_path: Path
) -> None:
    table, label, inputs = few_rows(make, tmp_path, seed)

    findings = found(table, label, inputs, method="hash_record")

    assert "is worse than guessing: AUC 0." in findings["worse_than_guessing"]
    assert "of the examples have features that train has with" in findings["split_contradiction"]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("make", FEW_ROWS)
def test_a_split_without_the_label_misleads_nobody(make: Any, seed: int, tmp_path: Path) -> None:
    table, label, inputs = few_rows(make, tmp_path, seed)

    assert not found(table, label, inputs, method="row")
    by_values = found(table, label, inputs, columns=inputs)
    assert by_values.keys() <= {"split_label_drift"}


def customers(draw: random.Random) -> Table:
    """Customers with the same label in all of their rows."""
    people = [(draw.randrange(18, 90), draw.choice("ab"), draw.randrange(2)) for _ in range(200)]
    chosen = [draw.randrange(200) for _ in range(ROWS)]
    ages, plans, labels = zip(*(people[one] for one in chosen), strict=True)
    return {"customer": chosen, "age": [*ages], "plan": [*plans], "label": [*labels]}


def noise(draw: random.Random) -> Table:
    """A label that nothing tells anything of."""
    return {
        "size": [draw.gauss(0, 1) for _ in range(ROWS)],
        "plan": [draw.choice("abcdef") for _ in range(ROWS)],
        "row": list(range(ROWS)),
        "label": [draw.randrange(2) for _ in range(ROWS)],
        "rare": [int(draw.random() < 0.02) for _ in range(ROWS)],
        "kind": [draw.choice(["p", "q", "r"]) for _ in range(ROWS)],
        "amount": [draw.gauss(5, 2) for _ in range(ROWS)],
    }


@pytest.mark.parametrize("seed", range(8))
def test_chance_raises_no_alarm(seed: int) -> None:
    draw = random.Random(seed)
    table, few = noise(draw), customers(draw)

    assert not found(table, "label", ["size", "plan"], columns=["size", "plan"])
    assert not found(table, "label", ["plan"], key="row")
    assert not found(table, "rare", ["plan"], key="row")
    assert not found(table, "kind", ["size", "plan"], "multiclass", key="row")
    assert not found(table, "amount", ["size", "plan"], "regression", key="row")
    assert not found(table, "label", ["size", "plan"], method="time", time_column="row")
    assert not found(few, "label", ["age", "plan"], key="customer")


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_what_turns_round_in_time_is_found(task: Task) -> None:
    """Before half of the time large is good, afterwards small is: no model of old rows helps."""
    draw = random.Random(9)
    sizes = [draw.gauss(0, 1) for _ in range(ROWS)]
    turned = [(size if row < 0.66 * ROWS else -size) for row, size in enumerate(sizes)]
    of_task = {
        "binary": [int(one > 0) for one in turned],
        "multiclass": ["high" if one > 0.5 else "low" if one < -0.5 else "mid" for one in turned],
        "regression": turned,
    }
    table = {"size": sizes, "row": list(range(ROWS)), "label": of_task[task]}

    findings = found(table, "label", ["size"], task, method="time", time_column="row")

    assert "adds up columns of train is worse than guessing" in findings["worse_than_guessing"]


def test_labels_that_become_more_frequent_are_noted() -> None:
    draw = random.Random(10)
    labels = [int(draw.random() < 0.2 + 0.6 * row / ROWS) for row in range(ROWS)]
    table = {"plan": [draw.choice("ab") for _ in labels], "row": list(range(ROWS)), "label": labels}

    findings = found(table, "label", ["plan"], method="time", time_column="row")

    assert findings.keys() == {"split_label_drift"}
    assert "of train and" in findings["split_label_drift"]


def test_the_gate_refuses_the_split_and_does_not_blame_the_data(tmp_path: Path) -> None:
    table, label, inputs = few_rows(FEW_ROWS[0], tmp_path, 1)
    model = {"kinds": dict.fromkeys(inputs, "categorical"), "label": label, "task": "binary"}
    chain = Chain(tmp_path / "chain", _schema(table), model=model)

    with pytest.raises(DataError) as caught:
        chain.accept(pa.table(table))

    assert caught.value.code == "misleading-split"
    assert "data.split.method: row" in caught.value.hint
    assert "AUC 0." in caught.value.evidence[0]
    accepted = chain.accept(pa.table(table), checks={"worse_than_guessing": "warn"})
    warned = collections.Counter(item["check"] for item in accepted.report["warnings"])
    assert warned["worse_than_guessing"] == 1


def _schema(table: Table) -> str:
    kinds = {
        name: "INT" if isinstance(values[0], int) else "BYTES" for name, values in table.items()
    }
    return "\n".join(f'feature {{ name: "{name}" type: {kind} }}' for name, kind in kinds.items())


def test_the_gate_is_told_how_rows_are_split() -> None:
    from tfx import types
    from tfx.types import standard_artifacts

    kinds = {
        "anomalies": standard_artifacts.ExampleAnomalies,
        "statistics": standard_artifacts.ExampleStatistics,
        "schema": standard_artifacts.Schema,
        "examples": standard_artifacts.Examples,
    }
    channels = {name: types.Channel(type=kind) for name, kind in kinds.items()}
    component = DataGate(**channels, split="hash", key="customer")

    assert '"key": "customer"' in component.exec_properties["model"]
