"""Who may import whom, and what an import may not do."""

from __future__ import annotations

import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
import tomli

HEAVY = ("tensorflow", "tfx", "apache_beam", "tensorflow_model_analysis", "keras")

# Imports modules in turn, then says what that left behind.
PROBE = """
import json, logging, os, sys, threading
before = dict(os.environ)
heavy, blame = sys.argv[1].split(","), {}
for name in sys.argv[2:]:
    __import__(name)
    for library in heavy:
        if library in sys.modules:
            blame.setdefault(library, name)
json.dump({
    "heavy": blame,
    "environment": sorted(k for k in {*before, *os.environ} if before.get(k) != os.environ.get(k)),
    "threads": [t.name for t in threading.enumerate() if t is not threading.main_thread()],
    "log_handlers": [repr(handler) for handler in logging.getLogger().handlers],
}, sys.stdout)
"""


def modules_of(repository: Path, package: str) -> list[str]:
    """A package and all modules below it, by file name, without importing any."""
    folders = [str(repository / package.replace(".", "/"))]
    found = [package]
    for info in pkgutil.iter_modules(folders, prefix=f"{package}."):
        found += modules_of(repository, info.name) if info.ispkg else [info.name]
    return found


def light_modules(repository: Path) -> list[str]:
    return [
        *modules_of(repository, "cli"),
        *modules_of(repository, "core"),
        "metadata.settings",
        *modules_of(repository, "pipeline.configuration"),
        *modules_of(repository, "pipeline.sample"),
        *modules_of(repository, "kubeflow.client"),
        *modules_of(repository, "kubeflow.emulator"),
        "kubeflow.graph.task_graph",
        "kubeflow.entrypoint.process",
    ]


def left_behind(repository: Path, folder: Path, modules: list[str]) -> dict:
    """Imports `modules` in a fresh interpreter whose working folder and home are `folder`."""
    process = subprocess.run(
        [sys.executable, "-B", "-c", PROBE, ",".join(HEAVY), *modules],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(repository), "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return {**json.loads(process.stdout), "stderr": process.stderr}


@pytest.fixture(scope="module")
def light(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    folder = tmp_path_factory.mktemp("imports")
    result = left_behind(repository, folder, light_modules(repository))
    return {**result, "files": [path.name for path in folder.rglob("*")]}


def test_the_command_line_configuration_and_core_do_not_import_tensorflow(light: dict) -> None:
    assert light["heavy"] == {}, "the first module that brought each library in"


def test_importing_leaves_the_process_as_it_was(light: dict) -> None:
    assert light["environment"] == []
    assert light["threads"] == []
    assert light["log_handlers"] == []


def test_importing_writes_nothing(light: dict) -> None:
    assert light["files"] == []
    assert light["stderr"] == ""


def test_the_probe_sees_what_a_bad_module_does(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "keras.py").touch()
    (tmp_path / "bad.py").write_text("import os, keras; os.environ['BAD'] = '1'; open('x', 'w')\n")

    result = left_behind(repository, tmp_path, ["bad"])

    assert result["heavy"] == {"keras": "bad"}
    assert result["environment"] == ["BAD"]
    assert (tmp_path / "x").exists()


def test_imports_go_down_the_list_of_folders(repository: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=repository,
        env={**os.environ, "PYTHONPATH": str(repository)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr


def test_every_package_stands_in_a_layer(repository: Path) -> None:
    settings = tomli.loads((repository / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = next(c["layers"] for c in settings["contracts"] if c["type"] == "layers")
    named = {name.strip() for layer in layers for name in layer.split("|")}
    outside = {"tests", "benchmarks"}
    packages = {path.parent.name for path in repository.glob("*/__init__.py")} - outside

    assert named == packages
    assert set(settings["root_packages"]) == packages


def test_every_package_is_asked_about_circles(repository: Path) -> None:
    settings = tomli.loads((repository / "pyproject.toml").read_text())["tool"]["importlinter"]
    asked = next(c["ancestors"] for c in settings["contracts"] if c["type"] == "acyclic_siblings")

    assert asked == settings["root_packages"]
