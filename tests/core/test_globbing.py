"""Patterns find each real file once, and links lead nobody in circles."""

from __future__ import annotations

import glob
import os
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from core.errors import UserError
from core.globbing import distinct_files, matching_files


def _write(base: Path, *names: str) -> None:
    for name in names:
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).touch()


def _found(base: Path, pattern: str) -> list[str]:
    return sorted(os.path.relpath(path, base) for path in matching_files(str(base), pattern))


_NAMES = st.sampled_from(["a", "b", "x.csv", ".h", "y.csv", "[z"])
_PARTS = st.sampled_from(["**", "*", "a", "?", "*.csv", "[ab]", ".*", "x.csv", "**"])


@hypothesis.settings(deadline=None)
@hypothesis.given(
    st.lists(st.lists(_NAMES, min_size=1, max_size=4).map("/".join), max_size=6),
    st.lists(_PARTS, min_size=1, max_size=4).map("/".join),
)
def test_without_links_the_files_are_those_that_glob_finds(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], pattern: str
) -> None:
    base = tmp_path_factory.mktemp("base")
    for name in names:
        try:
            _write(base, name)
        except OSError:
            continue  # a file stands where a folder should
    expected = glob.glob(os.path.join(glob.escape(str(base)), pattern), recursive=True)
    assert _found(base, pattern) == sorted(
        {os.path.relpath(path, base) for path in expected if os.path.isfile(path)}
    )


@pytest.mark.parametrize("links", [1, 2, 12])
def test_links_to_a_folder_above_end_there(tmp_path: Path, links: int) -> None:
    _write(tmp_path, "a/b/x.csv", "y.csv")
    for number in range(links):
        for folder in ("a", "a/b", "."):
            (tmp_path / folder / f"loop-{number}").symlink_to(tmp_path)
    (tmp_path / "itself").symlink_to("itself")

    assert _found(tmp_path, "**/*.csv") == ["a/b/x.csv", "y.csv"]


def test_folders_that_lead_to_one_another_end(tmp_path: Path) -> None:
    folders = [tmp_path / f"d{number}" for number in range(9)]
    for folder in folders:
        _write(folder, "x.csv")
    for folder in folders:
        for other in folders:
            (folder / f"to-{other.name}").symlink_to(other)

    assert _found(tmp_path, "**/*.csv") == [f"d{number}/x.csv" for number in range(9)]


def test_a_folder_behind_a_link_is_found_by_the_way_that_fits(tmp_path: Path) -> None:
    _write(tmp_path, "real/x.csv")
    (tmp_path / "deep" / "wanted").parent.mkdir()
    (tmp_path / "deep" / "wanted").symlink_to(tmp_path / "real")

    assert _found(tmp_path, "**/wanted/*.csv") == ["deep/wanted/x.csv"]
    assert _found(tmp_path, "**/*.csv") == ["real/x.csv"]


def test_a_file_of_several_names_is_one_file(tmp_path: Path) -> None:
    _write(tmp_path, "b/x.csv", "c/y.csv")
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "link.csv").symlink_to(tmp_path / "b" / "x.csv")
    os.link(tmp_path / "c" / "y.csv", tmp_path / "c" / "z.csv")
    names = [str(path) for path in tmp_path.rglob("*.csv")] + [str(tmp_path / "a" / "x.csv")]

    assert distinct_files(names) == [
        [str(tmp_path / "b" / "x.csv")],
        [str(tmp_path / "c" / "y.csv"), str(tmp_path / "c" / "z.csv")],
    ]


def test_of_names_that_are_all_links_each_counts(tmp_path: Path) -> None:
    _write(tmp_path, "elsewhere/x.csv", "t/own.csv")
    for name in ("t/a.csv", "t/b.csv"):
        (tmp_path / name).symlink_to(tmp_path / "elsewhere" / "x.csv")

    [links, own] = distinct_files(matching_files(str(tmp_path / "t"), "*.csv"))

    assert [Path(name).name for name in links] == ["a.csv", "b.csv"]
    assert [Path(name).name for name in own] == ["own.csv"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every folder")
def test_a_folder_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    _write(tmp_path, "a/x.csv", "b/y.csv")
    (tmp_path / "a").chmod(0)
    try:
        with pytest.raises(UserError, match="cannot be read"):
            matching_files(str(tmp_path), "**/*.csv")
    finally:
        (tmp_path / "a").chmod(0o700)
