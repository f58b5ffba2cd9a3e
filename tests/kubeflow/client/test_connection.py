"""Where the server is and who asks: options, environment, configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.errors import UserError
from kubeflow.client.connection import Connection, clean_host, connect_to
from pipeline.configuration.cluster import KubeflowSettings

SETTINGS = KubeflowSettings(host="https://configured", namespace="theirs", experiment="trips")


def test_an_option_counts_most_then_the_environment_then_the_configuration() -> None:
    ours = {"MILLRACE_KUBEFLOW_HOST": "https://ours", "KF_PIPELINES_ENDPOINT": "https://kfp"}
    theirs = {"KF_PIPELINES_ENDPOINT": "https://kfp", "MILLRACE_KUBEFLOW_NAMESPACE": "mine"}

    def host(environment: dict[str, str], **more: Any) -> str:
        return connect_to(settings=SETTINGS, environment=environment, **more).host

    assert host(ours, host="https://option") == "https://option"
    assert host(ours) == "https://ours"
    assert host(theirs) == "https://kfp"
    assert host({}) == "https://configured"
    found = connect_to(settings=SETTINGS, environment=theirs)
    assert (found.namespace, found.experiment) == ("mine", "trips")
    assert connect_to(settings=SETTINGS, environment={}, namespace="own").namespace == "own"


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ("localhost:8080", "http://localhost:8080"),
        ("127.0.0.1:8888/", "http://127.0.0.1:8888"),
        ("kubeflow.example.com/pipeline/", "https://kubeflow.example.com/pipeline"),
        ("http://ml-pipeline.kubeflow:8888", "http://ml-pipeline.kubeflow:8888"),
        ("https://example.com/pipeline/#/runs/details/1", "https://example.com/pipeline"),
    ],
)
def test_a_host_is_taken_as_people_write_it(given: str, host: str) -> None:
    assert clean_host(given) == host


@pytest.mark.parametrize("given", ["ftp://host", "https://", "host name", "http://h:port", "h?x=1"])
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(UserError, match="not a server address"):
        clean_host(given)


def test_a_password_in_the_host_is_refused_and_not_repeated() -> None:
    with pytest.raises(UserError) as refused:
        clean_host("https://ana:hunter2@example.com")
    assert "hunter2" not in str(refused.value)


def test_a_token_of_two_lines_is_refused_and_not_repeated() -> None:
    environment = {"MILLRACE_KUBEFLOW_TOKEN": "one\r\nevil: two"}

    with pytest.raises(UserError) as refused:
        connect_to(host="https://h", environment=environment)
    assert "evil" not in str(refused.value)


def test_secrets_are_not_part_of_a_connections_text() -> None:
    connection = Connection("https://h", token="my-token", cookies="a=my-cookie")

    assert "my-" not in repr(connection)


def test_secrets_are_masked_and_nothing_else() -> None:
    connection = Connection("https://h", token="my-token", cookies="session=my-cookie; a=1")

    assert connection.without_secrets("1: my-token, my-cookie") == "1: ***, ***"


def test_googles_proxies_get_a_google_token(monkeypatch: pytest.MonkeyPatch) -> None:
    from kfp.client import auth

    from kubeflow.client.api import KubeflowApi

    monkeypatch.setattr(auth, "get_gcp_access_token", iter(["first", "second"]).__next__)
    host = "https://7a1-dot-us-central1.pipelines.googleusercontent.com"

    api = KubeflowApi(connect_to(host=host, environment={}))
    keys = api.client._existing_config.api_key

    assert api.connection.is_google_proxy
    assert keys["authorization"] == "first"
    assert api.refresh_credentials()
    assert keys["authorization"] == "second"


def test_a_token_of_ones_own_is_used_for_googles_proxies_too() -> None:
    from kubeflow.client.api import KubeflowApi

    host = "https://7a1-dot-us-central1.pipelines.googleusercontent.com/"
    api = KubeflowApi(connect_to(host=host, environment={"MILLRACE_KUBEFLOW_TOKEN": "own"}))

    assert api.client._existing_config.api_key["authorization"] == "own"
    assert not api.refresh_credentials()


def test_settings_of_another_tool_are_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import kfp

    from kubeflow.client.api import KubeflowApi

    context = tmp_path / "context.json"
    context.write_text('{"namespace": "old", "client_authentication_cookie": "old"}')
    monkeypatch.setattr(kfp.Client, "_LOCAL_KFP_CONTEXT", str(context))

    api = KubeflowApi(connect_to(host="https://h", environment={}))

    assert api.client.get_user_namespace() == ""
    assert api.client._run_api.api_client.cookie is None
