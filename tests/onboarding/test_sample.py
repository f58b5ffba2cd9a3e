"""Rows of a table, read as a run would read them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from components.example_gen.settings import ColumnType
from core.errors import DataError, UserError
from onboarding.model import Request
from onboarding.sample import read_sample


def write(path: Path, lines: list[str]) -> Path:
    """Writes lines into a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return path


def test_rows_come_from_all_files_the_same_each_time(tmp_path: Path) -> None:
    for part in range(4):
        write(tmp_path / f"{part}.csv", ["part,n", *(f"{part},{n}" for n in range(1_000))])
    request = Request(str(tmp_path), "n", most_rows=400)

    first, second = read_sample(request), read_sample(request)

    assert first.rows == 4_000
    assert first.files == 4
    assert 320 < first.table.num_rows < 480
    assert first.table.equals(second.table)
    assert set(first.table.column("part").to_pylist()) == {0, 1, 2, 3}


def test_a_late_fraction_makes_floats(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.csv", ["n,m", *("1,2" for _ in range(5_000)), "1.5,2"])

    sample = read_sample(Request(str(path), "m"))

    assert sample.types == {"n": ColumnType.FLOAT, "m": ColumnType.INTEGER}


def test_numbers_and_texts_in_one_column_become_text(tmp_path: Path) -> None:
    lines = [f"{60_600 + n % 90},{n}" for n in range(200)]
    lines += [f"K{n}A 0B{n},{n}" for n in range(9)]
    path = write(tmp_path / "rows.csv", ["zip,n", *lines])

    sample = read_sample(Request(str(path), "n"))

    assert sample.types["zip"] is ColumnType.TEXT
    assert sample.settings.columns == {"zip": ColumnType.TEXT}
    assert "read as text: zip" in sample.remarks[0]


def test_a_typing_error_among_numbers_is_set_aside(tmp_path: Path) -> None:
    lines = [f"{n}.5,{n}" for n in range(1_000)]
    lines[700] = "oops,7"
    path = write(tmp_path / "rows.csv", ["n,m", *lines])

    sample = read_sample(Request(str(path), "m"))

    assert sample.rows == 999
    assert sample.settings.rejects.max_share == 0.01
    assert "row 702" in sample.remarks[0]


def test_many_broken_rows_are_refused(tmp_path: Path) -> None:
    lines = [f"{n},{n},1" if n % 50 == 0 else f"{n},{n}" for n in range(1, 1_000)]
    path = write(tmp_path / "rows.csv", ["n,m", *lines])

    with pytest.raises(DataError):
        read_sample(Request(str(path), "m"))


def test_the_names_of_a_file_without_a_header_must_be_given(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.csv", [f"{n},{n / 7:.3f},x{n % 3}" for n in range(100)])

    with pytest.raises(UserError, match="has no header line") as caught:
        read_sample(Request(str(path), "c"))
    named = read_sample(Request(str(path), "c", column_names=("a", "b", "c")))

    assert "--columns" in caught.value.hint
    assert list(named.types) == ["a", "b", "c"]
    assert named.rows == 100


def test_a_sample_needs_no_tensorflow(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.csv", ["n,yes", *(f"{n},{n % 2}" for n in range(100))])
    code = (
        "import sys\n"
        "from onboarding.model import Request\n"
        "from onboarding.propose import propose\n"
        "from onboarding.sample import read_sample\n"
        f"request = Request({str(path)!r}, 'yes', keep=('n',))\n"
        "propose(read_sample(request), request)\n"
        "assert 'tensorflow' not in sys.modules\n"
    )

    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_a_rare_class_is_among_the_rows(tmp_path: Path) -> None:
    labels = ["usual", "other"] * 10_000
    labels[13_000] = "rare"
    path = write(tmp_path / "rows.csv", ["n,kind", *(f"{n},{k}" for n, k in enumerate(labels))])

    sample = read_sample(Request(str(path), "kind", most_rows=1_000))

    assert sample.table.num_rows < 1_200
    assert "rare" in sample.table.column("kind").to_pylist()
