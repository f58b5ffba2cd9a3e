"""The project's own modules are found, checked and digested without importing them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from core import errors
from pipeline.extensions import modules as own_modules
from pipeline.extensions.modules import (
    check_module,
    imports_all_of_tfx,
    millrace_sources,
    own_sources,
    source_file,
    sources_digest,
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of one's own in which one module uses another."""
    package = tmp_path / "own_pieces"
    package.mkdir()
    (package / "check.py").write_text(
        "import json, os\nfrom own_pieces import limits\nfrom .deeper import more\n"
        "raise RuntimeError('imported')\ndef Check(): pass\n"
    )
    (package / "limits.py").write_text("HIGHEST = 5\n")
    (package / "deeper").mkdir()
    (package / "deeper" / "more.py").write_text("import own_top\n")
    (package / "apart.py").write_text("import tfx.v1\n")
    (tmp_path / "own_top.py").write_text("from tfx import v1 as tfx\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_a_module_is_made_of_what_it_imports_of_the_project(project: Path) -> None:
    names = [path.relative_to(project).as_posix() for path in own_sources("own_pieces.check")]
    assert names == [
        "own_pieces/check.py",
        "own_pieces/deeper/more.py",
        "own_pieces/limits.py",
        "own_top.py",
    ]
    assert "own_pieces" not in sys.modules


@pytest.mark.parametrize(
    ("edited", "changes"),
    [("check.py", True), ("limits.py", True), ("deeper/more.py", True), ("apart.py", False)],
)
def test_an_edited_file_counts_where_the_module_uses_it(
    project: Path, edited: str, changes: bool
) -> None:
    before = sources_digest(("own_pieces.check",))
    with (project / "own_pieces" / edited).open("a") as file:
        file.write("x = 1\n")
    assert (sources_digest(("own_pieces.check",)) != before) is changes


def test_a_module_is_made_of_what_it_imports_of_millrace_too(
    project: Path, repository: Path
) -> None:
    module = project / "own_pieces" / "limits.py"
    module.write_text("def f():\n    from components.example_rows import rewrite_examples\n")
    found = {path.relative_to(repository).as_posix() for path in millrace_sources([module])}
    assert {"components/example_rows.py", "components/example_gen/records/tfrecords.py"} <= found
    assert "core/columnar_examples.py" in found
    assert not any(name.startswith(("models/", "pipeline/")) for name in found)


def test_what_only_type_checkers_read_does_not_count(project: Path) -> None:
    module = project / "own_top.py"
    module.write_text("import typing\nif typing.TYPE_CHECKING:\n    from core import errors\n")
    assert not millrace_sources([module])


def test_edited_code_of_millrace_counts_where_the_module_uses_it(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The name stands in for a package of Millrace's, which a test must not edit.
    (project / "made_rows").mkdir()
    rows = project / "made_rows" / "rows.py"
    rows.write_text("from made_rows import lists\n")
    (project / "made_rows" / "lists.py").write_text("")
    (project / "own_pieces" / "limits.py").write_text("from made_rows.rows import f\n")
    monkeypatch.setattr(own_modules, "OUR_PACKAGES", ("made_rows",))
    foreign = (*own_modules._foreign_folders(), str(project / "made_rows"))
    monkeypatch.setattr(own_modules, "_foreign_folders", lambda: foreign)

    digests = {sources_digest(("own_pieces.limits",))}
    for edited in (rows, project / "made_rows" / "lists.py"):
        edited.write_text(edited.read_text() + "x = 1\n")
        digests.add(sources_digest(("own_pieces.limits",)))
    assert len(digests) == 3
    assert own_sources("own_pieces.limits") == (project / "own_pieces" / "limits.py",)


def test_whether_all_of_tfx_is_imported_is_seen_through_other_modules(project: Path) -> None:
    assert imports_all_of_tfx(["own_pieces.check"])
    assert imports_all_of_tfx(["own_pieces.apart"])
    assert imports_all_of_tfx(["tfx.v1.components"])
    assert not imports_all_of_tfx(["own_pieces.limits", "nowhere", "tfx.components"])


def test_installed_modules_are_found_without_importing_their_packages() -> None:
    found = source_file("tfx.components")
    assert found is not None
    assert found.parts[-3:] == ("tfx", "components", "__init__.py")


def test_a_module_with_the_name_passes_and_is_not_run(project: Path) -> None:
    check_module("own_pieces.check", "Check", project)
    assert "own_pieces.check" not in sys.modules


@pytest.mark.parametrize(
    ("module", "name", "said"),
    [
        ("own_pieces.chek", "Check", "did you mean own_pieces.check?"),
        ("own_peaces.check", "Check", "did you mean own_pieces.check?"),
        ("nowhere", "Check", "modules of your own are looked for in"),
        ("own_pieces.check", "Chekc", "did you mean Check?"),
        ("own_pieces.limits", "run_fn", "define run_fn there"),
    ],
)
def test_what_is_not_there_is_refused_with_the_nearest(
    project: Path, module: str, name: str, said: str
) -> None:
    with pytest.raises(errors.UserError) as refused:
        check_module(module, name, project)
    assert said in str(refused.value)


def test_a_syntax_error_is_told_by_its_line(project: Path) -> None:
    (project / "own_pieces" / "limits.py").write_text("x = 1\ny = = 2\n")
    with pytest.raises(errors.UserError) as refused:
        check_module("own_pieces.limits", "x", project)
    assert f"at {project}/own_pieces/limits.py:2" in refused.value.evidence
    assert "y = = 2" in refused.value.evidence


def test_names_that_cannot_be_told_are_left_to_the_import(project: Path) -> None:
    (project / "own_pieces" / "limits.py").write_text("from json import *\n")
    check_module("own_pieces.limits", "loads", project)
