"""`millrace sample`: where the trips go and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli import main as cli


def millrace(*words: str) -> int:
    with pytest.raises(SystemExit) as end:
        cli.main(list(words))
    return int(end.value.code or 0)


def test_trips_are_written_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert millrace("sample", "taxi", "--rows", "25", "--output", str(tmp_path / "out")) == 0

    assert len((tmp_path / "out" / "data.csv").read_text().splitlines()) == 26
    assert capsys.readouterr().out.startswith("25 trips in ")


def test_existing_trips_are_a_user_error(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    words = ("sample", "taxi", "--rows", "2", "--output", str(tmp_path))

    assert millrace(*words) == 0
    assert millrace(*words) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert millrace(*words, "--overwrite") == 0


def test_no_rows_are_a_user_error(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert millrace("sample", "taxi", "--rows", "0", "--output", str(tmp_path)) == 2
    assert "0 rows are asked for" in capsys.readouterr().err
