"""Whatever the server or the way to it does wrong ends in one clear message."""

from __future__ import annotations

import datetime
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kubeflow.client import transport
from tests.kubeflow.client.api_server import ApiServer
from tests.kubeflow.client.conftest import Cli

HEALTH = "GET /apis/v2beta1/healthz"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "BACKOFF_SECONDS", 0.0)
    monkeypatch.setattr(transport, "READ_SECONDS", 0.2)


@pytest.mark.parametrize(
    ("kind", "code", "said"),
    [
        (401, 5, ("rejected the credentials", "answered 401", "MILLRACE_KUBEFLOW_TOKEN")),
        (403, 5, ("does not allow this", "answered 403")),
        (404, 2, ("does not know what was asked for", "--namespace")),
        (409, 2, ("has something of this name",)),
        (400, 2, ("refused the request", "it says: made to fail")),
        (500, 5, ("failed to answer", "answered 500", "it says: made to fail")),
        (418, 5, ("not expected", "answered 418")),
        ("malformed", 5, ("cannot be read", '{"pipelines": [{')),
        ("shape", 5, ("cannot be read", "another shape")),
        ("empty", 5, ("cannot be read",)),
        ("html", 5, ("a login stands before Kubeflow", "Sign in - Dex")),
        ("redirect", 5, ("a login stands before Kubeflow", "https://login.example.com")),
        ("slow", 5, ("did not answer", "timed out")),
    ],
)
def test_every_fault_is_said(
    server: ApiServer, cli: Cli, kind: int | str, code: int, said: tuple[str, ...]
) -> None:
    server.fault(kind, "GET", "/runs$")

    outcome = cli("runs")

    assert outcome.code == code
    assert outcome.out == ""
    assert all(words in outcome.err for words in said), outcome.err
    assert "secret=1" not in outcome.err


@pytest.mark.parametrize(("kind", "asked"), [(500, 3), (503, 3), ("slow", 3), (404, 1), (401, 1)])
def test_reading_is_tried_a_few_times_where_it_may_help(
    server: ApiServer, cli: Cli, kind: int | str, asked: int
) -> None:
    server.fault(kind, "GET", "/healthz")

    assert cli("runs").code in (2, 5)
    assert server.requests == [HEALTH] * asked


def test_a_server_that_stumbles_once_is_asked_again(server: ApiServer, cli: Cli) -> None:
    server.fault(500, "GET", "/runs$", times=1)

    assert cli("runs").code == 0


@pytest.mark.parametrize("kind", [500, 503, "lost"])
def test_what_makes_something_is_sent_once(
    server: ApiServer, cli: Cli, package: Path, kind: int | str
) -> None:
    cli("upload", package)
    server.fault(kind, "POST", "/runs$")

    cli("run", "--pipeline", "taxi", "--run-name", "one")

    assert server.requests.count("POST /apis/v2beta1/runs") == 1


def test_a_long_message_is_cut(server: ApiServer, cli: Cli) -> None:
    server.fault(500, "GET", "/runs$", body='{"message": "' + "long " * 1000 + '"}')

    outcome = cli("runs")

    assert max(map(len, outcome.err.splitlines())) < 250


def test_a_host_that_is_down(cli: Cli) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    outcome = cli("runs", "--host", f"localhost:{port}")

    assert outcome.code == 5
    assert f"Kubeflow cannot be reached at http://localhost:{port}" in outcome.err
    assert "refused" in outcome.err


def test_a_host_that_does_not_exist(cli: Cli) -> None:
    outcome = cli("runs", "--host", "https://kubeflow.invalid")

    assert outcome.code == 5
    assert "cannot be reached" in outcome.err


def test_a_server_that_is_not_http(cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        outcome = cli("runs", "--host", f"http://localhost:{silent.getsockname()[1]}")

    assert outcome.code == 5
    assert "did not answer" in outcome.err


def test_no_host_is_a_question(cli: Cli) -> None:
    outcome = cli("runs")

    assert outcome.code == 2
    assert "kubectl port-forward" in outcome.err


def test_a_token_is_sent_and_never_shown(
    server: ApiServer, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.token = "right-token"
    monkeypatch.setenv("MILLRACE_KUBEFLOW_TOKEN", "wrong-token")
    wrong = cli("runs")
    monkeypatch.setenv("MILLRACE_KUBEFLOW_TOKEN", "right-token")
    right = cli("runs")

    assert (wrong.code, right.code) == (5, 0)
    assert "MILLRACE_KUBEFLOW_TOKEN holds has expired" in wrong.err
    assert "wrong-token" not in wrong.err + wrong.out


def test_a_token_that_the_server_repeats_is_masked(
    server: ApiServer, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILLRACE_KUBEFLOW_TOKEN", "my-token")
    monkeypatch.setenv("MILLRACE_KUBEFLOW_COOKIES", "session=my-cookie; other=1234567")
    server.fault(403, "GET", "/runs$", body='{"message": "no my-token no my-cookie no 1234567"}')

    outcome = cli("runs", "--debug")

    assert "no *** no *** no ***" in outcome.err
    assert "my-token" not in outcome.err
    assert "my-cookie" not in outcome.err


def test_cookies_are_sent(server: ApiServer, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILLRACE_KUBEFLOW_COOKIES", "authservice_session=abc")

    cli("runs")

    assert server.headers["cookie"] == "authservice_session=abc"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and the certificate of `localhost` that it signed itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    today = datetime.datetime.now(datetime.timezone.utc)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    ).public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(secret + signed)
    path.with_suffix(".crt").write_bytes(signed)
    return path


@pytest.fixture
def safe_server(certificate: Path) -> Iterator[ApiServer]:
    running = ApiServer(certificate)
    yield running
    running.close()


def test_a_certificate_of_ones_own_is_refused_with_the_way_out(
    safe_server: ApiServer, cli: Cli
) -> None:
    outcome = cli("runs", "--host", safe_server.host)

    assert outcome.code == 5
    assert "no safe connection" in outcome.err
    assert "self" in outcome.err
    assert "--ca-certificate" in outcome.err


def test_a_certificate_of_ones_own_is_accepted_where_it_is_named(
    safe_server: ApiServer, cli: Cli, certificate: Path
) -> None:
    own = ("--ca-certificate", certificate.with_suffix(".crt"))

    assert cli("runs", "--host", safe_server.host, *own).code == 0


def test_a_certificate_file_that_is_none(safe_server: ApiServer, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("no certificate")

    missing = cli("runs", "--host", safe_server.host, "--ca-certificate", "nowhere.pem")
    broken = cli("runs", "--host", safe_server.host, "--ca-certificate", tmp_path / "no.pem")

    assert missing.code == 2
    assert "there is no certificate file nowhere.pem" in missing.err
    assert broken.code in (2, 5)


def test_the_clients_own_words_stay_off_standard_output(
    server: ApiServer, cli: Cli, package: Path
) -> None:
    outcome = cli("run", package, "--json")

    assert outcome.document["pipeline"] == "taxi"
    assert "details" not in outcome.err
    assert "Warning" not in outcome.err
