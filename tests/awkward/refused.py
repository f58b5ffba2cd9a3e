"""Tables, and requests, from which nothing can be learned: each must be refused with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.awkward.formats import HEADER, usual
from tests.awkward.people import people
from tests.awkward.record import AwkwardTable, write_csv


def _refused(path: Path, label: str, says: Sequence[str], **options: Any) -> AwkwardTable:
    return AwkwardTable(path.parent.name, path, label, None, options=options, refused=tuple(says))


def unknown_label(folder: Path) -> AwkwardTable:
    """The label's name is misspelt."""
    path = write_csv(folder / "rows.csv", HEADER, map(usual, people(400)))
    return _refused(path, "chruned", ("chruned", "did you mean", "churned"))


def one_value(folder: Path) -> AwkwardTable:
    """Nobody churned."""
    rows = [(*usual(one)[:-1], 0) for one in people(400)]
    path = write_csv(folder / "rows.csv", HEADER, rows)
    return _refused(path, "churned", ("churned", "0"))


def half_missing(folder: Path) -> AwkwardTable:
    """Every other label is missing."""
    rows = [(*usual(one)[:-1], None if one.number % 2 else 1) for one in people(400)]
    path = write_csv(folder / "rows.csv", HEADER, rows)
    return _refused(path, "churned", ("churned", "missing|without|no value"))


def all_missing(folder: Path) -> AwkwardTable:
    """No row has a label."""
    rows = [(*usual(one)[:-1], None) for one in people(400)]
    path = write_csv(folder / "rows.csv", HEADER, rows)
    return _refused(path, "churned", ("churned",))


def unique_label(folder: Path) -> AwkwardTable:
    """Every row has another label, which is no number."""
    rows = [(*usual(one)[:-1], f"case {one.number}") for one in people(400)]
    path = write_csv(folder / "rows.csv", HEADER, rows)
    return _refused(path, "churned", ("churned", "400|unique|(each|every) row"))


def only_label(folder: Path) -> AwkwardTable:
    """There is nothing to learn from."""
    rows = [(int(one.churned),) for one in people(400)]
    path = write_csv(folder / "rows.csv", HEADER[-1:], rows)
    return _refused(path, "churned", ("column|feature",))


def only_leaks(folder: Path) -> AwkwardTable:
    """All that is left without leaks, identifiers and constants is nothing."""
    rows = [(one.number, "DE", int(one.churned), int(one.churned)) for one in people(400)]
    path = write_csv(folder / "rows.csv", ["row_id", "country", "closed", "churned"], rows)
    return _refused(path, "churned", ("column|feature",))


def unparsable_time(folder: Path) -> AwkwardTable:
    """The time column holds no times."""
    rows = [(f"soon {one.city}", *usual(one)) for one in people(400)]
    path = write_csv(folder / "rows.csv", ["when", *HEADER], rows)
    return _refused(path, "churned", ("when", "soon|time"), time="when")


def unknown_time(folder: Path) -> AwkwardTable:
    """The time column does not exist."""
    path = write_csv(folder / "rows.csv", HEADER, map(usual, people(400)))
    return _refused(path, "churned", ("visit", "visits"), time="visit")


def unknown_key(folder: Path) -> AwkwardTable:
    """The key column does not exist."""
    path = write_csv(folder / "rows.csv", HEADER, map(usual, people(400)))
    return _refused(path, "churned", ("cty", "city"), key="cty")


def words_as_numbers(folder: Path) -> AwkwardTable:
    """A regression of words."""
    rows = [(*usual(one)[:-1], one.size) for one in people(400)]
    path = write_csv(folder / "rows.csv", HEADER, rows)
    return _refused(path, "churned", ("regression",), task="regression")


def three_as_two(folder: Path) -> AwkwardTable:
    """Three classes as a binary task."""
    rows = [(*usual(one)[:-1], one.size) for one in people(400)]
    path = write_csv(folder / "rows.csv", HEADER, rows)
    return _refused(path, "churned", ("binary", "3|three|medium"), task="binary")


def fractions_as_classes(folder: Path) -> AwkwardTable:
    """Hundreds of different amounts as classes."""
    rows = [(*usual(one)[:-1], f"{one.spent:.2f}") for one in people(400)]
    path = write_csv(folder / "rows.csv", HEADER, rows)
    return _refused(path, "churned", ("class", "regression"), task="multiclass")


def latin1(folder: Path) -> AwkwardTable:
    """Umlauts in another encoding."""
    rows = []
    for one in people(400):
        row = usual(one)
        row[2] = f"Köln {one.city}"
        rows.append(row)
    path = write_csv(folder / "rows.csv", HEADER, rows, encoding="latin-1")
    return _refused(path, "churned", ("utf-8",))


def ragged(folder: Path) -> AwkwardTable:
    """Every fifth line has a field too many or too few."""
    rows = [usual(one) for one in people(400)]
    for index in range(50, 400, 5):
        if index % 2:
            rows[index].append("more")
        else:
            rows[index].pop()
    path = write_csv(folder / "rows.csv", HEADER, rows)
    return _refused(path, "churned", ("field|column|value",))


def twice_named(folder: Path) -> AwkwardTable:
    """Two columns of one name."""
    header = (*HEADER[:2], "plan", *HEADER[3:])
    path = write_csv(folder / "rows.csv", header, map(usual, people(400)))
    return _refused(path, "churned", ("plan", "twice|more than once|two|duplicate|repeat"))


def empty_file(folder: Path) -> AwkwardTable:
    """No byte at all."""
    path = folder / "rows.csv"
    path.touch()
    return _refused(path, "churned", ("empty|no rows|nothing",))


def only_header(folder: Path) -> AwkwardTable:
    """Names, and no row."""
    path = write_csv(folder / "rows.csv", HEADER, [])
    return _refused(path, "churned", ("row",))


def nothing_there(folder: Path) -> AwkwardTable:
    """The path does not exist."""
    return _refused(folder / "rows.csv", "churned", ("rows.csv",))


def different_tables(folder: Path) -> AwkwardTable:
    """A folder with two tables whose columns differ."""
    place = folder / "all"
    write_csv(place / "a.csv", HEADER, map(usual, people(200)))
    write_csv(place / "b.csv", ["other", "names"], [(1, 2)] * 50)
    return _refused(place, "churned", ("column|differ",))


def different_formats(folder: Path) -> AwkwardTable:
    """A folder with a CSV file and JSON lines; a picture beside them is passed over."""
    place = folder / "all"
    write_csv(place / "a.csv", HEADER, map(usual, people(200)))
    (place / "b.jsonl").write_text('{"age": 3}\n' * 9)
    (place / "c.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    return _refused(place, "churned", ("csv", "json"))


def wrong_names(folder: Path) -> AwkwardTable:
    """Fewer names than columns for a file without a header line."""
    path = write_csv(folder / "rows.csv", None, map(usual, people(400)))
    return _refused(path, "c", ("7|seven", "3|three"), column_names=("a", "b", "c"))


def three_rows(folder: Path) -> AwkwardTable:
    """Too few rows to learn and judge by."""
    path = write_csv(folder / "rows.csv", HEADER, map(usual, people(3)))
    return _refused(path, "churned", ("row",))


REFUSED = (
    unknown_label,
    one_value,
    half_missing,
    all_missing,
    unique_label,
    only_label,
    only_leaks,
    unparsable_time,
    unknown_time,
    unknown_key,
    words_as_numbers,
    three_as_two,
    fractions_as_classes,
    latin1,
    ragged,
    twice_named,
    empty_file,
    only_header,
    nothing_there,
    different_tables,
    different_formats,
    wrong_names,
    three_rows,
)
