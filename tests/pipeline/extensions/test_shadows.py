"""Own modules whose name is taken are refused; all others are imported from where they lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import errors, import_path
from pipeline.extensions.shadows import check_no_shadow
from tests.traps import OURS


@pytest.fixture(autouse=True)
def _found_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setattr(sys, "path", [*sys.path])
    import_path.append(tmp_path)


def write(folder: Path, **modules: str) -> None:
    for name, text in modules.items():
        path = folder.joinpath(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize(
    ("module", "whose"),
    [
        *[(f"{name}.mine", "one of Millrace's packages") for name in OURS],
        ("random", "one of Python's own modules"),
        ("time", "one of Python's own modules"),
        ("json.mine", "one of Python's own modules"),
        ("yaml", "an installed library"),
        ("numpy.mine", "an installed library"),
        ("apache_beam", "an installed library"),
    ],
)
def test_a_module_whose_name_is_taken_is_refused(tmp_path: Path, module: str, whose: str) -> None:
    write(tmp_path, **{module.replace(".", "__"): "raise SystemExit('run')"})

    with pytest.raises(errors.UserError, match=whose) as refused:
        check_no_shadow(module, tmp_path)

    assert refused.value.headline.startswith(str(tmp_path))
    assert f"own_{module.partition('.')[0]}" in refused.value.hint


@pytest.mark.parametrize("taken", ["selectors", "models", "click"])
@pytest.mark.parametrize(
    "text", ["import {0}", "from {0} import x", "def f():\n    import {0} as y"]
)
def test_so_is_one_that_an_own_module_imports(tmp_path: Path, taken: str, text: str) -> None:
    second = text.format(taken)
    write(tmp_path, **{taken: "", "own_first": "import own_second", "own_second": second})

    with pytest.raises(errors.UserError, match=f"{taken}.py has the name of"):
        check_no_shadow("own_first", tmp_path)


def test_what_is_imported_of_ours_beside_folders_of_those_names_is_fine(tmp_path: Path) -> None:
    (tmp_path / "models" / "v1").mkdir(parents=True)
    write(
        tmp_path,
        components__notes="",
        random="",
        own_first="import own_second\nfrom models.heads import Head\nimport components.pusher",
        own_second="from . import own_first\nimport math",
    )

    check_no_shadow("own_first", tmp_path)


def test_modules_of_the_checkout_itself_are_what_they_are(repository: Path) -> None:
    for module in ("models.heads", "preprocessing.columns", "cli.main"):
        check_no_shadow(module, repository)
