"""What the driver tells data by: TFX's line, or one that other bytes change."""

from __future__ import annotations

import os
from pathlib import Path

import pydantic
import pytest
from tfx.utils.io_utils import generate_fingerprint

from components.example_gen.spans.fingerprints import fingerprint, made_by
from components.example_gen.spans.source_state import source_state
from components.quarantine.entry import DataIdentity
from core.fingerprints import Mode
from pipeline.configuration.model import DataSettings


@pytest.fixture
def table(tmp_path: Path) -> Path:
    for name, text in (("a.csv", "x\n1\n"), ("b.csv", "x\n2\n"), ("_SUCCESS", "")):
        (tmp_path / name).write_text(text)
        os.utime(tmp_path / name, (1_000_000_000, 1_000_000_000))
    return tmp_path


def _rewrite(path: Path, text: str, seconds: int = 1_000_000_000) -> None:
    path.write_text(text)
    os.utime(path, (seconds, seconds))


def test_by_metadata_it_is_tfxs_line(table: Path) -> None:
    ours = fingerprint("all", str(table), "*.csv", "metadata")
    assert ours == generate_fingerprint("all", f"{table}/*.csv")
    assert made_by(ours) == "metadata"


def test_a_mark_of_another_program_is_no_data(table: Path) -> None:
    before = fingerprint("all", str(table), "*")
    (table / "_SUCCESS").unlink()
    assert fingerprint("all", str(table), "*") == before
    assert "num_files:2," in before
    assert made_by(before) == "content"


@pytest.mark.parametrize(
    ("mode", "text", "seconds", "state"),
    [
        ("content", "x\n3\n", 1_000_000_000, "changed"),
        ("content", "x\n2\n", 1_000_000_060, "unchanged"),
        ("metadata", "x\n3\n", 1_000_000_000, "unchanged"),
        ("metadata", "x\n2\n", 1_000_000_060, "changed"),
        ("metadata", "x\n2\n", 1_000_000_000, "unchanged"),
    ],
)
def test_refused_data_are_known_again_by_what_told_them_apart_then(
    table: Path, mode: Mode, text: str, seconds: int, state: str
) -> None:
    line = fingerprint("all", str(table), "*.csv", mode)
    data = DataIdentity("taxi", str(table), {"all": "*.csv"}, 0, None, line)
    assert source_state(data) == "unchanged"

    _rewrite(table / "b.csv", text, seconds)

    assert source_state(data) == state


@pytest.mark.parametrize("path", ["gs://bucket/trips/*.csv", "s3://bucket/trips/"])
def test_the_content_of_a_bucket_is_not_asked_for(path: str) -> None:
    with pytest.raises(pydantic.ValidationError, match="files on this machine"):
        DataSettings(path=path, fingerprint="content")
    assert DataSettings(path=path).fingerprint == "auto"
