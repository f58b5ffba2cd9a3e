"""Proposals made by hand over small tables, for tests of what comes after them."""

from __future__ import annotations

import dataclasses
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from onboarding.configuration_text import Places
from onboarding.model import (
    Choice,
    ColumnDecision,
    ColumnFacts,
    Kind,
    LabelFacts,
    Proposal,
    Request,
    SampledTable,
    Use,
)
from onboarding.sample import read_sample

ROWS = 600
PLACES = Places("things.csv", "schema/things/schema.pbtxt", "millrace init --data things.csv")
COLUMNS: Mapping[str, tuple[Kind, Use, str]] = {
    "size: m²": ("numeric", "feature", "12 to 90"),
    "colour": ("categorical", "feature", "3 different values"),
    "note": ("text", "feature", "words"),
    "seldom": ("numeric", "feature", "mostly missing"),
    "serial": ("identifier", "dropped", "differs in every row"),
    "batch": ("identifier", "dropped", "differs in every row"),
    "sold": ("boolean", "label", "the label"),
}


def write_table(folder: Path, rows: int = ROWS, seed: int = 5) -> Path:
    """A CSV in which size and colour tell whether a thing was sold, nearly always."""
    chance = random.Random(seed)
    lines = [",".join(f'"{name}"' for name in COLUMNS)]
    for row in range(rows):
        size = chance.uniform(12, 90)
        colour = chance.choice(["red", "blue", "green"])
        sold = size + 20 * (colour == "red") + chance.gauss(0, 5) > 55
        size_text = "" if chance.random() < 0.02 else f"{size:.1f}"
        seldom = f"{chance.random():.3f}" if chance.random() < 0.01 else ""
        note = " ".join(chance.choices(["good", "old", "as new", "broken", "cheap"], k=3))
        lines.append(f"{size_text},{colour},{note},{seldom},s{row},{row * 7919},{sold}")
    path = folder / "things.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def facts(sample: SampledTable, name: str) -> ColumnFacts:
    """What is counted of one column."""
    values = sample.table.column(name).to_pylist()
    counts = Counter(str(value) for value in values if value is not None)
    return ColumnFacts(
        name,
        sample.types[name],
        len(values),
        values.count(None),
        len(counts),
        tuple(counts.most_common(10)),
    )


def binary_proposal(path: Path, **sections: Mapping[str, Choice]) -> Proposal:
    """A proposal over the table of `write_table`."""
    sample = read_sample(Request(str(path), "sold"))
    columns = tuple(
        ColumnDecision(facts(sample, name), kind, use, why, name if use == "feature" else None)
        for name, (kind, use, why) in COLUMNS.items()
    )
    split = {
        "split.method": Choice("hash", "no time column"),
        "split.splits": Choice({"train": 2, "eval": 1}),
    }
    return Proposal(
        name="things",
        sample=sample,
        label=LabelFacts("sold", ("sold",), 0, facts(sample, "sold").common),
        task=Choice("binary", "the label says yes or no"),
        classes=None,
        columns=columns,
        features={
            "size: m²": Choice({"role": "numeric", "buckets": 10}, "12 to 90"),
            "colour": Choice("categorical", "3 different values"),
            "seldom": Choice("numeric", "mostly missing"),
        },
        sections={"data": split, **sections},
        remarks=("Two columns differ in every row.",),
    )


def with_label_counts(proposal: Proposal, counts: Sequence[tuple[str, int]]) -> Proposal:
    """The proposal as if the label's classes were so frequent."""
    return dataclasses.replace(
        proposal, label=dataclasses.replace(proposal.label, classes=tuple(counts))
    )


def with_task(proposal: Proposal, task: str, **changes: Any) -> Proposal:
    """The proposal for another task."""
    return dataclasses.replace(proposal, task=Choice(task, "as asked"), **changes)
