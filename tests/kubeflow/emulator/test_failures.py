"""Exit codes, retries, time limits, and what a failure says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.kubeflow.emulator.made_package import Emulated, package, run, shell, task

RETRY = {"maxRetryCount": 2, "backoffDuration": "1s", "backoffFactor": 2}
WRITE_OUTPUT = """mkdir -p "$(dirname "$2")"; printf %s "$1" > "$2" """


def error_of(ended: Emulated) -> tuple[str, str, tuple[str, ...]]:
    error = ended.record.error
    assert error is not None
    return error.kind, error.headline, error.evidence


@pytest.mark.parametrize(
    ("code", "kind", "exit_code"),
    [
        (2, "UserError", 2),
        (3, "DataError", 3),
        (4, "ModelError", 4),
        (5, "InfrastructureError", 5),
        (70, "InternalError", 70),
        (1, "InfrastructureError", 5),
        (99, "InfrastructureError", 5),
    ],
)
def test_the_exit_code_of_a_task_is_that_of_the_run(
    tmp_path: Path, code: int, kind: str, exit_code: int
) -> None:
    ended = run(package({"t": task(shell(f"exit {code}"))}), tmp_path)
    assert ended.code == exit_code
    assert error_of(ended)[:2] == (kind, f"t failed with exit code {code}")


def test_a_task_that_a_signal_ends_failed(tmp_path: Path) -> None:
    # Kubernetes makes one dollar of two.
    ended = run(package({"t": task(shell("kill -9 $$$$"))}), tmp_path)
    assert error_of(ended)[1] == "t failed with exit code 137"


def test_a_program_that_is_not_here_is_said(tmp_path: Path) -> None:
    ended = run(package({"t": task(["no-such-program"])}), tmp_path)
    kind, headline, evidence = error_of(ended)
    assert (kind, headline) == ("InfrastructureError", "t failed with exit code 127")
    assert "no-such-program cannot be started" in evidence[0]


def test_the_last_lines_of_the_log_are_evidence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = 'for i in 1 2 3 4 5 6 7; do echo "line $i" >&2; done; exit 1'
    ended = run(package({"t": task(shell(script, "--node", "Trainer"))}), tmp_path)
    assert error_of(ended)[2] == tuple(f"line {number}" for number in range(3, 8))
    shown = capsys.readouterr()
    assert "infrastructure error in Trainer: Trainer failed with exit code 1" in shown.err
    assert f"log: {ended.file('t', 'log')}" in shown.err


def test_a_task_says_itself_why_it_failed(tmp_path: Path) -> None:
    said = "data error in ExampleGen: no rows\n  trips.csv is empty\n  hint: look at the file\n"
    script = 'printf "$1" > "$MILLRACE_TERMINATION_LOG"; echo noise; exit 3'
    ended = run(package({"t": task(shell(script, said))}), tmp_path)
    error = ended.record.error
    assert error is not None
    assert (error.kind, error.headline, error.evidence, error.hint, error.node) == (
        "DataError",
        "no rows",
        ("trips.csv is empty",),
        "look at the file",
        "t",
    )


def test_a_task_that_succeeds_at_the_third_attempt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = """echo x >> tries; echo 1 > "$1"; echo "$KFP_RETRY_INDEX"
test -e "$2" && echo leftover; echo y > "$2"
[ "$(wc -l < tries)" -ge 3 ]"""
    made = package(
        {
            "t": task(
                shell(
                    script,
                    "{{$.outputs.parameters['n'].output_file}}",
                    "{{$.outputs.artifacts['report'].path}}",
                ),
                writes={"n": "NUMBER_INTEGER"},
                makes={"report": "system.HTML"},
                retry=RETRY,
            )
        }
    )
    ended = run(made, tmp_path)
    assert ended.code == 0
    # Each attempt is a new container: it finds no outputs of the one before.
    assert ended.lines("t") == ["0", "1", "2"]
    assert ended.file("t", "attempts", "1", "outputs", "report").is_file()
    node = ended.record.node("t")
    assert node is not None
    assert node.result == "3 attempts, waits between them shortened"
    events = ended.file("events.jsonl").read_text(encoding="utf-8").splitlines()
    said = [json.loads(line).get("text") for line in events if "node_progress" in line]
    assert said == [
        "attempt 1 of 3 failed: t failed with exit code 1; tried again in 0.5 s instead of 1 s",
        "attempt 2 of 3",
        "attempt 2 of 3 failed: t failed with exit code 1; tried again in 0.5 s instead of 2 s",
        "attempt 3 of 3",
    ]


def test_retries_end(tmp_path: Path) -> None:
    script = 'echo "attempt $KFP_RETRY_INDEX"; exit 4'
    ended = run(package({"t": task(shell(script), retry={"maxRetryCount": 1})}), tmp_path)
    assert ended.code == 4
    # Evidence is the last attempt's.
    assert error_of(ended)[2] == ("attempt 1",)
    assert ended.lines("t") == ["attempt 0", "attempt 1"]


def test_a_task_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    made = package({"t": task(["sleep", "60"], cluster={"activeDeadlineSeconds": "1"})})
    ended = run(made, tmp_path)
    assert error_of(ended)[:2] == ("InfrastructureError", "t did not end within 1 s")


def test_what_a_task_leaves_running_is_ended_with_it(tmp_path: Path) -> None:
    import os

    project = tmp_path / "project"
    project.mkdir()
    os.mkfifo(project / "alive")
    reading = os.open(project / "alive", os.O_RDONLY | os.O_NONBLOCK)
    made = package({"t": task(shell("sleep 60 > alive & echo started"))})
    assert run(made, tmp_path).lines("t") == ["started"]
    # The end of the fifo is there once nobody has it open for writing.
    os.set_blocking(reading, True)
    assert os.read(reading, 1) == b""
    os.close(reading)


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("{", "malformed"),
        ("[]", "not a JSON object"),
        ('{"parameterValues": {"n": NaN}}', "NaN"),
        ('{"parameterValues": {"n": 1, "n": 2}}', "twice"),
        ('{"parameters": 3}', "malformed"),
        ('{"unknown": {}}', "unknown"),
        ('{"artifacts": {"report": {"artifacts": [{"metadata": {"x": null}}]}}}', "null"),
        ('{"artifacts": {"report": {"artifacts": [{"uri": "gs://b/x"}]}}}', "outside"),
        ("{}", "n was not written"),
    ],
)
def test_outputs_that_the_launcher_refuses_fail_the_task(
    tmp_path: Path, output: str, reason: str
) -> None:
    path = tmp_path / "root/runs/run-1/t/kfp_outputs/output_metadata.json"
    made = package(
        {
            "t": task(
                shell(WRITE_OUTPUT, output, str(path)),
                writes={"n": "NUMBER_INTEGER"},
                makes={"report": "system.HTML"},
            )
        }
    )
    ended = run(made, tmp_path)
    assert ended.code == 5
    _, headline, evidence = error_of(ended)
    assert headline == "t left outputs that Kubeflow's launcher refuses"
    assert reason in evidence[0]


def test_the_executor_output_goes_before_the_file_of_a_parameter(tmp_path: Path) -> None:
    path = tmp_path / "root/runs/run-1/t/kfp_outputs/output_metadata.json"
    made = package(
        {
            "t": task(
                shell(
                    WRITE_OUTPUT + '; echo 2 > "$3"',
                    '{"parameterValues": {"n": 1, "more": "x"}}',
                    str(path),
                    "{{$.outputs.parameters['n'].output_file}}",
                ),
                writes={"n": "NUMBER_INTEGER"},
            )
        }
    )
    assert run(made, tmp_path).left("t")["parameterValues"] == {"n": 1.0, "more": "x"}


@pytest.mark.parametrize(("kind", "text"), [("NUMBER_INTEGER", "1.5"), ("BOOLEAN", "maybe")])
def test_a_parameter_file_of_another_type_fails_the_task(
    tmp_path: Path, kind: str, text: str
) -> None:
    command = shell('echo "$1" > "$2"', text, "{{$.outputs.parameters['p'].output_file}}")
    ended = run(package({"t": task(command, writes={"p": kind})}), tmp_path)
    assert f"the output parameter p is not a valid {kind}" in error_of(ended)[2][0]


def test_a_folder_that_cannot_be_made_fails_the_task(tmp_path: Path) -> None:
    made = package(
        {
            # Puts a file where the folder of the next task belongs.
            "first": task(
                shell(
                    'echo x > "$(dirname "$1")/../../second"', "{{$.outputs.artifacts['a'].path}}"
                )
            ),
            "second": task(["true"], after=("first",)),
        }
    )
    made.spec.components["comp-first"].output_definitions.artifacts[
        "a"
    ].artifact_type.schema_title = "system.Artifact"
    ended = run(made, tmp_path)
    assert ended.code == 5
    assert error_of(ended)[1] == "the folder of second cannot be made"
