"""The whole chain, from made trips to a pushed model; reruns do only what is needed."""

from __future__ import annotations

import json
import re
import signal
import time
from pathlib import Path
from typing import Any

import ml_metadata
import pytest

from metadata.leftovers import run_executions
from metadata.run_folder import RunFolder
from metadata.store import open_for_reading
from tests.e2e.command import (
    SMALL,
    TAXI,
    millrace,
    millrace_with_signal,
    node_starts,
    processes_of,
)
from tests.e2e.conftest import Workplace

NODES = [
    "ExampleGen",
    "StatisticsGen",
    "ImportSchemaGen",
    "ExampleValidator",
    "LatestAcceptedData",
    "DataGate",
    "Transform",
    "LatestHyperparameters",
    "Trainer",
    "LatestBlessedModel",
    "Evaluator",
    "ServingValidator",
    "Pusher",
]


def _store(root: Path) -> ml_metadata.MetadataStore:
    return open_for_reading(RunFolder(root).store)


def _no_process_left(folder: Path) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if not list(processes_of(folder)):
            return True
        time.sleep(0.1)
    return False


def test_a_run_ends_with_a_pushed_model_and_a_report(workplace: Workplace) -> None:
    assert workplace.first.states() == dict.fromkeys(NODES, "done")

    [model] = (workplace.root / "serving" / "taxi").iterdir()
    assert (model / "saved_model.pb").is_file()
    report = RunFolder(workplace.root).run(workplace.first.run_id).report
    assert "<html" in report.read_text(encoding="utf-8")


def test_what_the_libraries_say_goes_to_a_log_per_node(workplace: Workplace) -> None:
    logs = RunFolder(workplace.root).run(workplace.first.run_id).logs
    for node in NODES:
        text = (logs / f"{node}.log").read_text(encoding="utf-8", errors="replace")
        assert "INFO" in text, node
    assert workplace.first.errors == ""


def test_the_metadata_store_knows_every_node_of_the_run(workplace: Workplace) -> None:
    executions = run_executions(_store(workplace.root), workplace.first.run_id)
    assert len(executions) == len(NODES)
    assert {execution.last_known_state for execution in executions} == {executions[0].COMPLETE}


def test_an_unchanged_run_answers_without_running_anything(workplace: Workplace) -> None:
    again = millrace(workplace.folder, "run", TAXI, *SMALL, "--json")

    assert again.code == 0
    [event] = again.events
    assert event["unchanged"]
    assert event["run_id"] == workplace.first.run_id


def test_show_and_runs_tell_of_the_run(workplace: Workplace) -> None:
    shown = millrace(workplace.folder, "show", "latest", "--json")
    listed = millrace(workplace.folder, "runs", "--json")

    assert shown.code == listed.code == 0, shown.errors + listed.errors
    assert workplace.first.run_id in shown.output
    assert workplace.first.run_id in listed.output
    assert json.loads(shown.output)


def test_a_run_killed_in_the_middle_of_a_node_is_resumed_without_repeating_any(
    workplace: Workplace,
) -> None:
    changed = "--set=features.fare.buckets=7"
    killed = millrace_with_signal(
        workplace.folder,
        "run",
        TAXI,
        *SMALL,
        changed,
        number=signal.SIGKILL,
        when=node_starts("Transform"),
    )
    assert killed.code == -signal.SIGKILL
    assert _no_process_left(workplace.folder), "children outlived the killed run"

    resumed = millrace(workplace.folder, "resume", killed.run_id, "--json")

    assert resumed.code == 0, resumed.output + resumed.errors
    before = [node for node, state in killed.states().items() if state in ("done", "cached")]
    assert "ExampleGen" in before
    assert not set(before) & set(resumed.states()), "a finished node ran again"
    assert resumed.states()["Transform"] == "done"
    executions = run_executions(_store(workplace.root), killed.run_id)
    complete = [e for e in executions if e.last_known_state in (e.COMPLETE, e.CACHED)]
    assert len(complete) == len(NODES), "a node ended twice in one run"
    assert all(e.last_known_state not in (e.NEW, e.RUNNING) for e in executions)


def test_a_changed_parameter_reuses_what_it_does_not_touch(workplace: Workplace) -> None:
    part = (*SMALL, "--to=Trainer", "--json")
    changed = millrace(workplace.folder, "run", TAXI, *part, "--set=trainer.train_steps=160")

    assert changed.code == 0, changed.output + changed.errors
    states = changed.states()
    for node in ("ExampleGen", "StatisticsGen", "ExampleValidator", "DataGate", "Transform"):
        assert states[node] == "cached", node
    assert states["Trainer"] == "done"


def test_a_part_of_the_pipeline_reuses_the_last_run_for_the_rest(workplace: Workplace) -> None:
    part = millrace(
        workplace.folder,
        "run",
        TAXI,
        *SMALL,
        "--from=Transform",
        "--to=Transform",
        "--force",
        "--json",
    )
    assert part.code == 0, part.output + part.errors
    assert part.states() == {"Transform": "done"}


def test_a_model_that_misses_its_threshold_is_not_pushed(workplace: Workplace) -> None:
    pushed_before = sorted((workplace.root / "serving" / "taxi").iterdir())

    refused = millrace(
        workplace.folder,
        "run",
        TAXI,
        *SMALL,
        "--set=evaluation.metrics.auc.at_least=0.9999",
        "--json",
    )

    assert refused.code == 4, refused.output + refused.errors
    assert refused.events[-1]["status"] == "not_blessed"
    assert sorted((workplace.root / "serving" / "taxi").iterdir()) == pushed_before


def test_a_model_that_is_not_safe_to_serve_is_not_pushed(workplace: Workplace) -> None:
    pushed_before = sorted((workplace.root / "serving" / "taxi").iterdir())

    refused = millrace(
        workplace.folder, "run", TAXI, *SMALL, "--set=serving_validator.model_mb=0.001", "--json"
    )
    shown = millrace(workplace.folder, "show", "latest", "--json")

    assert refused.code == 4, refused.output + refused.errors
    assert refused.events[-1]["status"] == "not_blessed"
    assert sorted((workplace.root / "serving" / "taxi").iterdir()) == pushed_before
    checks = json.loads(shown.output)["serving"]["checks"]
    assert [check["name"] for check in checks if check["state"] != "passed"] == ["size"]


def test_data_that_breaks_the_schema_stops_before_training(
    workplace: Workplace, tmp_path: Path
) -> None:
    source = next((workplace.root / "sample").glob("*/*.csv"))
    bad = tmp_path / "bad.csv"
    bad.write_text(source.read_text().replace("Credit Card", "Seashells"))

    refused = millrace(workplace.folder, "run", TAXI, *SMALL, f"--data={bad}")

    assert refused.code == 3, refused.output + refused.errors
    assert "payment_type" in refused.errors + refused.output
    assert "Seashells" in refused.errors + refused.output
    assert "Transform" not in refused.output
    assert "Traceback" not in refused.errors + refused.output


def test_ctrl_c_stops_everything_and_leaves_the_store_consistent(workplace: Workplace) -> None:
    stopped = millrace_with_signal(
        workplace.folder,
        "run",
        TAXI,
        *SMALL,
        "--force",
        number=signal.SIGINT,
        when=node_starts("StatisticsGen"),
    )

    assert stopped.code == 130
    assert stopped.events[-1]["status"] == "stopped"
    assert _no_process_left(workplace.folder)
    executions = run_executions(_store(workplace.root), stopped.run_id)
    for execution in executions:
        ended = (execution.COMPLETE, execution.CACHED, execution.CANCELED)
        assert execution.last_known_state in ended


def test_two_runs_at_once_on_one_store_both_succeed(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def run(seed: int) -> int:
        return millrace(
            tmp_path,
            "run",
            TAXI,
            *SMALL,
            f"--set=data.sample_seed={seed}",
            "--to=DataGate",
            "--json",
        ).code

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(run, (1, 2))) == [0, 0]
    store = _store(tmp_path / ".millrace")
    assert len(store.get_executions()) == 2 * NODES.index("Transform")
    assert len(store.get_contexts_by_type("pipeline_run")) == 2


def test_tfx_s_own_beam_runner_runs_the_same_graph(workplace: Workplace) -> None:
    done = millrace(
        workplace.folder,
        "run",
        TAXI,
        *SMALL,
        "--set=trainer.train_steps=140",
        "--runner=beam",
        "--json",
    )
    assert done.code == 0, done.output + done.errors
    assert done.states()["ExampleGen"] == "cached"
    assert done.states()["Trainer"] == "done"
    assert list(done.states()) != []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "configs/taxy.yaml"), "there is no configuration file"),
        (("run", TAXI, "--data=nowhere"), "nowhere"),
        (("run", TAXI, "--set=label=tipz > 1"), "tipz"),
        (("run", TAXI, "--profile=none-such"), "there is no profile"),
        (("resume", "none-such"), "none-such"),
        (("rnu",), "did you mean"),
    ],
    ids=["configuration", "data", "label", "profile", "run", "command"],
)
def test_a_wrong_request_is_refused_in_a_second_with_exit_code_2(
    workplace: Workplace, arguments: tuple[str, ...], said: str
) -> None:
    refused = millrace(workplace.folder, *arguments)
    assert refused.code == 2, refused.errors
    assert said in refused.errors
    assert "Traceback" not in refused.errors


def test_an_interrupted_training_goes_on_from_its_checkpoint(workplace: Workplace) -> None:
    def has_trained_a_while(event: dict[str, Any]) -> bool:
        return event["event"] == "node_progress" and any(
            int(step.replace(",", "")) > 500
            for step in re.findall(r"step ([\d,]+)/", event["text"])
        )

    killed = millrace_with_signal(
        workplace.folder,
        "run",
        TAXI,
        *SMALL,
        "--set=trainer.train_steps=6000",
        "--set=trainer.early_stopping_patience=0",
        "--set=trainer.checkpoint_seconds=0.2",
        "--to=Trainer",
        number=signal.SIGKILL,
        when=has_trained_a_while,
    )
    assert _no_process_left(workplace.folder)

    resumed = millrace(workplace.folder, "resume", killed.run_id, "--json")

    assert resumed.code == 0, resumed.output + resumed.errors
    assert set(resumed.states()) == {"Trainer"}
    newest = max(
        (workplace.root / "artifacts" / "Trainer" / "model_run").glob("*/training.json"),
        key=lambda path: path.stat().st_mtime,
    )
    training = json.loads(newest.read_text())
    assert training["continued_from_step"] > 0
    assert training["train_steps"] == 6_000
    assert not list((workplace.root / "artifacts" / "Trainer").rglob("execution-*"))


def test_tuned_hyperparameters_are_used_by_this_run_and_by_later_ones(
    workplace: Workplace,
) -> None:
    tuning = ("--set=tuner.enabled=true", "--set=tuner.trials=2", "--set=tuner.train_steps=20")
    part = (*SMALL, "--to=Trainer", "--json")
    tuned = millrace(workplace.folder, "run", TAXI, *part, *tuning)
    later = millrace(workplace.folder, "run", TAXI, *part, "--set=trainer.seed=8")

    for run in (tuned, later):
        assert run.code == 0, run.output + run.errors
    assert tuned.states()["Tuner"] == "done"
    assert later.states()["Trainer"] == "done"
    newest = sorted(
        (workplace.root / "artifacts" / "Trainer" / "model_run").glob("*/training.json"),
        key=lambda path: path.stat().st_mtime,
    )[-2:]
    assert [json.loads(path.read_text())["tuned"] for path in newest] == [True, True]


def test_without_a_curated_schema_one_is_inferred(tmp_path: Path) -> None:
    inferred = millrace(
        tmp_path, "run", TAXI, *SMALL, "--set=schema_file=null", "--to=Transform", "--json"
    )
    assert inferred.code == 0, inferred.output + inferred.errors
    assert inferred.states()["SchemaGen"] == "done"
    assert inferred.states()["Transform"] == "done"


def test_the_report_says_what_inference_would_change_in_the_curated_schema(
    workplace: Workplace,
) -> None:
    report = RunFolder(workplace.root).run(workplace.first.run_id).report
    text = report.read_text(encoding="utf-8")
    assert "What inference from these data would change" in text
    assert "range: 1 to 77" in text
