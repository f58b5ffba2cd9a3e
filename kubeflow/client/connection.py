"""Where the Kubeflow Pipelines API is and how a request proves who sends it."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from core import errors
from pipeline.configuration.cluster import KubeflowSettings

HOST_VARIABLES = ("MILLRACE_KUBEFLOW_HOST", "KF_PIPELINES_ENDPOINT")
NAMESPACE_VARIABLE = "MILLRACE_KUBEFLOW_NAMESPACE"
EXPERIMENT_VARIABLE = "MILLRACE_KUBEFLOW_EXPERIMENT"
TOKEN_VARIABLE = "MILLRACE_KUBEFLOW_TOKEN"
COOKIES_VARIABLE = "MILLRACE_KUBEFLOW_COOKIES"

_SHORTEST_SECRET = 4
_LOOPBACK = re.compile(r"(localhost|127\.[0-9.]+|\[::1\])(:|/|$)")
# kfp.Client looks for the same ending.
_PROXY = re.compile(r"https?://\S+\.googleusercontent\.com$")


@dataclasses.dataclass(frozen=True)
class Connection:
    """How to reach one Kubeflow Pipelines API.

    Attributes:
      host: The address, with scheme, without a slash at the end.
      namespace: The user's namespace; None where Kubeflow has one user.
      experiment: The experiment of new runs; None for the pipeline's name.
      ca_certificate: The file of the authority that signed the server's certificate.
      token: A bearer token.
      cookies: What goes into the header ``Cookie``.
    """

    host: str
    namespace: str | None = None
    experiment: str | None = None
    ca_certificate: Path | None = None
    token: str | None = dataclasses.field(default=None, repr=False)
    cookies: str | None = dataclasses.field(default=None, repr=False)

    @property
    def is_google_proxy(self) -> bool:
        """Whether this is a proxy of Google's AI Platform Pipelines.

        `kfp.Client` asks for a Google access token of its own accord there.
        """
        return bool(_PROXY.match(self.host))

    def without_secrets(self, text: str) -> str:
        """A text in which neither the token nor a cookie's value can be read."""
        for secret in (self.token, *_cookie_values(self.cookies or "")):
            # A cookie such as `a=1` is no secret, and masking it would garble the text.
            if secret and len(secret) >= _SHORTEST_SECRET:
                text = text.replace(secret, "***")
        return text


def connect_to(
    *,
    host: str | None = None,
    namespace: str | None = None,
    experiment: str | None = None,
    ca_certificate: Path | None = None,
    settings: KubeflowSettings | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Connection:
    """Finds out where the API is: the command line, the environment, the configuration.

    Args:
      host: What ``--host`` says.
      namespace: What ``--namespace`` says.
      experiment: What ``--experiment`` says.
      ca_certificate: What ``--ca-certificate`` says.
      settings: The configuration's section ``kubeflow``, where there is one.
      environment: The environment variables; token and cookies come from nowhere else.

    Returns:
      The connection; nothing was sent yet.

    Raises:
      errors.UserError: If there is no host, or it is no address.
    """
    variables = {name: environment.get(name) or None for name in HOST_VARIABLES}
    found = host or next(filter(None, variables.values()), None) or (settings and settings.host)
    if not found:
        raise errors.UserError(
            "where is Kubeflow Pipelines?",
            evidence=[
                "no --host, no environment variable "
                f"{' or '.join(HOST_VARIABLES)}, no kubeflow.host in a configuration"
            ],
            hint="for a cluster without an address of its own: `kubectl port-forward -n kubeflow "
            "svc/ml-pipeline-ui 8080:80`, then --host http://localhost:8080",
            code="kubeflow-no-host",
        )
    if ca_certificate is not None and not ca_certificate.is_file():
        raise errors.UserError(
            f"there is no certificate file {ca_certificate}",
            hint="--ca-certificate names a PEM file with the authority's certificate",
            code="kubeflow-certificate",
        )
    return Connection(
        host=clean_host(found),
        namespace=namespace
        or environment.get(NAMESPACE_VARIABLE)
        or (settings.namespace if settings else None),
        experiment=experiment
        or environment.get(EXPERIMENT_VARIABLE)
        or (settings.experiment if settings else None),
        ca_certificate=ca_certificate,
        token=_header_value(environment, TOKEN_VARIABLE),
        cookies=_header_value(environment, COOKIES_VARIABLE),
    )


def clean_host(host: str) -> str:
    """The address as the client wants it.

    Args:
      host: What a person gives: perhaps without a scheme, perhaps copied from the
        browser together with a page (``…/#/runs``).

    Raises:
      errors.UserError: If it is no address, or carries a password.
    """
    text = host.strip().split("#", 1)[0]
    if "://" not in text:
        text = f"{'http' if _LOOPBACK.match(text) else 'https'}://{text}"
    text = text.rstrip("/")
    try:
        parts = urlsplit(text)
        has_password = "@" in parts.netloc
        well_formed = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        has_password = well_formed = False
    if has_password:
        raise errors.UserError(
            "the host must not carry a user or password",
            hint=f"put a token into {TOKEN_VARIABLE} or cookies into {COOKIES_VARIABLE}",
            code="kubeflow-host",
        )
    if not well_formed or re.search(r"[\s?]", text):
        raise errors.UserError(
            f"{host[:200]!r} is not a server address",
            hint="such as http://localhost:8080 or https://kubeflow.example.com/pipeline",
            code="kubeflow-host",
        )
    return text


def _header_value(environment: Mapping[str, str], name: str) -> str | None:
    value = environment.get(name, "").strip()
    # A line break would end the header; the value itself stays unsaid.
    if any(ord(sign) < 32 or ord(sign) > 255 for sign in value):
        raise errors.UserError(
            f"the environment variable {name} holds signs that no HTTP header may have",
            hint="it must be one line of plain text",
            code="kubeflow-credentials",
        )
    return value or None


def _cookie_values(cookies: str) -> list[str]:
    pairs = [pair.partition("=") for pair in cookies.split(";")]
    return [value.strip() or name.strip() for name, _, value in pairs]
