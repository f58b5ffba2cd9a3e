"""The test server can fail: it refuses what the API does not have."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from kubeflow.package.package import parse_package
from tests.kubeflow.client.api_server import ApiServer
from tests.kubeflow.client.swagger import Violation, swagger

RUNS = "/apis/v2beta1/runs"


@pytest.fixture
def bare_server() -> Iterator[ApiServer]:
    running = ApiServer()
    yield running
    running.close()


def test_a_body_of_another_shape_is_refused_over_http(bare_server: ApiServer) -> None:
    content = json.dumps({"display_name": "one", "parameters": {}}).encode()
    request = urllib.request.Request(bare_server.host + RUNS, content, method="POST")

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)

    assert refused.value.code == 400
    assert "'parameters' was unexpected" in json.loads(refused.value.read())["message"]
    assert len(bare_server.violations) == 1


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "why"),
    [
        ("GET", "/apis/v2beta1/run", {}, None, "no such operation"),
        ("PUT", RUNS, {}, None, "no such operation"),
        ("GET", RUNS, {"pagesize": ["3"]}, None, "no query parameter 'pagesize'"),
        ("GET", RUNS, {"page_size": ["all"]}, None, "not an integer"),
        ("GET", RUNS, {"sort_by": ["a", "b"]}, None, "given 2 times"),
        ("GET", RUNS, {}, {}, "takes no body"),
        ("POST", RUNS, {}, None, "body is missing"),
        ("POST", RUNS, {}, {"display_name": 3}, "not of type 'string'"),
        ("POST", RUNS, {}, {"created_at": "today"}, "not a 'date-time'"),
        ("POST", RUNS, {}, {"state": "FINE"}, "not one of"),
        ("POST", RUNS, {}, {"runtime_config": {"params": {}}}, "unexpected"),
        ("POST", "/apis/v2beta1/recurringruns", {}, {"max_concurrency": "two"}, "does not match"),
        ("POST", "/apis/v2beta1/recurringruns", {}, {"no_catchup": "yes"}, "not of type 'boolean'"),
        ("POST", "/apis/v2beta1/pipelines/upload_version", {}, None, "form fields"),
    ],
)
def test_what_the_api_does_not_have_is_refused(
    method: str, path: str, query: dict[str, list[str]], body: Any, why: str
) -> None:
    with pytest.raises(Violation, match=why):
        swagger().check_request(method, path, query, body, set())


def test_bytes_must_be_base64() -> None:
    details = [{"@type": "type.googleapis.com/x", "value": "not base64!"}]

    with pytest.raises(Violation, match="byte"):
        swagger().check_request("POST", RUNS, {}, {"error": {"details": details}}, set())


def test_an_answer_is_checked_as_well() -> None:
    with pytest.raises(Violation, match="answer to GET"):
        swagger().check_answer("GET", "/apis/v2beta1/runs/{run_id}", {"run": {}})


def test_the_server_refuses_packages_as_the_real_one_does(
    bare_server: ApiServer, package: Any
) -> None:
    state, text = bare_server.state, package.read_text()
    identity = state.create_pipeline({"display_name": "taxi"})["pipeline_id"]
    job = json.dumps({"pipelineSpec": {"schemaVersion": "2.0.0"}})

    for content in (text.replace("2.1.0", "2.0.0"), job, "nothing", ""):
        with pytest.raises(Exception, match="Failed to create a pipeline version"):
            state.upload_version(identity, "one", content.encode())
    assert state.upload_version(identity, "one", text.encode())["name"] == "one"
    with pytest.raises(Exception, match="already exists"):
        state.create_pipeline({"display_name": "taxi"})
    assert parse_package(text).spec.pipeline_info.name == "taxi"
