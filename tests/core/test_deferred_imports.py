"""A deferred package costs nothing until it is used, and is whole when it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_PACKAGE = """
LOADED = True
class Client:
    def answer(self): return 42
def register(kind): raise AssertionError("called at import time")
"""
_USER = """
from typing import Optional
import slow
from slow import client as slow_client
from slow.deep.errors import ApiError
@slow.register
class View(slow.Client):
    pass
def hint(value: Optional[slow_client.Thing]) -> None: ...
def use(): return slow.Client().answer()
def is_client(value): return isinstance(value, slow.Client)
"""


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    (tmp_path / "slow").mkdir()
    (tmp_path / "slow" / "__init__.py").write_text(_PACKAGE)
    (tmp_path / "user.py").write_text(_USER)
    return tmp_path


def _run(packages: Path, program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": f"{packages}:{Path(__file__).parents[2]}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


_IMPORT_USER = (
    "import sys; from core.deferred_imports import deferred\n"
    "with deferred(['slow']):\n    import user\n"
)


def test_importing_a_user_of_the_package_does_not_load_it(packages: Path) -> None:
    assert _run(packages, _IMPORT_USER + "print('slow' in sys.modules)") == "False"


def test_the_first_real_use_loads_it(packages: Path) -> None:
    assert _run(packages, _IMPORT_USER + "print(user.use())") == "42"


def test_a_type_check_against_it_tells_the_truth(packages: Path) -> None:
    program = _IMPORT_USER + "import slow; print(user.is_client(slow.Client()), user.is_client(1))"
    assert _run(packages, program) == "True False"


def test_a_plain_import_afterwards_gives_the_real_package(packages: Path) -> None:
    assert _run(packages, _IMPORT_USER + "import slow; print(slow.LOADED)") == "True"


def test_a_package_that_is_loaded_already_stays_loaded(packages: Path) -> None:
    program = "import slow; from core.deferred_imports import deferred\n"
    program += "with deferred(['slow']):\n    import slow as again\nprint(again is slow)"
    assert _run(packages, program) == "True"


def test_what_is_not_installed_is_missed_on_use_only(packages: Path) -> None:
    program = "from core.deferred_imports import deferred\n"
    program += "with deferred(['no_such_thing']):\n    import no_such_thing\n"
    program += "try:\n    no_such_thing.use()\nexcept ModuleNotFoundError as e:\n    print(e)"
    assert _run(packages, program) == "No module named 'no_such_thing'"


_DECORATED = """
import slow
Pair = slow.typehints.KV[int, str]
@slow.typehints.with_types(int)
class Count(slow.Client):
    pass
def number() -> slow.Client | None: ...
"""


def test_a_decorator_with_arguments_leaves_the_class_as_it_is(packages: Path) -> None:
    (packages / "decorated.py").write_text(_DECORATED)

    program = _IMPORT_USER.replace("import user", "import decorated")

    assert _run(packages, program + "print(decorated.Count().__class__.__name__)") == "Count"


def test_an_answer_stands_in_for_an_import(packages: Path) -> None:
    (packages / "asking.py").write_text(
        "import slow\ndef use(): return slow.io.size('x')\ndef other(): return slow.LOADED\n"
    )

    said = _run(
        packages,
        "import sys; from core.deferred_imports import deferred\n"
        "with deferred(['slow'], {'slow.io.size': len}):\n    import asking\n"
        "print(asking.use(), 'slow' in sys.modules, asking.other(), 'slow' in sys.modules)",
    )

    assert said == "1 False True True"


_SHALLOW = "import sys; from core.deferred_imports import shallow_package\nimport outer\n"


@pytest.fixture
def nested(tmp_path: Path) -> Path:
    inner = tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "outer" / "__init__.py").touch()
    (inner / "__init__.py").write_text("from outer.inner import costly\nNAME = costly.VALUE\n")
    (inner / "costly.py").write_text("VALUE = 7\n")
    (inner / "light.py").write_text("WEIGHT = 1\n")
    return tmp_path


def test_a_module_of_a_shallow_package_comes_alone(nested: Path) -> None:
    said = _run(
        nested,
        _SHALLOW + "shallow_package('outer.inner')\nfrom outer.inner import light\n"
        "import outer.inner.light as again\n"
        "print(again is light, light.WEIGHT, 'outer.inner.costly' in sys.modules)",
    )

    assert said == "True 1 False"


def test_a_name_of_a_shallow_package_is_what_its_init_defines(nested: Path) -> None:
    said = _run(
        nested,
        _SHALLOW + "shallow_package('outer.inner')\nfrom outer.inner import NAME\n"
        "import outer.inner\nprint(NAME, outer.inner.NAME, hasattr(outer.inner, 'nothing'))",
    )

    assert said == "7 7 False"


def test_a_package_that_is_imported_already_stays(nested: Path) -> None:
    said = _run(
        nested,
        _SHALLOW + "import outer.inner\nshallow_package('outer.inner')\nprint(outer.inner.NAME)",
    )

    assert said == "7"
