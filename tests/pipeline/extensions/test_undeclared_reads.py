"""Own code that reads a file of the project which no digest covers is stopped there."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import UserError
from pipeline.extensions.undeclared_reads import undeclared_reads_refused


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in ("own_reads", "tables", "root/artifacts", ".cache", "odd.egg-info"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "a.txt").write_text("1")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("own_reads")]:
        del sys.modules[name]


def _read(project: Path, text: str, *patterns: str, node: str = "Transform") -> Any:
    """Runs `read(project)` of a module of the project as a node would."""
    lines = "\n    ".join(text.splitlines())
    (project / "own_reads" / "features.py").write_text(
        f"import glob, json, os\nimport numpy, pandas\ndef read(project):\n    {lines}\n"
    )
    importlib.invalidate_caches()
    apart = str(project / "root" / "artifacts")
    with undeclared_reads_refused(node, ["own_reads.features"], patterns, apart=apart):
        return importlib.import_module("own_reads.features").read(project)


@pytest.mark.parametrize(
    "text",
    [
        'return open(f"{project}/tables/{chr(97)}.txt").read()',
        "return [open(path).read() for path in glob.glob(f'{project}/tables/*')][0]",
        "return str(pandas.read_csv(next((project / 'tables').iterdir()), header=None)[0][0])",
        "return str(int(numpy.loadtxt(next((project / 'tables').iterdir()))))",
        "return os.fdopen(os.open(next((project / 'tables').iterdir()), os.O_RDONLY)).read()",
    ],
)
def test_a_file_whose_name_is_made_up_must_be_declared(project: Path, text: str) -> None:
    with pytest.raises(UserError, match=r"reads tables/a\.txt, and an edit") as refused:
        _read(project, text)
    assert refused.value.hint.endswith("transform.files: [tables/a.txt]")
    assert "features.py:4" in refused.value.evidence[0]
    assert _read(project, text, "tables/*") == "1"


@pytest.mark.parametrize(
    "text",
    [
        'return open(project / "tables" / "a.txt").read()',  # Named in the text.
        'return open(f"{project}/root/artifacts/{chr(97)}.txt").read()',  # What nodes give.
        'return open(f"{project}/.cache/{chr(97)}.txt").read()',
        'return open(f"{project}/odd.egg-info/{chr(97)}.txt").read()',
        'print(1, file=open(f"{project}/new", "w"), end="")\nreturn open(f"{project}/new").read()',
        "return open(os.__file__).read()[:0] + '1'",
    ],
)
def test_other_files_may_be_read(project: Path, text: str) -> None:
    assert _read(project, text) == "1"


def test_a_module_that_is_imported_by_a_made_up_name_must_be_declared(project: Path) -> None:
    (project / "own_reads" / "hidden.py").write_text("VALUE = 1\n")
    text = "import importlib\nreturn importlib.import_module(f'own_reads.{\"hid\"}den').VALUE"
    with pytest.raises(UserError, match=r"reads own_reads/hidden\.py"):
        _read(project, text, node="PriceCheck")
    sys.modules.pop("own_reads.features")
    assert _read(project, text, "own_reads/hidden.py", node="PriceCheck") == 1


def test_the_hint_names_the_part_of_the_configuration(project: Path) -> None:
    for node, key in (("Trainer", "trainer"), ("PriceCheck", "components.PriceCheck")):
        sys.modules.pop("own_reads.features", None)
        with pytest.raises(UserError) as refused:
            _read(project, 'open(f"{project}/tables/{chr(97)}.txt")', node=node)
        assert f"{key}.files: [tables/a.txt]" in refused.value.hint


def test_what_is_not_the_projects_own_code_reads_what_it_likes(project: Path) -> None:
    modules, apart = ["own_reads.features"], str(project / "root" / "artifacts")
    (project / "own_reads" / "features.py").write_text("")
    with undeclared_reads_refused("Transform", modules, (), apart=apart):
        assert (project / "tables" / "a.txt").read_text() == "1"
    with undeclared_reads_refused("Transform", (), (), apart=apart):
        assert (project / "tables" / "a.txt").read_text() == "1"
