"""A Kubeflow Pipelines server for tests: real HTTP, a memory, and faults on demand.

Every request, and every answer, is checked against the official description of the API. A
request that breaks it is answered with 400 and kept in `violations`, which the fixture
that starts the server looks at in the end.
"""

from __future__ import annotations

import dataclasses
import email.parser
import email.policy
import http.server
import json
import re
import ssl
import threading
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.kubeflow.client.api_state import ApiState, Refusal
from tests.kubeflow.client.swagger import Violation, swagger

API = "/apis/v2beta1"
LOGIN_PAGE = "<!doctype html><html><head><title>Sign in - Dex</title></head><body/></html>"


@dataclasses.dataclass
class Fault:
    """What goes wrong with some requests.

    Attributes:
      kind: An HTTP status, or one of `malformed`, `html`, `shape`, `empty`, `slow`, `lost`
        (carried out, but the answer does not arrive), `redirect`.
      method: Which requests.
      path: A pattern of their paths.
      times: How often; None for always.
      body: What a status is answered with.
    """

    kind: int | str
    method: str = "GET"
    path: str = ".*"
    times: int | None = None
    body: str = '{"error": "made to fail", "code": 13, "message": "made to fail", "details": []}'

    def meets(self, method: str, path: str) -> bool:
        """Whether it strikes this request; counts if so."""
        if method != self.method or not re.search(self.path, path) or self.times == 0:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class ApiServer:
    """The server, on a free port of this machine.

    Attributes:
      state: What it remembers.
      faults: What goes wrong.
      requests: What it was asked: method and path, in order.
      headers: The headers of the last request.
      violations: What was asked in a way that the API does not have.
      token: The bearer token that it wants, if any.
    """

    def __init__(self, certificate: Path | None = None) -> None:
        self.state = ApiState()
        self.faults: list[Fault] = []
        self.requests: list[str] = []
        self.headers: dict[str, str] = {}
        self.violations: list[str] = []
        self.token = ""
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        scheme = "https" if certificate else "http"
        self.host = f"{scheme}://localhost:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stops it."""
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def fault(self, kind: int | str, method: str = "GET", path: str = ".*", **more: Any) -> None:
        """Makes requests go wrong from now on."""
        self.faults.append(Fault(kind, method, path, **more))

    def count(self, text: str) -> int:
        """How many requests hold a text."""
        return sum(text in request for request in self.requests)

    def answer(
        self, method: str, target: str, headers: dict[str, str], content: bytes
    ) -> tuple[int, str, str]:
        """Answers one request: status, content type, body."""
        parts = urlsplit(target)
        self.requests.append(f"{method} {parts.path}")
        self.headers = headers
        if self.token and headers.get("authorization") != f"Bearer {self.token}":
            return 401, "application/json", '{"message": "Request unauthenticated"}'
        fault = next((item for item in self.faults if item.meets(method, parts.path)), None)
        if fault is not None and fault.kind != "lost":
            return self._wrong(fault)
        query = parse_qs(parts.query, keep_blank_values=True)
        try:
            found = self._right(method, parts.path, query, headers, content)
        except Violation as violation:
            self.violations.append(str(violation))
            return 400, "application/json", _error(3, f"violation: {violation}")
        except Refusal as refusal:
            return refusal.status, "application/json", _error(3, str(refusal))
        if fault is not None:
            raise ConnectionAbortedError
        return 200, "application/json", json.dumps(found)

    def _wrong(self, fault: Fault) -> tuple[int, str, str]:
        if isinstance(fault.kind, int):
            return fault.kind, "application/json", fault.body
        if fault.kind == "slow":
            self.closing.wait(10)
            raise ConnectionAbortedError
        bodies = {
            "malformed": ("application/json", '{"pipelines": [{'),
            "html": ("text/html; charset=utf-8", LOGIN_PAGE),
            "shape": ("application/json", '{"runs": 3, "pipelines": 3}'),
            "empty": ("application/json", ""),
            "redirect": ("text/html", ""),
        }
        kind, body = bodies[fault.kind]
        return 302 if fault.kind == "redirect" else 200, kind, body

    def _right(
        self,
        method: str,
        path: str,
        query: dict[str, list[str]],
        headers: dict[str, str],
        content: bytes,
    ) -> Any:
        files = _files(headers, content)
        body = json.loads(content) if content and not files else None
        template = swagger().check_request(method, path, query, body, set(files))
        with self._lock:
            found = self._carry_out(method, template, path, query, body, files)
        swagger().check_answer(method, template, found)
        return found

    def _carry_out(
        self,
        method: str,
        template: str,
        path: str,
        query: dict[str, list[str]],
        body: Any,
        files: dict[str, bytes],
    ) -> Any:
        state, one = self.state, {name: values[0] for name, values in query.items()}
        what, last = template[len(API) :], path.rsplit("/", 1)[-1].split(":")[0]
        operation = f"{method} {what}"
        if operation == "GET /healthz":
            return {"multi_user": state.multi_user}
        if state.multi_user and not _names_namespace(operation, one, body):
            raise Refusal(400, "Namespace is empty")
        if operation == "GET /pipelines":
            return _page("pipelines", state.pipelines.values(), one)
        if operation == "POST /pipelines":
            return state.create_pipeline(body)
        if operation == "POST /pipelines/upload_version":
            return state.upload_version(one["pipelineid"], one["name"], files["uploadfile"])
        if operation == "GET /pipelines/{pipeline_id}/versions":
            versions = state.versions_of(path.split("/")[-2])
            return _page("pipeline_versions", versions, one)
        if operation.startswith("GET /pipelines/{pipeline_id}/versions/"):
            return _existing(state.versions, last)
        if operation == "GET /experiments":
            return _page("experiments", state.experiments.values(), one)
        if operation == "POST /experiments":
            return state.create_experiment(body)
        if operation == "POST /runs":
            return state.create_run(body)
        if operation == "GET /runs":
            return _page("runs", state.runs.values(), one)
        if operation == "GET /runs/{run_id}":
            _existing(state.runs, last)
            return state.look_at_run(last)
        if operation == "POST /recurringruns":
            return state.create_recurring(body)
        if operation == "GET /recurringruns":
            return _page("recurringRuns", state.recurring.values(), one)
        if operation.startswith("POST /recurringruns/"):
            enabled = what.endswith(":enable")
            _existing(state.recurring, last)["status"] = "ENABLED" if enabled else "DISABLED"
            return {}
        if operation.startswith("DELETE /recurringruns/"):
            _existing(state.recurring, last)
            del state.recurring[last]
            return {}
        raise Refusal(501, f"this server knows no {operation}")

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def log_message(self, *arguments: object) -> None:
                """Says nothing."""

            def _serve(self) -> None:
                content = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                try:
                    status, kind, body = server.answer(self.command, self.path, headers, content)
                except ConnectionAbortedError:
                    self.close_connection = True
                    return
                sent = body.encode()
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(sent)))
                if status == 302:
                    self.send_header("location", "https://login.example.com/auth?secret=1")
                self.end_headers()
                self.wfile.write(sent)

            do_GET = do_POST = do_DELETE = do_PATCH = _serve

        return Handler


def _error(code: int, message: str) -> str:
    return json.dumps({"error": message, "code": code, "message": message, "details": []})


def _existing(known: dict[str, dict[str, Any]], identity: str) -> dict[str, Any]:
    if identity not in known:
        raise Refusal(404, f"ResourceNotFoundError: {identity} not found.")
    return known[identity]


def _page(key: str, items: Any, query: dict[str, str]) -> dict[str, Any]:
    found = sorted(items, key=lambda item: item["created_at"])
    if query.get("sort_by"):
        if query["sort_by"] != "created_at desc":
            raise Refusal(400, f"sort_by {query['sort_by']!r} is not known here")
        found.reverse()
    if query.get("filter"):
        for predicate in json.loads(query["filter"])["predicates"]:
            if predicate["operation"] != 1 or predicate["key"] != "display_name":
                raise Refusal(400, f"predicate {predicate} is not known here")
            found = [item for item in found if item["display_name"] == predicate["stringValue"]]
    if query.get("experiment_id"):
        found = [item for item in found if item["experiment_id"] == query["experiment_id"]]
    first = int(query.get("page_token") or 0)
    size = int(query.get("page_size") or 10)
    page: dict[str, Any] = {key: found[first : first + size]} if found else {}
    page["total_size"] = len(found)
    if first + size < len(found):
        page["next_page_token"] = str(first + size)
    return page


def _names_namespace(operation: str, query: dict[str, str], body: Any) -> bool:
    if operation in ("GET /pipelines", "GET /experiments", "GET /runs", "GET /recurringruns"):
        return bool(query.get("namespace") or query.get("experiment_id"))
    if operation in ("POST /pipelines", "POST /experiments"):
        return bool(body.get("namespace"))
    return True


def _files(headers: dict[str, str], content: bytes) -> dict[str, bytes]:
    kind = headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        return {}
    parser = email.parser.BytesParser(policy=email.policy.HTTP)
    message = parser.parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + content)
    found = {}
    for part in message.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        if not str(part.get_filename() or "").endswith((".yaml", ".yml")):
            raise Refusal(400, "Failed to read a pipeline spec file")
        found[name] = bytes(part.get_payload(decode=True) or b"")
    return found
