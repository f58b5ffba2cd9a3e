"""`millrace kubeflow upload` makes a version of a pipeline, once."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from kubeflow.client.version_name import commit, version_name
from tests.kubeflow.client.api_server import ApiServer
from tests.kubeflow.client.conftest import Cli

UPLOAD = "POST /apis/v2beta1/pipelines/upload_version"


def version_names(server: ApiServer) -> list[str]:
    return [version["display_name"] for version in server.state.versions.values()]


def test_the_first_upload_makes_the_pipeline_and_one_version(
    server: ApiServer, cli: Cli, package: Path
) -> None:
    outcome = cli("upload", package)

    assert outcome.code == 0
    (pipeline,) = server.state.pipelines.values()
    assert (pipeline["display_name"], pipeline["description"]) == ("taxi", "Taxi trips.")
    (name,) = version_names(server)
    assert re.fullmatch(r"no-git-[0-9a-f]{8}", name)
    assert outcome.out.splitlines() == [
        f"taxi: a new pipeline, version {name}",
        f"{server.host}/#/pipelines/details/{pipeline['pipeline_id']}",
    ]


def test_the_same_package_is_not_uploaded_again(server: ApiServer, cli: Cli, package: Path) -> None:
    cli("upload", package)

    outcome = cli("upload", package)

    assert outcome.code == 0
    assert "is there already" in outcome.out
    assert server.count(UPLOAD) == 1


def test_another_package_is_a_new_version_of_the_pipeline(
    server: ApiServer, cli: Cli, package: Path
) -> None:
    cli("upload", package)
    package.write_text(package.read_text().replace("Taxi trips.", "Trips by taxi."))

    outcome = cli("upload", package, "--json")

    assert outcome.document["new_version"]
    assert not outcome.document["new_pipeline"]
    assert len(server.state.pipelines) == 1
    assert len(set(version_names(server))) == 2


def test_a_lost_answer_is_looked_after_and_never_sent_twice(
    server: ApiServer, cli: Cli, package: Path
) -> None:
    server.fault("lost", "POST", "upload_version", times=1)

    outcome = cli("upload", package)

    assert outcome.code == 0
    assert server.count(UPLOAD) == 1
    assert len(version_names(server)) == 1


def test_an_upload_that_was_lost_on_its_way_says_so(
    server: ApiServer, cli: Cli, package: Path
) -> None:
    server.fault(500, "POST", "upload_version")

    outcome = cli("upload", package)

    assert outcome.code == 5
    assert "answered 500" in outcome.err
    assert server.count(UPLOAD) == 1


def test_a_pipeline_that_somebody_else_makes_meanwhile_is_used(
    server: ApiServer, cli: Cli, package: Path
) -> None:
    server.fault("lost", "POST", "/pipelines$", times=1)

    assert cli("upload", package).code == 0
    assert len(server.state.pipelines) == 1
    assert len(version_names(server)) == 1


def test_a_package_that_breaks_the_rules_is_not_sent(
    server: ApiServer, cli: Cli, package: Path
) -> None:
    package.write_text(package.read_text().replace("schemaVersion: 2.1.0", "schemaVersion: 2.0.0"))

    outcome = cli("upload", package)

    assert outcome.code == 2
    assert "2.0.0" in outcome.err
    assert server.requests == []


def test_a_vertex_job_is_no_package(server: ApiServer, cli: Cli, tmp_path: Path) -> None:
    job = tmp_path / "job.json"
    job.write_text('{"displayName": "taxi", "pipelineSpec": {"schemaVersion": "2.0.0"}}')

    outcome = cli("upload", job)

    assert outcome.code == 2
    assert "Vertex" in outcome.err


def test_options_of_a_compilation_are_refused_for_a_package(
    server: ApiServer, cli: Cli, package: Path
) -> None:
    outcome = cli("upload", package, "--image", "other:1")

    assert outcome.code == 2
    assert "--image is for configurations" in outcome.err


def test_a_missing_file_is_named(cli: Cli) -> None:
    outcome = cli("upload", "nowhere.yaml")

    assert outcome.code == 2
    assert "there is no file nowhere.yaml" in outcome.err


def test_the_namespace_goes_into_every_request(server: ApiServer, cli: Cli, package: Path) -> None:
    server.state.multi_user = True

    outcome = cli("upload", package, "--namespace", "ana")

    assert outcome.code == 0
    (pipeline,) = server.state.pipelines.values()
    assert pipeline["namespace"] == "ana"


def test_several_users_need_a_namespace(server: ApiServer, cli: Cli, package: Path) -> None:
    server.state.multi_user = True

    outcome = cli("upload", package)

    assert outcome.code == 2
    assert "say --namespace" in outcome.err


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "file").write_text("one")
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    for words in (["init", "-q"], ["add", "file"], [*identity, "commit", "-q", "-m", "first"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    return folder


def test_a_version_is_named_after_commit_and_content(checkout: Path, tmp_path: Path) -> None:
    name = version_name(b"package", tmp_path, checkout)

    assert re.fullmatch(r"[0-9a-f]{7}-[0-9a-f]{8}", name)
    assert version_name(b"other", checkout)[:8] == name[:8]
    assert version_name(b"other", checkout) != name


def test_a_changed_checkout_is_marked(checkout: Path) -> None:
    (checkout / "new").write_text("not tracked")
    before = commit(checkout)
    (checkout / "file").write_text("two")

    assert commit(checkout) == f"{before}-changed"
    assert "changed" not in before


def test_without_git_there_is_no_commit(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    assert commit(checkout) == "no-git"
