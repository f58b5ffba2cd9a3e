"""JSON lines: what counts as a row, and what Arrow must not decide alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.example_gen.formats.json_reader import JsonLinesReader
from components.example_gen.inspection import inspect_source
from components.example_gen.settings import ColumnType, IngestionSettings
from components.example_gen.sources import find_files
from core.errors import DataError, UserError
from tests.components.example_gen.same_table import zipped

Write = Callable[..., Path]
_GOOD = "".join(f'{{"id": {i}, "name": "n{i}"}}\n' for i in range(100))


def _lines(*rows: Any) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def _types(ingest: Callable, folder: Path, **settings: Any) -> dict[str, ColumnType | None]:
    found: dict[str, ColumnType | None] = ingest(folder, **settings).plan.types
    return found


def _values(folder: Path, column: str, names: Any = None, **settings: Any) -> list[Any]:
    """A column as the reader gives it, over all batches."""
    chosen = IngestionSettings.model_validate(settings)
    [source] = find_files(str(folder), "*", chosen)
    batches = list(JsonLinesReader().read(source, names, chosen))
    assert not any(batch.rejects for batch in batches)
    return [
        value for b in batches if column in b.columns for value in b.columns[column].to_pylist()
    ]


def _refused(ingest: Callable, folder: Path, kind: type = DataError, **settings: Any) -> Any:
    with pytest.raises(kind) as caught:
        ingest(folder, **settings)
    return caught.value


def test_one_is_a_whole_number_and_one_point_zero_a_float(ingest, write: Write) -> None:
    rows = (f'{{"a": {i}, "b": 1, "c": 1e3}}\n{{"a": {-i}, "b": 1.0, "c": 2}}\n' for i in range(20))
    folder = write("".join(rows), "a.jsonl")
    found = _types(ingest, folder)
    assert found == {"a": ColumnType.INTEGER, "b": ColumnType.FLOAT, "c": ColumnType.FLOAT}


@pytest.mark.parametrize("spoiler", ["", '\n{"id": "x"}'])
def test_whole_numbers_keep_every_digit(write: Write, spoiler: str) -> None:
    numbers = [2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63)]
    folder = write(_lines(*({"a": n} for n in numbers)) + spoiler.strip(), "a.jsonl")
    assert [value for value in _values(folder, "a") if value is not None] == numbers


def test_a_whole_number_beyond_64_bits_is_named(ingest, write: Write) -> None:
    error = _refused(ingest, write(_GOOD + '{"id": 9223372036854775808, "name": "x"}\n', "a.jsonl"))
    assert error.headline == (
        "row 101 of a.jsonl cannot be read: 9223372036854775808 does not fit 64 bits"
    )
    assert error.code == "integer-overflow"


def test_fixed_as_text_a_number_keeps_its_digits_as_written(write: Write) -> None:
    folder = write('{"a": 9223372036854775808}\n{"a": 1.50}\n{"a": true}\n{"a": "x"}\n', "a.jsonl")
    found = _values(folder, "a", columns={"a": "text"})
    assert found == ["9223372036854775808", "1.50", "true", "x"]


def test_a_number_in_quotes_is_a_text_unless_fixed(ingest, write: Write) -> None:
    folder = write(_lines(*({"zip": f"0{i}"} for i in range(60))), "a.jsonl")
    assert _types(ingest, folder) == {"zip": ColumnType.TEXT}
    assert _types(ingest, folder, columns={"zip": "integer"}) == {"zip": ColumnType.INTEGER}


def test_dates_stay_texts(ingest, write: Write) -> None:
    folder = write(_lines(*({"at": f"2024-01-{1 + i % 28:02}"} for i in range(60))), "a.jsonl")
    assert _types(ingest, folder) == {"at": ColumnType.TEXT}
    assert _values(folder, "at")[:2] == ["2024-01-01", "2024-01-02"]


def test_null_and_absent_and_empty_text_are_missing(write: Write) -> None:
    folder = write(
        '{"a": null, "b": 1}\n{"b": 2}\n{"a": "", "b": 3}\n{"a": "x", "b": 4}\n', "a.jsonl"
    )
    assert _values(folder, "a") == [None, None, None, "x"]


def test_columns_are_those_of_all_rows(ingest, write: Write) -> None:
    write(_GOOD, "a.jsonl")
    folder = write(_GOOD + '{"id": 1, "rare": 0.5}\n', "b.jsonl")
    found = _types(ingest, folder)
    assert found == {
        "id": ColumnType.INTEGER,
        "name": ColumnType.TEXT,
        "rare": ColumnType.FLOAT,
    }


def test_escapes_are_characters(write: Write) -> None:
    text = '{"a": "\\u00e9\\ud83d\\ude00 \\" \\\\ \\/ \\n\\u0000"}\n'
    assert _values(write(text, "a.jsonl"), "a") == ['é😀 " \\ / \n\x00']


def test_line_by_line_gives_what_arrow_gives(write: Write) -> None:
    folder = write(_GOOD + '{"id": 100, "name": null}\n', "a.jsonl")
    fast = {name: _values(folder, name) for name in ("id", "name")}
    # A blank line is enough to make Arrow's reading unsure.
    folder = write(_GOOD + '\n {"id": 100, "name": null}\n', "a.jsonl")
    assert {name: _values(folder, name) for name in ("id", "name")} == fast


def test_python_s_nan_and_infinity_are_floats(ingest, write: Write) -> None:
    folder = write('{"a": NaN}\n{"a": -Infinity}\n{"a": 1e400}\n{"a": 1.5}\n' * 20, "a.jsonl")
    assert _types(ingest, folder) == {"a": ColumnType.FLOAT}


def test_true_and_false_are_one_and_zero(write: Write) -> None:
    assert _values(write('{"a": true}\n{"a": false}\n', "a.jsonl"), "a") == [1, 0]
    assert _values(write('{"a": true}\n{"a": 2}\n', "a.jsonl"), "a") == [1, 2]


@pytest.mark.parametrize(
    ("line", "reason", "column", "code"),
    [
        ('{"id": 1, "id": 2}', "the name 'id' stands twice", "id", "duplicate-key"),
        ('{"i\\u0064": 1, "id": 2}', "the name 'id' stands twice", "id", "duplicate-key"),
        ('{"id": [1, 2]}', "the value is a list; a column holds", "id", "nested-value"),
        ('{"id": []}', "the value is a list; a column holds", "id", "nested-value"),
        ('{"name": {"first": "x"}}', "the value is an object; a", "name", "nested-value"),
        ("[" * 100_000, "values within values without end", None, "nested-value"),
        ('{"id": "one"}', "'one' is text among numbers", "id", "type-change"),
        ('{"name": 1}', "1 is a number among texts", "name", "type-change"),
        ('{"id": 1', "not JSON at character 9: the line ends too early", None, "unreadable-row"),
        ('{"id": 01}', "not JSON at character 9", None, "unreadable-row"),
        ("{'id': 1}", "not JSON at character 2", None, "unreadable-row"),
        ('{"id": 1}{"id": 2}', "not JSON at character 10: more after", None, "unreadable-row"),
        ("7", "a single value, not an object", None, "unreadable-row"),
        ('[{"id": 1}]', "a list, not an object", None, "unreadable-row"),
        ('{"": 1}', "a value has an empty name", None, "unnamed-column"),
        ('{"name": "\\ud800"}', "the text holds half a character", "name", "not-unicode"),
        (b'{"name": "\xff"}', "byte 11 (0xff) is not UTF-8", "name", "not-utf-8"),
    ],
)
def test_a_bad_line_is_named_and_can_be_set_aside(
    ingest, write: Write, line: Any, reason: str, column: str | None, code: str
) -> None:
    data = line if isinstance(line, bytes) else line.encode()
    folder = write(_GOOD.encode() + data + b"\n" + _GOOD.encode(), "a.jsonl")
    error = _refused(ingest, folder)
    assert error.headline.startswith(f"row 101 of a.jsonl cannot be read: {reason}")
    place = f"{folder / 'a.jsonl'}, row 101"
    assert error.evidence[0] == (place if column is None else f"{place}, column {column!r}")
    assert error.code == code
    found = ingest(folder, rejects={"max_share": 0.01})
    assert [(r["row"], r["column"], r["code"]) for r in found.rejects()] == [(101, column, code)]
    assert sum(found.result.rows.values()) == 200


def test_an_object_over_several_lines_is_no_row(ingest, write: Write) -> None:
    error = _refused(ingest, write(json.dumps({"id": 1, "name": "x"}, indent=1), "a.jsonl"))
    assert error.headline.startswith("row 1 of a.jsonl cannot be read: not JSON at character 2")


def test_a_json_list_is_told_from_json_lines(ingest, write: Write) -> None:
    error = _refused(ingest, write(json.dumps([{"id": 1}, {"id": 2}]), "a.json"))
    assert error.headline == "a.json is one JSON list, not an object a line"


@pytest.mark.parametrize("content", ["\n \n", "{}\n{}\n"])
def test_a_file_without_rows_or_columns(ingest, write: Write, content: str) -> None:
    assert _refused(ingest, write(content, "a.jsonl")).code == "no-rows"


def test_a_gzip_file_that_breaks_off(ingest, write: Write) -> None:
    error = _refused(ingest, write(zipped(_GOOD.encode())[:-60], "a.jsonl.gz"))
    assert error.headline == "a.jsonl.gz is truncated or damaged"


def test_a_file_cut_within_its_last_row(ingest, write: Write) -> None:
    error = _refused(ingest, write(_GOOD[:-7], "a.jsonl"))
    assert error.headline.startswith("row 100 of a.jsonl cannot be read: not JSON")


def test_names_that_are_values_are_refused(ingest, write: Write) -> None:
    error = _refused(ingest, write(_lines({f"k{i}": i for i in range(10_001)}), "a.jsonl"))
    assert error.code == "too-many-columns"


def test_settings_that_name_a_column_of_no_row(ingest, write: Write) -> None:
    error = _refused(ingest, write(_GOOD, "a.jsonl"), UserError, columns={"nam": "text"})
    assert error.hint == "did you mean 'name'?"


def test_files_that_disagree_on_a_type(ingest, write: Write) -> None:
    write(_GOOD, "a.jsonl")
    error = _refused(ingest, write(_lines({"id": "x", "name": "y"}), "b.jsonl"))
    assert error.headline == "row 1 of b.jsonl cannot be read: 'x' is text among numbers"


def test_the_quick_look_finds_a_rare_column_that_is_asked_for(write: Write) -> None:
    folder = write(_GOOD * 700 + '{"id": 1, "rare": 2}\n', "a.jsonl")
    assert [column.name for column in inspect_source(folder).columns] == ["id", "name"]
    found = inspect_source(folder, columns=["rare"])
    assert [(c.name, c.type) for c in found.columns][-1] == ("rare", ColumnType.INTEGER)
    assert found.first_rows[1] == {"id": "1", "name": "n1", "rare": None}
