"""``millrace kubeflow compile`` and ``check`` as a person types them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli import main as cli
from core import errors
from kubeflow.graph.compilation import Compilation
from kubeflow.package.package import read_package


def _exit_code(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(["kubeflow", *arguments])
    return int(ended.value.code or 0)


@pytest.fixture
def compile_arguments(repository: Path, compiled_root: Path, taxi: Compilation) -> list[str]:
    """The command, with a folder that holds the compiled pipeline already."""
    return ["compile", str(repository / "configs" / "taxi.yaml"), "--root", str(compiled_root)]


def test_a_package_is_written_and_described(
    compile_arguments: list[str],
    taxi: Compilation,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "package.yaml"

    assert _exit_code(*compile_arguments, "--output", str(path)) == 0

    printed = capsys.readouterr()
    assert str(path) in printed.out
    assert f"{len(taxi.graph.tasks)}: example-gen" in printed.out
    assert "millrace kubeflow emulate" in printed.out
    assert "warning: the metadata store is one SQLite file" in printed.err
    assert read_package(path).spec.pipeline_info.name == "taxi"


def test_the_package_is_named_after_the_pipeline(
    compile_arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert _exit_code(*compile_arguments, "--set", "name=trips") == 0

    assert read_package(tmp_path / "trips.yaml").spec.pipeline_info.name == "trips"


def test_facts_for_machines(
    compile_arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "package.yaml"
    options = ("--profile", "kubeflow", "--image", "millrace:9", "--json", "--output", str(path))

    assert _exit_code(*compile_arguments, *options) == 0

    facts = json.loads(capsys.readouterr().out)
    assert facts["bytes"] == path.stat().st_size
    assert facts["image"] == "millrace:9"
    assert facts["metadata"] == "mysql"
    assert facts["service_account"] == "millrace"
    assert facts["warnings"] == []
    assert "trainer.train_steps" in facts["parameters"]


def test_a_refused_configuration_writes_nothing(
    compile_arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "package.yaml"
    options = ("--output", str(path), "--data", "/home/you/trips")

    assert _exit_code(*compile_arguments, *options) == errors.UserError.exit_code

    assert "cannot be seen by the cluster" in capsys.readouterr().err
    assert not path.exists()


def test_a_second_time_imports_no_tensorflow(
    compile_arguments: list[str], repository: Path, tmp_path: Path
) -> None:
    program = (
        "import sys\n"
        "from cli import main as cli\n"
        "try:\n"
        "    cli.main(['kubeflow', *sys.argv[1:]])\n"
        "except SystemExit as ended:\n"
        "    print(ended.code, *sorted(sys.modules))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, *compile_arguments, "--output", str(tmp_path / "a.yaml")],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    code, *modules = ended.stdout.splitlines()[-1].split()
    assert code == "0"
    assert not {"tensorflow", "tfx.components", "kubernetes"} & set(modules)


def test_check_says_that_a_package_is_sound(
    compile_arguments: list[str],
    taxi: Compilation,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "package.yaml"
    assert _exit_code(*compile_arguments, "--output", str(path)) == 0
    capsys.readouterr()

    assert _exit_code("check", str(path)) == 0
    assert f"is sound: taxi, {len(taxi.graph.tasks)} tasks" in capsys.readouterr().out

    assert _exit_code("check", str(path), "--json") == 0
    assert json.loads(capsys.readouterr().out)["pipeline"] == "taxi"


def test_check_names_the_task_that_is_wrong(
    compile_arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "package.yaml"
    assert _exit_code(*compile_arguments, "--output", str(path)) == 0
    path.write_text(path.read_text().replace("- data-gate\n", "- data-date\n"))
    capsys.readouterr()

    assert _exit_code("check", str(path)) == errors.UserError.exit_code
    assert "task 'transform' waits for 'data-date'" in capsys.readouterr().err


def test_every_command_of_the_group_is_listed_without_loading_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _exit_code("--help") == 0
    text = capsys.readouterr().out
    for name in ("compile", "check", "emulate", "upload", "run", "schedule", "runs", "wait"):
        assert f"  {name} " in text


def test_an_unknown_command_is_answered_with_the_nearest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _exit_code("compil") == errors.UserError.exit_code
    assert "did you mean `millrace kubeflow compile`?" in capsys.readouterr().err
