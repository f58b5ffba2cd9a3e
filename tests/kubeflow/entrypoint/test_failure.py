"""A task that fails says why on standard error and in Kubernetes' termination log."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import errors
from kubeflow.entrypoint.failure import TERMINATION_LOG_VARIABLE, say_failure


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "termination-log"
    monkeypatch.setenv(TERMINATION_LOG_VARIABLE, str(path))
    return path


def test_both_places_get_headline_evidence_and_hint(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    error = errors.DataError("the data is odd", evidence=["row 3"], hint="repair it")

    say_failure(error, "ExampleGen")

    said = "data error in ExampleGen: the data is odd\n  row 3\n  hint: repair it"
    assert log.read_text() == said
    assert capsys.readouterr().err == said + "\n"


def test_the_message_is_cut_to_what_kubernetes_keeps(log: Path) -> None:
    say_failure(errors.DataError("ä" * 4000))

    content = log.read_bytes()
    assert 4090 < len(content) <= 4096
    assert content.decode().endswith("ä…")


def test_a_log_that_cannot_be_written_hides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(TERMINATION_LOG_VARIABLE, str(tmp_path / "no" / "such" / "folder"))

    say_failure(errors.UserError("wrong"))

    assert capsys.readouterr().err == "user error: wrong\n"
