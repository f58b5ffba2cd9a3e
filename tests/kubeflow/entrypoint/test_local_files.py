"""TFX's local files without TensorFlow are what they are with it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import tensorflow as tf

from kubeflow.entrypoint.local_files import PythonFilesystem


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("span-1/a.csv", "span-1/.b.csv", "span-2/c[1].csv", "d.csv", ".e.csv"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    os.utime(tmp_path / "d.csv", ns=(0, 1_500_000_000_123_456_789))
    return tmp_path


@pytest.mark.parametrize(
    "pattern",
    [
        "*",
        "*.csv",
        "d.csv",
        "span-*/*",
        "span-[12]/?.csv",
        "span-2/c[[]1].csv",
        "*/*/*",
        "no/*",
        "no",
    ],
)
def test_the_same_paths_match(folder: Path, pattern: str) -> None:
    whole = f"{folder}/{pattern}"

    assert PythonFilesystem.glob(whole) == sorted(tf.io.gfile.glob(whole))


def test_size_and_time_are_the_same(folder: Path) -> None:
    for name in ("d.csv", "span-1"):
        ours, theirs = (
            stat(f"{folder}/{name}") for stat in (PythonFilesystem.stat, tf.io.gfile.stat)
        )
        assert (ours.length, ours.mtime_nsec) == (theirs.length, theirs.mtime_nsec)
        assert ours.is_directory == theirs.is_directory
