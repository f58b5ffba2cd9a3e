"""What steers a terminal is shown, not sent; whatever prints it."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet
from rich.table import Table
from rich.text import Text

from core import terminal

REPOSITORY = Path(__file__).parents[2]
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
CLEAR, TITLE, C1, TURNED = "\x1b[2J", "\x1b]0;gone\x07", "\x9b2J", "\u202egpj.exe"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (CLEAR, "\\u001b[2J"),
        (TITLE, "\\u001b]0;gone\\u0007"),
        (C1, "\\u009b2J"),
        (TURNED, "\\u202egpj.exe"),
        ("over\rwritten\x08\x7f", "over\\u000dwritten\\u0008\\u007f"),
        ("Straße\t東京 🚕\n", "Straße\t東京 🚕\n"),
    ],
)
def test_controls_are_written_out_and_words_are_left_alone(text: str, shown: str) -> None:
    assert terminal.visible(text) == shown


@given(st.text())
def test_no_text_steers(text: str) -> None:
    assert not STEERING.search(terminal.visible(text))
    assert terminal.visible(terminal.visible(text)) == terminal.visible(text)


@given(st.text())
def test_json_stays_the_same_json(text: str) -> None:
    for ascii_only in (True, False):
        written = terminal.visible(json.dumps({text: text}, ensure_ascii=ascii_only))
        assert json.loads(written) == {text: text}


@pytest.mark.parametrize("hostile", [CLEAR, TITLE, C1, TURNED])
def test_tables_keep_their_own_colours_only(hostile: str) -> None:
    out = io.StringIO()
    console = terminal.console(file=out, force_terminal=True, width=200, color_system="standard")
    table = Table(hostile)
    table.add_row(Text(hostile, style="bold red"))
    console.print(table, hostile, Text(hostile))

    own = re.sub("\x1b\\[[0-9;]*m", "", out.getvalue())
    assert "\x1b[1;31m" in out.getvalue()
    assert not STEERING.search(own)
    # Rich itself leaves the bell out.
    assert own.count(terminal.visible(hostile.removesuffix("\x07"))) == 4


def test_every_console_comes_from_here() -> None:
    folders = (
        "components",
        "metadata",
        "registry",
        "report",
        "kubeflow",
        "models",
        "pipeline",
        "onboarding",
        "cli",
        "preprocessing",
        "schema",
    )
    made = [
        str(path)
        for folder in folders
        for path in (REPOSITORY / folder).rglob("*.py")
        if re.search(r"\bConsole\(", path.read_text(encoding="utf-8"))
    ]
    assert made == []


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table whose names and values hold what steers a terminal."""
    path = tmp_path_factory.mktemp("hostile") / "t.parquet"
    columns = {
        f"a{CLEAR}{TITLE}": ["red", f"gr{C1}een", TURNED] * 20,
        "x": [float(number) for number in range(60)],
        f"label{TURNED}": [f"ye{CLEAR}s", "no"] * 30,
    }
    parquet.write_table(pa.table(columns), path)
    return path


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["data", "describe"], 0),
        (["init", "--label", f"labe{CLEAR}l", "--data"], 2),
        (["run", f"none{CLEAR}.yaml", "--data"], 2),
        ([f"rum{C1}"], 2),
    ],
)
def test_no_command_sends_what_data_or_words_hold(table: Path, words: list[str], code: int) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "cli.main", *words, str(table)],
        cwd=table.parent,
        env={"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        check=False,
    )
    said = (ended.stdout + ended.stderr).decode()

    assert ended.returncode == code, said
    assert not STEERING.search(said)
    assert re.search(r"\\(u00|x)(1b|9b)|\\u202e", said)
