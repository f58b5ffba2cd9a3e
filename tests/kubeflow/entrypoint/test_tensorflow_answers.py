"""The stand-ins' answers are TensorFlow's own, for local files and text."""

from __future__ import annotations

from pathlib import Path

import pytest

from kubeflow.entrypoint.tensorflow_answers import ANSWERS


@pytest.mark.parametrize("value", ["grün", b"raw"])
def test_text_becomes_bytes(value: str | bytes) -> None:
    expected = value if isinstance(value, bytes) else value.encode()

    assert ANSWERS["tensorflow.compat.as_bytes"](value) == expected


def test_local_files_are_opened_as_text_or_bytes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes("grün".encode())
    open_file = ANSWERS["tensorflow.io.gfile.GFile"]

    with open_file(str(path)) as text, open_file(str(path), mode="rb") as raw:
        assert text.read() == "grün"
        assert raw.read() == "grün".encode()
