"""Tables that are awkward in many ways at once."""

from __future__ import annotations

import datetime
import random
from pathlib import Path

from tests.awkward.people import people
from tests.awkward.record import AwkwardTable, write_csv

_SWAPPED = str.maketrans(",.", ".,")
_LEAVING = ("cancel", "too dear", "no time")
_STAYING = ("happy", "great staff", "see you soon")
_EITHER = (
    "called on Monday",
    "asked for the price",
    "new address",
    "paid by card",
    "wants a letter",
    "knows the manager",
    "moved here in May",
    "has a dog",
)
_SIZES = {"small": "unter 55 €", "medium": "55 € bis 80 €", "large": "über 80 €"}


def spreadsheet(folder: Path) -> AwkwardTable:
    """Two exports of a German spreadsheet with all that they can hold."""
    draw = random.Random(20)
    header = [
        "Kunden-Nr.", "Alter (Jahre)", "Einkommen in €", "Größe/Stadt", "select", "Mitglied?",
        "erster Besuch", "Bemerkung", "lat", "lon", "gekündigt am", "Land", "gekündigt?",
    ]  # fmt: skip
    rows: list[list[object]] = []
    for one in people(1_600):
        leaves = one.churned if draw.random() < 0.8 else not one.churned
        words = [*draw.sample(_EITHER, 3), draw.choice(_LEAVING if leaves else _STAYING)]
        draw.shuffle(words)
        left = one.since + datetime.timedelta(days=90)
        rows.append(
            [
                f"K-{one.number:06d}",
                "-" if one.number % 13 == 0 else one.age,
                "NA" if one.number % 9 == 0 else f"{one.income:,.2f}".translate(_SWAPPED),
                f"{one.city}\n(Zentrum; {one.city[0]})",
                "?" if one.number % 17 == 0 else one.plan,
                "Y" if one.member else "N",
                one.since.strftime("%d.%m.%Y %H:%M"),
                f"{', '.join(words)}.",
                f"{51 + draw.gauss(0, 0.5):.4f}".replace(".", ","),
                f"{10 + draw.gauss(0, 0.5):.4f}".replace(".", ","),
                left.strftime("%d.%m.%Y") if one.churned else "",
                "Deutschland",
                "" if one.number % 80 == 0 else "Yes" if one.churned else "No",
            ]
        )
    for part in range(2):
        write_csv(
            folder / "export" / f"teil {part}.csv",
            header,
            rows[part::2],
            delimiter=";",
            end="\r\n",
            encoding="utf-8-sig",
        )
    return AwkwardTable(
        "spreadsheet",
        folder / "export",
        "gekündigt?",
        "binary",
        columns={
            "Kunden-Nr.": "dropped",
            "Alter (Jahre)": "numeric feature",
            "Einkommen in €": "numeric feature",
            "Größe/Stadt": "categorical feature",
            "select": "categorical feature",
            "Mitglied?": "boolean feature",
            "erster Besuch": "timestamp feature",
            "Bemerkung": "text feature",
            "lat": "latitude feature",
            "lon": "longitude feature",
            "gekündigt am": "dropped",
            "Land": "constant dropped",
            "gekündigt?": "label",
        },
        settings={"delimiter": ";", "thousands": ".", "decimal": ","},
    )


def warehouse(folder: Path) -> AwkwardTable:
    """Parquet files of a warehouse: several rows a customer, classes with spaces and signs."""
    import pyarrow as pa
    from pyarrow import parquet as pq

    draw = random.Random(21)
    rows = [one for one in people(700) for _ in range(draw.randint(1, 3))]
    draw.shuffle(rows)
    table = pa.table(
        {
            "customer.id": pa.array([one.number for one in rows], pa.int64()),
            "order": pa.array([f"{draw.getrandbits(48):012x}" for _ in rows]),
            "group": pa.array(
                [None if one.number % 10 == 0 else one.plan for one in rows]
            ).dictionary_encode(),
            "1st_visit": pa.array([one.since.date() for one in rows], pa.date32()),
            "last seen": pa.array([one.since for one in rows], pa.timestamp("us", "UTC")),
            "member": pa.array([None if one.age == 50 else one.member for one in rows]),
            "age": pa.array([one.age for one in rows], pa.int8()),
            "visits": pa.array([float(one.visits) for one in rows], pa.float32()),
            "spent class": pa.array([_SIZES[one.size] for one in rows]).dictionary_encode(),
        }
    )
    place = folder / "2024"
    place.mkdir()
    for part in range(3):
        pq.write_table(
            table.slice(part * 400, 400 if part < 2 else None), place / f"{part}.parquet"
        )
    return AwkwardTable(
        "warehouse",
        place,
        "spent class",
        "multiclass",
        options={"key": "customer.id"},
        columns={
            "customer.id": "key",
            "order": "dropped",
            "group": "categorical feature",
            "1st_visit": "timestamp feature",
            "last seen": "timestamp feature",
            "member": "feature",
            "age": "numeric feature",
            "spent class": "label",
        },
        settings={"split.key": "customer.id"},
    )


WHOLE = (spreadsheet, warehouse)
