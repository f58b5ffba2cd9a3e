"""`millrace argo compile` and `millrace airflow compile` on the taxi configuration."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from cli.main import main
from kubeflow.graph.compilation import Compilation

Run = Callable[..., int]


@pytest.fixture
def run(taxi: Compilation, compiled_root: Path, repository: Path) -> Run:
    """Runs a command on the taxi configuration, compiled before; gives the exit code."""

    def run_command(orchestrator: str, *arguments: str) -> int:
        configuration = str(repository / "configs" / "taxi.yaml")
        with pytest.raises(SystemExit) as end:
            main([orchestrator, "compile", configuration, "--root", str(compiled_root), *arguments])
        assert isinstance(end.value.code, int)
        return end.value.code

    return run_command


def test_argo_writes_a_workflow(
    run: Run, taxi: Compilation, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    path = tmp_path / "taxi.yaml"

    assert run("argo", "--image", "me/millrace:1", "--output", str(path)) == 0

    spec = yaml.safe_load(path.read_text())["spec"]
    containers = [item["container"] for item in spec["templates"] if "container" in item]
    assert [item["image"] for item in containers] == ["me/millrace:1"] * len(taxi.graph.tasks)
    assert "argo submit" in capsys.readouterr().out


def test_argo_writes_a_template(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "taxi.yaml"

    assert run("argo", "--kind", "WorkflowTemplate", "--output", str(path)) == 0

    manifest = yaml.safe_load(path.read_text())
    assert (manifest["kind"], manifest["metadata"]["name"]) == ("WorkflowTemplate", "taxi")


def test_airflow_writes_a_dag_file(
    run: Run, taxi: Compilation, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    path = tmp_path / "taxi_dag.py"

    assert run("airflow", "--namespace", "trips", "--output", str(path), "--json") == 0

    facts = json.loads(capsys.readouterr().out)
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    operators = [call for call in calls if getattr(call.func, "id", "") == "KubernetesPodOperator"]
    assert len(operators) == len(taxi.graph.tasks) == len(facts["tasks"])
    assert facts["bytes"] == path.stat().st_size


@pytest.mark.parametrize("schedule", ["0 3 * *", "dayly", "0 3 * * {{", "@dayly"])
def test_airflow_refuses_what_is_no_schedule(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture, schedule: str
) -> None:
    path = tmp_path / "taxi_dag.py"

    assert run("airflow", "--schedule", schedule, "--output", str(path)) == 2

    assert "neither a cron expression nor a preset" in capsys.readouterr().err
    assert not path.exists()


@pytest.mark.parametrize("orchestrator", ["argo", "airflow"])
def test_a_file_that_cannot_be_written_is_refused(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture, orchestrator: str
) -> None:
    (tmp_path / "file").touch()

    assert run(orchestrator, "--output", str(tmp_path / "file" / "out")) == 2

    assert "cannot write" in capsys.readouterr().err


@pytest.mark.parametrize("orchestrator", ["argo", "airflow", "vertex"])
def test_help_has_examples(orchestrator: str, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as end:
        main([orchestrator, "compile", "--help"])

    assert end.value.code == 0
    assert f"millrace {orchestrator} compile configs/taxi.yaml" in capsys.readouterr().out
