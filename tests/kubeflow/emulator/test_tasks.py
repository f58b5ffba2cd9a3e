"""What tasks are given and what they hand on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.errors import UserError
from kubeflow.emulator.session import EmulationRequest, emulate
from tests.kubeflow.emulator.made_package import RUN_ID, package, run, shell, task

SAY = shell('for word in "$@"; do echo "$word"; done')
STEPS = {"steps": {"parameterType": "NUMBER_INTEGER", "defaultValue": 600}}


def test_a_parameter_reaches_the_command(tmp_path: Path) -> None:
    made = package(
        {
            "train": task(
                [*SAY, "--steps={{$.inputs.parameters['steps']}}"],
                inputs={"steps": ("NUMBER_INTEGER", "root:steps")},
            )
        },
        STEPS,
    )
    ended = run(made, tmp_path, "steps=50")
    assert ended.code == 0
    assert ended.lines("train") == ["--steps=50"]
    assert ended.given("train")["inputs"]["parameterValues"] == {"steps": 50}


def test_constants_of_the_run_are_filled_in_where_they_stand_alone(tmp_path: Path) -> None:
    constants = {
        "id": "{{$.pipeline_job_uuid}}",
        "name": "{{$.pipeline_job_name}}",
        "task": "{{$.pipeline_task_name}}",
        "created": "{{$.pipeline_job_create_time_utc}}",
        "scheduled": "{{$.pipeline_job_schedule_time_utc}}",
        "within": "x-{{$.pipeline_job_uuid}}",
        "plain": "text",
    }
    made = package(
        {
            "t": task(
                ["true"],
                inputs={name: ("STRING", {"constant": value}) for name, value in constants.items()},
            )
        }
    )
    values = run(made, tmp_path).given("t")["inputs"]["parameterValues"]
    assert values["id"] == RUN_ID
    assert values["name"].startswith("small 20")
    assert values["task"] == "t"
    assert values["created"].endswith("Z")
    assert values["scheduled"] == values["created"]
    # The driver compares whole constants.
    assert values["within"] == constants["within"]
    assert values["plain"] == "text"


def test_an_output_parameter_reaches_the_next_task_with_its_type(tmp_path: Path) -> None:
    made = package(
        {
            "first": task(
                shell('echo 7 > "$1"', "{{$.outputs.parameters['n'].output_file}}"),
                writes={"n": "NUMBER_INTEGER"},
            ),
            "second": task(
                [*SAY, "{{$.inputs.parameters['n']}}", "{{$.inputs.parameters['text']}}"],
                inputs={"n": ("NUMBER_INTEGER", "first.n"), "text": ("STRING", "first.n")},
            ),
        }
    )
    ended = run(made, tmp_path)
    assert ended.lines("second") == ["7", "7"]
    # Everything may become text.
    values = ended.given("second")["inputs"]["parameterValues"]
    assert values == {"n": 7.0, "text": "7"}


def test_an_artifact_reaches_the_next_task_with_its_metadata(tmp_path: Path) -> None:
    written = {"auc": 0.9, "ok": True, "slices": [1, None], "by": {"a": None}, "name": "m"}
    output = json.dumps({"artifacts": {"model": {"artifacts": [{"metadata": written}]}}})
    script = """echo weights > "$1"
mkdir -p "$(dirname "$2")"
printf %s "$3" > "$2"
"""
    made = package(
        {
            "first": task(
                [
                    *shell(script),
                    "{{$.outputs.artifacts['model'].path}}",
                    "{{$.inputs.parameters['file']}}",
                    output,
                ],
                inputs={
                    "file": (
                        "STRING",
                        {
                            "constant": str(
                                tmp_path
                                / f"root/runs/{RUN_ID}/first/kfp_outputs/output_metadata.json"
                            )
                        },
                    )
                },
                makes={"model": "system.Model"},
            ),
            "second": task(
                shell('cat "$1"', "{{$.inputs.artifacts['model'].path}}"),
                artifacts={"model": "first.model"},
            ),
        }
    )
    ended = run(made, tmp_path)
    assert ended.lines("second") == ["weights"]
    (artifact,) = ended.given("second")["inputs"]["artifacts"]["model"]["artifacts"]
    # As ML Metadata gives it back: no type, numbers for booleans, lists and objects wrapped.
    assert artifact == {
        "name": artifact["name"],
        "uri": str(ended.file("first", "outputs", "model")),
        "metadata": {
            "display_name": "model",
            "auc": 0.9,
            "ok": 1.0,
            "slices": {"list": [1.0, None]},
            "by": {"struct": {"a": None}},
            "name": "m",
        },
    }
    assert artifact["name"].isdigit()


def test_the_input_names_outputs_with_their_types_and_the_log(tmp_path: Path) -> None:
    made = package({"t": task(["true"], makes={"report": "system.HTML"})})
    ended = run(made, tmp_path)
    outputs = ended.given("t")["outputs"]
    (report,) = outputs["artifacts"]["report"]["artifacts"]
    assert report["type"] == {"schemaTitle": "system.HTML", "schemaVersion": "0.0.1"}
    assert outputs["artifacts"]["executor-logs"]["artifacts"][0]["uri"] == str(
        ended.file("t", "log")
    )
    assert Path(outputs["outputFile"]).name == "output_metadata.json"


def test_folders_of_outputs_are_made_and_no_others(tmp_path: Path) -> None:
    script = 'for file in "$@"; do test -d "$(dirname "$file")" && echo made || echo missing; done'
    made = package(
        {
            "t": task(
                [
                    *shell(f'{script}; echo 1 > "$2"'),
                    "{{$.outputs.artifacts['report'].path}}",
                    "{{$.outputs.parameters['n'].output_file}}",
                ],
                makes={"report": "system.HTML"},
                writes={"n": "NUMBER_INTEGER"},
            )
        }
    )
    ended = run(made, tmp_path)
    assert ended.lines("t") == ["made", "made"]
    # Launchers before 2.15 do not make the folder of the executor's output.
    assert not Path(ended.given("t")["outputs"]["outputFile"]).parent.exists()


def test_a_default_of_the_component_is_for_the_launcher_to_fill_in(tmp_path: Path) -> None:
    made = package(
        {"t": task([*SAY, "{{$.inputs.parameters['mode']}}"], defaults={"mode": "fast"})}
    )
    ended = run(made, tmp_path)
    assert ended.lines("t") == ["fast"]
    assert ended.given("t")["inputs"] == {}


def test_an_optional_parameter_without_value_is_left_out(tmp_path: Path) -> None:
    made = package(
        {
            "t": task(
                [*SAY, '{"IfPresent":{"InputName":"span","Then":["has"],"Else":["none"]}}'],
                inputs={"span": ("NUMBER_INTEGER", "root:span")},
                optional=("span",),
            )
        },
        {"span": {"parameterType": "NUMBER_INTEGER", "isOptional": True}},
    )
    assert run(made, tmp_path).lines("t") == ["none"]


@pytest.mark.parametrize(
    ("kind", "value"),
    [("NUMBER_INTEGER", "text"), ("BOOLEAN", 1), ("NUMBER_DOUBLE", True), ("STRUCT", [1])],
)
def test_a_constant_of_a_wrong_type_fails_the_task(
    tmp_path: Path, kind: str, value: object
) -> None:
    made = package({"t": task(["true"], inputs={"p": (kind, {"constant": value})})})
    ended = run(made, tmp_path)
    assert ended.code == 2
    assert ended.record.error is not None
    assert f"the input p of the task t must be {kind}" in ended.record.error.headline


def test_the_environment_is_the_containers_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLERS_SECRET", "hidden")
    monkeypatch.setenv("HOME", str(tmp_path))
    made = package(
        {
            "t": task(
                shell("env"), env={"A": "1", "B": "$(A)$(C)", "P": "{{$.inputs.parameters['p']}}"}
            )
        }
    )
    lines = run(made, tmp_path).lines("t")
    assert {"A=1", "B=1$(C)", f"HOME={tmp_path}", "KFP_POD_NAME=t", "KFP_RETRY_INDEX=0"} <= {*lines}
    # The driver hands variables on unread.
    assert "P={{$.inputs.parameters['p']}}" in lines
    assert not [line for line in lines if "CALLERS_SECRET" in line]


def test_python_is_this_interpreter_in_the_project_folder(tmp_path: Path) -> None:
    code = "import os, sys; print(sys.prefix); print(os.getcwd())"
    project = tmp_path / "mine"
    import sys

    for program in ("python", "/usr/local/bin/python3"):
        folder = tmp_path / program.replace("/", "_")
        ended = run(package({"t": task([program, "-Ic", code])}), folder, project=project)
        assert ended.lines("t") == [sys.prefix, str(project)]


def test_kubernetes_expands_variables_in_commands_and_values(tmp_path: Path) -> None:
    made = package(
        {
            "t": task(
                [*SAY, "$(A) $$(A) ^a$$", "{{$.inputs.parameters['p']}}"],
                env={"A": "1"},
                inputs={"p": ("STRING", {"constant": "$(A)"})},
            )
        }
    )
    assert run(made, tmp_path).lines("t") == ["1 $(A) ^a$", "1"]


def test_a_run_that_exists_is_not_touched(tmp_path: Path) -> None:
    made = package({"t": task(["true"])})
    ended = run(made, tmp_path)
    with pytest.raises(UserError) as refused:
        run(made, tmp_path)
    assert refused.value.code == "run-exists"
    assert ended.record.status == "succeeded"


@pytest.mark.parametrize("run_id", ["../x", "a/b", "", ".x", "a b"])
def test_an_id_that_is_no_folder_name_is_refused(tmp_path: Path, run_id: str) -> None:
    made = package({"t": task(["true"])})
    request = EmulationRequest(made, (), tmp_path, tmp_path, run_id=run_id or " ")
    with pytest.raises(UserError) as refused:
        emulate(request, as_json=False)
    assert refused.value.code == "run-id"


def test_a_project_that_is_missing_is_refused(tmp_path: Path) -> None:
    request = EmulationRequest(package({"t": task(["true"])}), (), tmp_path, tmp_path / "none")
    with pytest.raises(UserError, match="does not exist"):
        emulate(request, as_json=False)


def test_a_new_run_has_a_uuid(tmp_path: Path) -> None:
    request = EmulationRequest(package({"t": task(["true"])}), (), tmp_path, tmp_path)
    assert emulate(request, as_json=False) == 0
    (folder,) = (tmp_path / "runs").iterdir()
    assert len(folder.name) == 36
