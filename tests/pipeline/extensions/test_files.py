"""Files that own modules name or the configuration declares count in a digest, by their content."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.errors import UserError
from pipeline.extensions.files import declared_files, files_digest, named_files
from pipeline.extensions.modules import covered_files, project_of, sources_digest
from pipeline.identity.code import node_digest


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with lookup files beside its modules, at its top and in a folder of their own."""
    for name in ("own_bits/zones.csv", "own_bits/lists/names.txt", "top.json", "tables/fares.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    (tmp_path / "own_bits" / "other.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def _module(project: Path, text: str) -> tuple[str]:
    (project / "own_bits" / "features.py").write_text(text)
    return ("own_bits.features",)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('open("zones.csv")', "own_bits/zones.csv"),
        ('Path(__file__).with_name("zones.csv").read_text()', "own_bits/zones.csv"),
        ('Path(__file__).parent / "lists" / "names.txt"', "own_bits/lists/names.txt"),
        ('os.path.join(HERE, "lists", "names.txt")', "own_bits/lists/names.txt"),
        ('HERE.joinpath("lists", "names.txt")', "own_bits/lists/names.txt"),
        ('tf.io.gfile.GFile("own_bits/zones.csv")', "own_bits/zones.csv"),
        ('tf.lookup.TextFileInitializer(f(x) / "tables/fares.csv", 1, 2)', "tables/fares.csv"),
        ('json.load(open("./top.json"))', "top.json"),
    ],
)
def test_a_file_that_stands_in_the_text_counts(project: Path, text: str, named: str) -> None:
    modules = _module(project, text)
    assert project / named in [Path(os.path.normpath(path)) for path in covered_files(modules)]
    before = node_digest("Transform", modules)
    os.utime(project / named, (0, 0))
    assert node_digest("Transform", modules) == before
    (project / named).write_text("2")
    assert node_digest("Transform", modules) != before


def test_a_file_that_is_named_by_what_a_module_imports_counts(project: Path) -> None:
    (project / "own_bits" / "other.py").write_text('ZONES = "zones.csv"')
    modules = _module(project, "from own_bits import other\n")
    before = sources_digest(modules)
    (project / "own_bits" / "zones.csv").write_text("2")
    assert sources_digest(modules) != before


@pytest.mark.parametrize(
    "text",
    [
        'open(f"{place}.csv")',
        'x = "", ".", "..", "/", "tables", "other.py", "/etc/hostname", "a\\0b"',
        'x = "' + "y" * 5000 + '"',
        "x = b'zones.csv', 1 / 2",
        "broken (",
    ],
)
def test_what_is_no_name_of_a_file_of_the_project_does_not_count(project: Path, text: str) -> None:
    _module(project, text)
    assert named_files([project / "own_bits" / "features.py"], project) == ()


def test_declared_files_are_found_by_pattern(project: Path) -> None:
    assert declared_files(["tables/*.csv", "**/names.txt"], project) == (
        project / "own_bits" / "lists" / "names.txt",
        project / "tables" / "fares.csv",
    )
    files = declared_files(["top.json"], project)
    before = files_digest(files, project)
    (project / "top.json").write_text("2")
    assert files_digest(files, project) != before
    assert files_digest((), project) == ""


@pytest.mark.parametrize("pattern", ["tables/fares.tsv", "tabels/*", "tables"])
def test_a_declared_file_that_is_not_there_is_refused(project: Path, pattern: str) -> None:
    with pytest.raises(UserError, match=r"transform\.files: there is no file"):
        declared_files([pattern], project, "transform.files")


def test_the_digest_of_a_project_that_was_moved_is_the_same(project: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "two" / "deeper"
    for folder in (one, other):
        folder.mkdir(parents=True)
        (folder / "a.txt").write_text("1")
    assert files_digest([one / "a.txt"], one) == files_digest([other / "a.txt"], other)


def test_the_project_is_the_folder_in_which_the_first_part_of_a_name_is_found(
    project: Path,
) -> None:
    modules = _module(project, "")
    assert project_of(modules) == project
    (project / "own_bits" / "__init__.py").write_text("")
    assert project_of(["own_bits"]) == project_of(modules) == project
    assert project_of(["json", "tfx.components", "nowhere"]) is None
