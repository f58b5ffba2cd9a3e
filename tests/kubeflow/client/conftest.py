"""A server, a package and the command line, for tests of the client."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.main import main
from kubeflow.graph.task_graph import ParameterValue, RunId, Task, TaskGraph
from kubeflow.graph.task_names import task_names
from kubeflow.package.package import write_package
from kubeflow.renderers.kfp.pipeline import render
from pipeline.configuration.loading import load
from pipeline.configuration.parameters import run_parameters
from tests.kubeflow.client.api_server import ApiServer

NODES = {
    "ExampleGen": (),
    "StatisticsGen": ("ExampleGen",),
    "Transform": ("ExampleGen",),
    "Trainer": ("Transform", "StatisticsGen"),
    "Pusher": ("Trainer",),
}


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> object:
        """Standard output as one JSON document."""
        return json.loads(self.out)


Cli = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith(("KF_", "MILLRACE_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    """A server that the environment names; no request may break the API's description."""
    running = ApiServer()
    monkeypatch.setenv("MILLRACE_KUBEFLOW_HOST", running.host)
    yield running
    running.close()
    assert running.violations == []


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs `millrace kubeflow ...` in this process."""

    def run(*words: str | Path) -> Outcome:
        with pytest.raises(SystemExit) as end:
            main(["kubeflow", *map(str, words)])
        out, err = capsys.readouterr()
        assert "--debug" in words or "Traceback" not in err
        code = end.value.code
        return Outcome(code if isinstance(code, int) else 0, out, err)

    return run


@pytest.fixture(scope="session")
def graph(repository: Path) -> TaskGraph:
    """A short pipeline with the run parameters of the taxi configuration."""
    spans = "data.path=/mnt/millrace/trips/span-{SPAN}/*.csv"
    configuration = load(repository / "configs" / "taxi.yaml", assignments=[spans]).configuration
    parameters = tuple(run_parameters(configuration))
    values = configuration.model_dump(mode="json", exclude={"kubeflow"})
    text = json.dumps(values)
    names = task_names(tuple(NODES))
    tasks = []
    for node, upstream in NODES.items():
        arguments = ["--node", node, "--run-id", RunId(), "--configuration", text]
        for parameter in parameters:
            arguments += ["--set", parameter.name, ParameterValue(parameter.name)]
        tasks.append(
            Task(
                node_id=node,
                name=names[node],
                upstream=upstream,
                image="registry/millrace:0.1.0",
                command=("python", "-m", "kubeflow.entrypoint"),
                arguments=tuple(arguments),
            )
        )
    return TaskGraph("taxi", "Taxi trips.", tuple(tasks), parameters, version="0.1.0")


@pytest.fixture
def package(graph: TaskGraph, tmp_path: Path) -> Path:
    """The same as a file."""
    path = tmp_path / "taxi.yaml"
    write_package(render(graph), path)
    return path
