"""A failure of the project's own code is told by its own line, others are left to others."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

from core import errors
from pipeline.extensions.failures import own_failure
from pipeline.nodes.launch import explain

MODULE = """
import json

def parse(text):
    return json.loads(text)
"""


def failure(folder: Path) -> Exception:
    path = folder / "own_part.py"
    path.write_text(MODULE)
    parse = runpy.run_path(str(path))["parse"]
    with pytest.raises(json.JSONDecodeError) as caught:
        parse("not json")
    return caught.value


def test_the_innermost_line_of_the_project_is_named(tmp_path: Path) -> None:
    error = explain(failure(tmp_path), "Part")
    assert isinstance(error, errors.UserError)
    assert error.headline.startswith("Part failed in code of your own: JSONDecodeError: Expecting")
    assert error.evidence == (f"at {tmp_path}/own_part.py:5, in parse: return json.loads(text)",)


def test_tensorflows_copy_of_a_function_is_told_by_its_source(tmp_path: Path) -> None:
    text = (
        "in user code:\n\n"
        f'    File "{tmp_path}/own.py", line 7, in preprocessing_fn  *\n'
        "        outputs = f(x)\n\n    ValueError: ranks differ\n"
    )
    error = own_failure(ValueError(text), "Transform")
    assert error is not None
    assert error.headline == "Transform failed in code of your own: ValueError: ranks differ"
    assert error.evidence == (f"at {tmp_path}/own.py:7, in preprocessing_fn",)


def test_a_failure_without_code_of_the_project_is_none_of_its() -> None:
    with pytest.raises(json.JSONDecodeError) as caught:
        json.loads("{")
    assert own_failure(caught.value, "Transform") is None
