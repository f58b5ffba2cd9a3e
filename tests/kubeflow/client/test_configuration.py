"""A configuration in the place of a package: compiled, and asked where the cluster is."""

from __future__ import annotations

from pathlib import Path

import pytest

from kubeflow.graph import compilation
from kubeflow.graph.compilation import Compilation
from kubeflow.graph.task_graph import TaskGraph
from pipeline.configuration.loading import load
from tests.kubeflow.client.api_server import ApiServer
from tests.kubeflow.client.conftest import Cli


@pytest.fixture
def configuration(
    repository: Path, tmp_path: Path, graph: TaskGraph, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A configuration file; TFX's part of its compilation, half a minute, is left out."""
    path = tmp_path / "configs" / "taxi.yaml"
    path.parent.mkdir()
    path.write_text((repository / "configs" / "taxi.yaml").read_text())

    def compiled(path: Path, **options: object) -> Compilation:
        assert options["image"] == "registry/millrace:2"
        return Compilation(load(path), graph, ("a word of warning",))

    monkeypatch.setattr(compilation, "compile_graph", compiled)
    return path


def configured(path: Path, **settings: str) -> None:
    import yaml

    document = yaml.safe_load(path.read_text())
    document.setdefault("kubeflow", {}).update(settings)
    path.write_text(yaml.safe_dump(document))


def test_host_account_and_experiment_come_from_the_configuration(
    server: ApiServer, cli: Cli, configuration: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MILLRACE_KUBEFLOW_HOST")
    configured(configuration, host=server.host, service_account="trainer", experiment="trips")

    outcome = cli("run", configuration, "--image", "registry/millrace:2")

    (run,) = server.state.runs.values()
    (experiment,) = server.state.experiments.values()
    assert outcome.code == 0
    assert "note: a word of warning" in outcome.err
    assert (run["service_account"], experiment["display_name"]) == ("trainer", "trips")


def test_a_missing_host_is_said_before_anything_is_compiled(cli: Cli, configuration: Path) -> None:
    for command in ("upload", "run"):
        outcome = cli(command, configuration, "--image", "not compiled")

        assert outcome.code == 2
        assert "where is Kubeflow Pipelines?" in outcome.err


def test_an_upload_of_a_configuration_and_of_its_package_are_one_version(
    server: ApiServer, cli: Cli, configuration: Path, package: Path
) -> None:
    first = cli("upload", configuration, "--image", "registry/millrace:2", "--json").document
    second = cli("upload", package, "--json").document

    assert (first["new_version"], second["new_version"]) == (True, False)
    assert first["version_id"] == second["version_id"]
