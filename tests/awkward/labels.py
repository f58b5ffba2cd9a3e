"""Good tables whose label, key or order of time is awkward."""

from __future__ import annotations

import random
from pathlib import Path

from tests.awkward.formats import HEADER, USUAL, usual
from tests.awkward.people import people
from tests.awkward.record import AwkwardTable, write_csv


def odd_label(folder: Path) -> AwkwardTable:
    """A label whose name is no plain word, and says yes and no."""
    header = (*HEADER[:-1], "has churned?")
    rows = [(*usual(one)[:-1], "Yes" if one.churned else "No") for one in people()]
    path = write_csv(folder / "rows.csv", header, rows)
    return AwkwardTable(
        "odd_label", path, "has churned?", "binary", columns={"has churned?": "label"}
    )


def customers(folder: Path) -> AwkwardTable:
    """Several rows a customer, who must be on one side of the split."""
    draw = random.Random(10)
    rows = []
    for one in people(600):
        for _ in range(draw.randint(1, 6)):
            month = draw.randint(1, 12)
            rows.append([f"C{one.number:04d}", month, *usual(one)])
    draw.shuffle(rows)
    path = write_csv(folder / "rows.csv", ["customer", "month", *HEADER], rows)
    return AwkwardTable(
        "customers",
        path,
        "churned",
        "binary",
        options={"key": "customer"},
        columns={**USUAL, "customer": "key"},
        settings={"split.key": "customer"},
    )


def by_time(folder: Path) -> AwkwardTable:
    """Rows in no order, to be split at a day."""
    rows = [[one.since.strftime("%d.%m.%Y %H:%M"), *usual(one)] for one in people()]
    path = write_csv(folder / "rows.csv", ["when", *HEADER], rows)
    return AwkwardTable(
        "by_time",
        path,
        "churned",
        "binary",
        options={"time": "when"},
        columns=USUAL,
        settings={"split.time_column": "when"},
    )


def label_gaps(folder: Path) -> AwkwardTable:
    """One row of fifty has no label."""
    rows = []
    for one in people():
        row = usual(one)
        if one.number % 50 == 0:
            row[-1] = None
        rows.append(row)
    path = write_csv(folder / "rows.csv", HEADER, rows)
    return AwkwardTable("label_gaps", path, "churned", "binary", columns=USUAL)


def regression(folder: Path) -> AwkwardTable:
    """A number to predict."""
    rows = [(*usual(one)[:-1], f"{one.spent:.2f}") for one in people()]
    path = write_csv(folder / "rows.csv", (*HEADER[:-1], "spent"), rows)
    return AwkwardTable("regression", path, "spent", "regression", columns={"spent": "label"})


def named_classes(folder: Path) -> AwkwardTable:
    """Three classes by name."""
    rows = [(*usual(one)[:-1], one.size) for one in people()]
    path = write_csv(folder / "rows.csv", (*HEADER[:-1], "size"), rows)
    return AwkwardTable("named_classes", path, "size", "multiclass", columns={"size": "label"})


def numbered_classes(folder: Path) -> AwkwardTable:
    """Five classes called 1 to 5, as stars are: asked for as classes."""
    sizes = {"small": 1, "medium": 3, "large": 5}
    rows = []
    for one in people():
        stars = sizes[one.size]
        if one.number % 10 == 0:
            stars = min(5, stars + 1)
        rows.append((*usual(one)[:-1], stars))
    path = write_csv(folder / "rows.csv", (*HEADER[:-1], "stars"), rows)
    return AwkwardTable(
        "numbered_classes", path, "stars", "multiclass", options={"task": "multiclass"}
    )


def expression(folder: Path) -> AwkwardTable:
    """A label that is computed from two columns."""
    rows = [(*usual(one)[:-1], f"{one.spent:.2f}") for one in people()]
    path = write_csv(folder / "rows.csv", (*HEADER[:-1], "spent"), rows)
    return AwkwardTable("expression", path, "spent > 60", "binary", columns={"spent": "label"})


def alike_classes(folder: Path) -> AwkwardTable:
    """Classes that are spelled in two ways, one of them with a blank at the end."""
    spelled = {3: str.upper, 7: "{} ".format}
    rows = [
        (*usual(one)[:-1], spelled.get(one.number % 10, str)(one.size)) for one in people(3_000)
    ]
    path = write_csv(folder / "rows.csv", (*HEADER[:-1], "size"), rows)
    return AwkwardTable("alike_classes", path, "size", "multiclass", columns={"size": "label"})


def no_signal(folder: Path) -> AwkwardTable:
    """A label that was drawn: a model of it is no better than guessing."""
    draw = random.Random(11)
    rows = [(*usual(one)[:-1], draw.choice("01")) for one in people()]
    path = write_csv(folder / "rows.csv", HEADER, rows)
    return AwkwardTable("no_signal", path, "churned", "binary", learnable=False)


LABELS = (
    odd_label,
    customers,
    by_time,
    label_gaps,
    regression,
    named_classes,
    numbered_classes,
    expression,
    alike_classes,
    no_signal,
)
