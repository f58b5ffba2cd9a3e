"""The page that says where things are names what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import tomli

# In backquotes: a folder with its slash, or a file with a suffix below a folder.
_PLACE = re.compile(r"`([\w.-]+(?:/[\w.-]+)*/(?:[\w-]+\.\w+)?)`")
_LINK = re.compile(r"\]\(([\w./-]+\.md)\)")


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_every_file_and_folder_that_the_page_names_exists(repository: Path, page: str) -> None:
    places = set(_PLACE.findall(page))
    missing = [
        place
        for place in places
        if not (
            (repository / place).is_dir() if place[-1] == "/" else (repository / place).is_file()
        )
    ]

    assert len(places) > 100
    assert sorted(missing) == []


def test_every_page_that_it_links_to_exists(repository: Path, page: str) -> None:
    assert [
        link for link in _LINK.findall(page) if not (repository / "docs" / link).is_file()
    ] == []


def test_the_picture_is_the_order_that_imports_keep(repository: Path, page: str) -> None:
    settings = tomli.loads((repository / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = next(c["layers"] for c in settings["contracts"] if c["type"] == "layers")
    picture = page.split("```")[1].strip().splitlines()

    drawn = [{part.split()[0] for part in line.split("|")} for line in picture]

    assert drawn == [{name.strip() for name in layer.split("|")} for layer in layers]


def test_every_folder_of_the_picture_has_its_paragraph(repository: Path, page: str) -> None:
    settings = tomli.loads((repository / "pyproject.toml").read_text())["tool"]["importlinter"]
    paragraphs = {match.group(1) for match in re.finditer(r"^`(\w+)/` ", page, re.MULTILINE)}

    assert paragraphs == set(settings["root_packages"])


def test_the_readme_leads_to_the_page(repository: Path) -> None:
    assert "(docs/architecture.md)" in (repository / "README.md").read_text(encoding="utf-8")
