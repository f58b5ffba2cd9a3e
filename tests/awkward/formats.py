"""Good tables in every form that a file can have."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.awkward.people import Person, people
from tests.awkward.record import AwkwardTable, write_csv

HEADER = ("age", "income", "city", "plan", "member", "visits", "churned")
USUAL = {
    "age": "numeric feature",
    "income": "numeric feature",
    "city": "categorical feature",
    "plan": "categorical feature",
    "visits": "numeric feature",
    "churned": "label",
}


def usual(person: Person, number: Callable[[float], object] = str) -> list[object]:
    """A row under `HEADER`.

    Args:
      person: The customer.
      number: Writes a number with a fraction.
    """
    return [
        person.age,
        number(person.income),
        person.city,
        person.plan,
        "yes" if person.member else "no",
        person.visits,
        int(person.churned),
    ]


def headerless(folder: Path) -> AwkwardTable:
    """No line with names."""
    path = write_csv(folder / "rows.csv", None, map(usual, people()))
    return AwkwardTable(
        "headerless",
        path,
        "churned",
        "binary",
        options={"column_names": HEADER},
        columns=USUAL,
        settings={"column_names": HEADER},
    )


def semicolons(folder: Path) -> AwkwardTable:
    """A spreadsheet's export where the comma stands before the fraction."""
    rows = [usual(one, lambda n: f"{n:.2f}".replace(".", ",")) for one in people()]
    path = write_csv(folder / "export.csv", HEADER, rows, delimiter=";")
    return AwkwardTable(
        "semicolons",
        path,
        "churned",
        "binary",
        columns=USUAL,
        settings={"delimiter": ";", "decimal": ","},
    )


def thousands(folder: Path) -> AwkwardTable:
    """Numbers such as "1,234.50", quoted because of the comma."""
    rows = [usual(one, lambda n: f"{n:,.2f}") for one in people()]
    path = write_csv(folder / "accounts.csv", HEADER, rows)
    return AwkwardTable(
        "thousands",
        path,
        "churned",
        "binary",
        columns=USUAL,
        settings={"thousands": ","},
    )


def european_thousands(folder: Path) -> AwkwardTable:
    """Numbers such as 1.234,50."""
    swap = str.maketrans(",.", ".,")
    rows = [usual(one, lambda n: f"{n:,.2f}".translate(swap)) for one in people()]
    path = write_csv(folder / "konten.csv", HEADER, rows, delimiter=";")
    return AwkwardTable(
        "european_thousands",
        path,
        "churned",
        "binary",
        columns=USUAL,
        settings={"delimiter": ";", "thousands": ".", "decimal": ","},
    )


def tabs(folder: Path) -> AwkwardTable:
    """Tabs between fields, and that in a file called .txt."""
    path = write_csv(folder / "table.txt", HEADER, map(usual, people()), delimiter="\t")
    return AwkwardTable(
        "tabs", path, "churned", "binary", columns=USUAL, settings={"delimiter": "\t"}
    )


def pipes(folder: Path) -> AwkwardTable:
    """Pipes between fields, spaces and commas within them."""
    rows = []
    for one in people():
        row = usual(one)
        row[2] = f"{one.city}, north"
        rows.append(row)
    path = write_csv(folder / "table.csv", HEADER, rows, delimiter="|")
    return AwkwardTable(
        "pipes", path, "churned", "binary", columns=USUAL, settings={"delimiter": "|"}
    )


def single_quotes(folder: Path) -> AwkwardTable:
    """Fields with commas in single quotes."""
    rows = []
    for one in people():
        row = usual(one)
        row[2] = f"{one.city}, the '{one.city[0]}'"
        rows.append(row)
    path = write_csv(folder / "table.csv", HEADER, rows, quote="'")
    return AwkwardTable(
        "single_quotes", path, "churned", "binary", columns=USUAL, settings={"quote": "'"}
    )


def quoted_lines(folder: Path) -> AwkwardTable:
    """Fields with line ends, commas and doubled quotes."""
    rows = []
    for one in people():
        row = usual(one)
        row[2] = f'{one.city}\n"old town",\r\nsecond floor'
        rows.append(row)
    path = write_csv(folder / "letters.csv", HEADER, rows)
    return AwkwardTable("quoted_lines", path, "churned", "binary", columns=USUAL)


def few_ragged(folder: Path) -> AwkwardTable:
    """Two lines of two thousand have a field too many or too few."""
    rows = [usual(one) for one in people()]
    rows[900].append("more")
    rows[1300].pop()
    path = write_csv(folder / "rows.csv", HEADER, rows)
    return AwkwardTable("few_ragged", path, "churned", "binary", columns=USUAL)


def gzipped(folder: Path) -> AwkwardTable:
    """A compressed CSV file."""
    plain = write_csv(folder / "plain.csv", HEADER, map(usual, people()))
    path = folder / "packed" / "rows.csv.gz"
    path.parent.mkdir()
    path.write_bytes(gzip.compress(plain.read_bytes(), mtime=0))
    return AwkwardTable("gzipped", path, "churned", "binary", columns=USUAL)


def with_mark(folder: Path) -> AwkwardTable:
    """A byte order mark, CRLF, and empty lines at the end."""
    path = write_csv(
        folder / "excel.csv", HEADER, map(usual, people()), end="\r\n", encoding="utf-8-sig"
    )
    with path.open("ab") as file:
        file.write(b"\r\n\r\n\r\n")
    return AwkwardTable("with_mark", path, "churned", "binary", columns=USUAL)


def several_files(folder: Path) -> AwkwardTable:
    """A folder of parts; a column is whole numbers in one of them only."""
    rows = people()
    for part in range(4):
        own = [usual(one, (lambda n: str(round(n))) if part == 0 else str) for one in rows[part::4]]
        write_csv(folder / "parts" / f"part-{part}.csv", HEADER, own)
    return AwkwardTable("several_files", folder / "parts", "churned", "binary", columns=USUAL)


def json_lines(folder: Path) -> AwkwardTable:
    """A JSON object a line; what is missing is left out or null."""
    path = folder / "rows.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for one in people():
            row: dict[str, Any] = dict(zip(HEADER, usual(one, float), strict=True))
            row["member"] = one.member
            if one.number % 7 == 0:
                row["visits"] = None
            if one.number % 11 == 0:
                del row["city"]
            file.write(json.dumps(row) + "\n")
    return AwkwardTable("json_lines", path, "churned", "binary", columns=USUAL)


def parquet(folder: Path) -> AwkwardTable:
    """Parquet with booleans, dates, moments, dictionaries, decimals and small integers."""
    import pyarrow as pa
    from pyarrow import parquet as pq

    rows = people()
    table = pa.table(
        {
            "age": pa.array([one.age for one in rows], pa.int8()),
            "income": pa.array([one.income for one in rows]),
            "city": pa.array([one.city for one in rows]).dictionary_encode(),
            "plan": pa.array([one.plan for one in rows]).dictionary_encode(),
            "member": pa.array([one.member for one in rows]),
            "joined": pa.array([one.since.date() for one in rows], pa.date32()),
            "seen": pa.array([one.since for one in rows], pa.timestamp("us", "UTC")),
            "churned": pa.array([one.churned for one in rows]),
        }
    )
    pq.write_table(table, folder / "rows.parquet")
    return AwkwardTable(
        "parquet",
        folder / "rows.parquet",
        "churned",
        "binary",
        columns={
            "age": "numeric feature",
            "city": "categorical feature",
            "member": "feature",
            "joined": "timestamp feature",
            "seen": "timestamp feature",
            "churned": "label",
        },
    )


def mixed_folder(folder: Path) -> AwkwardTable:
    """Tables beside a note, a marker and a hidden file, which are none."""
    place = folder / "delivery"
    rows = people()
    write_csv(place / "a.csv", HEADER, map(usual, rows[:1000]))
    write_csv(place / "b.csv", HEADER, map(usual, rows[1000:]))
    (place / ".b.csv.swp").write_bytes(b"\x00\x01")
    (place / "_SUCCESS").touch()
    return AwkwardTable("mixed_folder", place, "churned", "binary", columns=USUAL)


FORMATS = (
    headerless,
    semicolons,
    thousands,
    european_thousands,
    tabs,
    pipes,
    single_quotes,
    quoted_lines,
    few_ragged,
    gzipped,
    with_mark,
    several_files,
    json_lines,
    parquet,
    mixed_folder,
)
