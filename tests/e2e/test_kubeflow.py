"""The compiled package, task by task as Kubeflow would run it, without the local runner.

Four runs on two spans of made trips: a first one, one with other parameters on the second
span, that one again, and one on a third span whose payments nobody has heard of.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import ml_metadata
import pytest

from metadata import records, run_file
from metadata.run_file import RunRecord
from metadata.store import open_for_reading
from pipeline.sample.taxi import write_sample
from tests.e2e.command import REPOSITORY, TAXI, Finished, millrace

VOLUME = Path("emulated/volumes/millrace")
FIRST = ("--set", "data.span=1")
CHANGED = (
    "--set", "data.span=2",
    "--set", "trainer.train_steps=80",
    "--set", "evaluation.metrics.auc.at_least=0.55",
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Cluster:
    """A folder in which a package was compiled and data lies on its volume."""

    folder: Path

    def emulate(self, name: str, *arguments: str) -> Finished:
        """Executes the package under a run id of ours."""
        return millrace(
            self.folder, "kubeflow", "emulate", "package.yaml", "--root", "emulated",
            "--project", str(REPOSITORY), "--run-id", name, "--json", *arguments,
        )  # fmt: skip

    def account(self, name: str) -> RunRecord:
        """What the emulator noted of a run."""
        return run_file.read(self.folder / "emulated" / "runs" / name)

    def store(self) -> ml_metadata.MetadataStore:
        """The metadata store on the volume."""
        return open_for_reading(self.folder / VOLUME / "metadata.sqlite")

    def recorded(self, name: str) -> records.RecordedRun:
        """What ML Metadata recorded of a run."""
        return records.read_run(self.store(), name)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """Compiles the package of three spans of taxi trips and runs it twice."""
    folder = tmp_path_factory.mktemp("cluster")
    for span in (1, 2, 3):
        table = write_sample(folder / VOLUME / "trips" / f"span-{span}", rows=2_000, seed=span)
        if span == 3:
            table.write_text(table.read_text().replace("Credit Card", "Seashells"))
    compiled = millrace(
        folder, "kubeflow", "compile", TAXI, "--output", "package.yaml",
        "--data", "/mnt/millrace/trips/span-{SPAN}/*.csv",
        "--set=trainer.train_steps=60",
        "--set=evaluation.metrics.auc.at_least=0.6",
        "--set=evaluation.metrics.auc.change_at_least=-0.5",
        "--set=evaluation.metrics.log_loss.change_at_most=5",
        "--set=evaluation.metrics.accuracy.at_least=0.5",
    )  # fmt: skip
    assert compiled.code == 0, compiled.output + compiled.errors
    made = Cluster(folder)
    for name, arguments in (("first", FIRST), ("changed", CHANGED)):
        finished = made.emulate(name, *arguments)
        assert finished.code == 0, finished.output + finished.errors
    return made


def test_the_package_runs_to_a_pushed_model(cluster: Cluster) -> None:
    assert {node.state for node in cluster.account("first").nodes} == {"done"}
    models = sorted((cluster.folder / VOLUME / "serving" / "taxi").iterdir())
    assert len(models) == 2
    assert (models[0] / "saved_model.pb").is_file()


def test_every_node_is_recorded_under_the_id_of_the_kubeflow_run(cluster: Cluster) -> None:
    recorded = cluster.recorded("first")
    assert len(recorded.executions) == len(cluster.account("first").nodes)
    assert {execution.state for execution in recorded.executions} == {"COMPLETE"}


def _differences(before: Any, after: Any, path: str = "") -> dict[str, tuple[Any, Any]]:
    """What differs between two recorded values; JSON in a text is looked into."""
    if before == after:
        return {}
    if isinstance(before, str) and isinstance(after, str) and before.startswith(("{", "[")):
        return _differences(json.loads(before), json.loads(after), path)
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        before, after = dict(enumerate(before)), dict(enumerate(after))
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return {path: (before, after)}
    return {
        key: pair
        for name in (*before, *(name for name in after if name not in before))
        for key, pair in _differences(before.get(name), after.get(name), f"{path}/{name}").items()
    }


@pytest.mark.parametrize(
    ("node", "property_name", "values"),
    [
        ("ExampleGen", "span", (1, 2)),
        ("Trainer", "train_steps", (60, 80)),
        ("Evaluator", "lower_bound", (0.6, 0.55)),
    ],
)
def test_what_the_executors_recorded_differs_in_what_was_changed_only(
    cluster: Cluster, node: str, property_name: str, values: tuple[float, float]
) -> None:
    executions = [cluster.recorded(name).execution(node) for name in ("first", "changed")]
    first, changed = (dict(execution.properties) for execution in executions if execution)
    found = _differences(first, changed)
    # Another span has other files.
    for key in [key for key in found if key.startswith(("/input_", "/range_config"))]:
        del found[key]

    assert list(found.values()) == [values], found
    assert next(iter(found)).endswith(property_name)


def test_the_second_run_is_judged_against_the_first_ones_model(cluster: Cluster) -> None:
    evaluator = cluster.recorded("changed").execution("Evaluator")
    trained = cluster.recorded("first").output("model", "Model")
    assert evaluator is not None
    assert trained is not None
    assert [model.id for model in evaluator.inputs["baseline_model"]] == [trained.id]


def test_an_unchanged_rerun_is_answered_from_the_cache(cluster: Cluster) -> None:
    again = cluster.emulate("again", *CHANGED)

    assert again.code == 0, again.output + again.errors
    states = {execution.node: execution.state for execution in cluster.recorded("again").executions}
    # What depends on the newest blessed model is judged anew: there is a newer one.
    cached = ("ExampleGen", "StatisticsGen", "ImportSchemaGen", "ExampleValidator", "DataGate",
              "Transform", "Trainer")  # fmt: skip
    assert {states[node] for node in cached} == {"CACHED"}


def test_bad_data_fails_the_run_at_the_gate_and_nothing_is_trained(cluster: Cluster) -> None:
    refused = cluster.emulate("refused", "--set", "data.span=3")

    assert refused.code == 3, refused.output + refused.errors
    account = cluster.account("refused")
    assert account.error is not None
    assert account.error.node == "DataGate"
    assert "payment_type" in "".join(account.error.evidence)
    assert cluster.recorded("refused").execution("Trainer") is None


def test_a_value_out_of_bounds_is_refused_before_anything_starts(cluster: Cluster) -> None:
    refused = cluster.emulate("bounds", "--set", "trainer.train_steps=0")

    assert refused.code == 2
    assert "trainer.train_steps" in refused.errors
    assert not (cluster.folder / "emulated" / "runs" / "bounds").exists()


def test_the_package_holds_no_path_of_the_machine_that_compiled_it(cluster: Cluster) -> None:
    text = (cluster.folder / "package.yaml").read_text()
    assert "/mnt/millrace/trips" in text
    assert str(cluster.folder) not in text
    assert str(REPOSITORY) not in text
