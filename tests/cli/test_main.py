"""The command line answers quickly, helps, and never shows a traceback unasked."""

from __future__ import annotations

import click
import pytest

from cli import main as cli
from core import errors


def _exit_code(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(list(arguments))
    return int(ended.value.code or 0)


@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_every_command_loads_and_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = cli.millrace.get_command(click.Context(cli.millrace), name)
    assert isinstance(command, click.Command)
    assert _exit_code(name, "--help") == 0
    assert "Usage: millrace" in capsys.readouterr().out


def test_help_lists_all_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert _exit_code("--help") == 0
    text = capsys.readouterr().out
    assert all(name in text for name in cli.COMMANDS)


def test_an_unknown_command_is_answered_with_the_nearest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _exit_code("resum") == errors.UserError.exit_code
    assert "did you mean `millrace resume`?" in capsys.readouterr().err


def test_a_defect_shows_its_traceback_with_debug_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(cli.COMMANDS, "broken", ("no.such.module", ""))

    assert _exit_code("broken") == errors.InternalError.exit_code
    assert "Traceback" not in capsys.readouterr().err
    assert _exit_code("broken", "--debug") == errors.InternalError.exit_code
    assert "Traceback" in capsys.readouterr().err


def test_an_error_prints_headline_evidence_and_hint(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _exit_code("config", "no-such-file.yaml") == errors.UserError.exit_code
    text = capsys.readouterr().err
    assert text.startswith("user error: there is no configuration file no-such-file.yaml")
    assert "hint: " in text
