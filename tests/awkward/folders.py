"""Tables in folders whose names are columns, in linked folders, and codes with zeros."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from tests.awkward.formats import HEADER, USUAL, usual
from tests.awkward.people import CITIES, Person, people
from tests.awkward.record import AwkwardTable, write_csv

_CITY, _PLAN = HEADER.index("city"), HEADER.index("plan")
_REST = [place for place in range(len(HEADER)) if place not in (_CITY, _PLAN)]
_ZIPS = dict(zip(CITIES, ("01970", "02139", "07030", "10001", "60601", "94103"), strict=True))


def _by_folder(persons: Iterable[Person]) -> dict[str, list[list[object]]]:
    rows: dict[str, list[list[object]]] = {}
    for one in persons:
        row = usual(one)
        place = f"city={row[_CITY]}/plan={row[_PLAN]}"
        rows.setdefault(place, []).append([row[at] for at in _REST])
    return rows


def hive_csv(folder: Path) -> AwkwardTable:
    """City and plan are told by folders alone; a mark of Spark lies beside them."""
    table = folder / "people"
    for place, rows in _by_folder(people()).items():
        write_csv(table / place / "part-0.csv", [HEADER[at] for at in _REST], rows)
    (table / "_SUCCESS").touch()
    return AwkwardTable("hive_csv", table, "churned", "binary", columns=USUAL)


def hive_parquet(folder: Path) -> AwkwardTable:
    """The same as Parquet, named by a pattern; the plan stands in the files, too."""
    table = folder / "people"
    for place, rows in _by_folder(people()).items():
        columns = dict(zip([HEADER[at] for at in _REST], zip(*rows, strict=True), strict=True))
        columns["income"] = tuple(map(float, columns["income"]))
        columns["plan"] = (place.rpartition("=")[2],) * len(rows)
        path = table / place / "part-0.parquet"
        path.parent.mkdir(parents=True)
        pyarrow.parquet.write_table(pa.table({n: list(v) for n, v in columns.items()}), path)
    pattern = table / "city=*" / "plan=*" / "*.parquet"
    return AwkwardTable("hive_parquet", pattern, "churned", "binary", columns=USUAL)


def hive_json(folder: Path) -> AwkwardTable:
    """JSON lines below folders of whole numbers, one of them missing, with encoded names."""
    persons = people()
    for one in persons:
        city = one.number % 4
        place = folder / "people" / f"home%20city={city or '__HIVE_DEFAULT_PARTITION__'}"
        place.mkdir(parents=True, exist_ok=True)
        row = dict(zip(HEADER, usual(one), strict=True))
        with (place / "rows.jsonl").open("a") as file:
            file.write(json.dumps({**row, "income": one.income}) + "\n")
    return AwkwardTable("hive_json", folder / "people", "churned", "binary", columns=USUAL)


def zip_codes(folder: Path) -> AwkwardTable:
    """Codes of five digits, half of which begin with zero, and a stray 007 among numbers."""
    rows = []
    for one in people():
        row = usual(one)
        stray = "007" if one.number == 900 else str(1_000 + one.number * 7)
        rows.append([_ZIPS[one.city], stray, *row[:_CITY], *row[_PLAN:]])
    header = ["zip", "account", *HEADER[:_CITY], *HEADER[_PLAN:]]
    path = write_csv(folder / "rows.csv", header, rows)
    expected = {name: said for name, said in USUAL.items() if name != "city"}
    return AwkwardTable(
        "zip_codes",
        path,
        "churned",
        "binary",
        columns={**expected, "zip": "categorical feature"},
    )


def linked_folders(folder: Path) -> AwkwardTable:
    """Links in circles, and a second name for a file, add no rows."""
    table = folder / "people"
    for half, persons in enumerate((people()[:1_000], people()[1_000:])):
        write_csv(table / f"half-{half}" / "rows.csv", HEADER, map(usual, persons))
        (table / f"half-{half}" / "above").symlink_to(table)
    os.link(table / "half-0" / "rows.csv", table / "half-1" / "again.csv")
    return AwkwardTable("linked_folders", table / "**/*.csv", "churned", "binary", columns=USUAL)


def numbers_without_end(folder: Path) -> AwkwardTable:
    """1e400 among incomes, and codes of twenty digits."""
    rows = []
    for one in people():
        row = usual(one)
        row[1] = "1e400" if one.number % 400 == 0 else row[1]
        rows.append([10**19 + one.number * 37, *row])
    path = write_csv(folder / "rows.csv", ["code", *HEADER], rows)
    return AwkwardTable("numbers_without_end", path, "churned", "binary", columns=USUAL)


def _refused(path: Path, *says: str) -> AwkwardTable:
    return AwkwardTable("people", path, "churned", None, refused=says)


def _halves(table: Path, folders: Sequence[str]) -> Path:
    for place in folders:
        write_csv(table / place / "rows.csv", HEADER, map(usual, people(400)))
    return table


def conflicting_key(folder: Path) -> AwkwardTable:
    """The folder says one city, and the rows say others."""
    return _refused(_halves(folder / "people", ["city=Bonn", "city=Celle"]), "city", "folder")


def other_keys(folder: Path) -> AwkwardTable:
    """Some files lie below another key than others."""
    return _refused(
        _halves(folder / "people", ["region=north", "area=south"]), "keys", "region", "area"
    )


def two_folders_of_one_file(folder: Path) -> AwkwardTable:
    """One file is in two folders, by a hard link."""
    table = _halves(folder / "people", ["region=north"])
    (table / "region=south").mkdir()
    os.link(table / "region=north" / "rows.csv", table / "region=south" / "rows.csv")
    return _refused(table / "region=*" / "*.csv", "one file", "region=north", "region=south")


def too_many_columns(folder: Path) -> AwkwardTable:
    """A table that lies on its side."""
    header = [*HEADER, *(f"day {number}" for number in range(50_000))]
    rows = [[*usual(one), *([one.number % 7] * 50_000)] for one in people(4)]
    return _refused(write_csv(folder / "rows.csv", header, rows), "10,000 columns")


FOLDERS = (hive_csv, hive_parquet, hive_json, zip_codes, linked_folders, numbers_without_end)
UNCLEAR_FOLDERS = (conflicting_key, other_keys, two_folders_of_one_file, too_many_columns)
