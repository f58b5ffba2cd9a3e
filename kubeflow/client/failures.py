"""What a server, or the way to it, did wrong, said as Millrace's errors."""

from __future__ import annotations

import json
import re
import ssl
from typing import Any
from urllib.parse import urlsplit

from core import errors
from kubeflow.client.connection import COOKIES_VARIABLE, TOKEN_VARIABLE, Connection

LONGEST_MESSAGE = 200

NOT_FOUND = "kubeflow-not-found"
EXISTS = "kubeflow-exists"
REFUSED = "kubeflow-refused"
UNREACHABLE = "kubeflow-unreachable"
NO_ANSWER = "kubeflow-no-answer"
UNAUTHORIZED = "kubeflow-unauthorized"
SERVER_ERROR = "kubeflow-server-error"

# The way to the server may come back; what it was asked for may have happened.
PASSING = (UNREACHABLE, NO_ANSWER, SERVER_ERROR)


def of_status(
    connection: Connection, status: int, reason: str, body: Any, location: str = ""
) -> errors.MillraceError:
    """An answer that is no success.

    Args:
      connection: Whom we asked.
      status: The HTTP status.
      reason: Its words.
      body: The answer's body, bytes or text or None.
      location: Where a redirect points.

    Returns:
      The error to raise.
    """
    text = _text(body)
    said = _message(connection, text)
    evidence = [f"{connection.host} answered {status} {reason}".rstrip()]
    if said:
        evidence.append(f"it says: {said}")
    if 300 <= status < 400:
        return _redirected(connection, evidence, location)
    if status in (401, 403):
        return _refused(connection, status, evidence)
    if status == 404:
        api = "" if _is_json(text) else "there may be no Kubeflow Pipelines API at this address; "
        return errors.UserError(
            "Kubeflow does not know what was asked for",
            evidence=evidence,
            hint=f"{api}check the name or id, --namespace and --host",
            code=NOT_FOUND,
        )
    if status == 409:
        return errors.UserError(
            "Kubeflow has something of this name already",
            evidence=evidence,
            hint="choose another name",
            code=EXISTS,
        )
    if status in (400, 413, 422):
        return errors.UserError(
            "Kubeflow refused the request",
            evidence=evidence,
            hint="the server's own words above say why",
            code=REFUSED,
        )
    if status == 429 or status >= 500:
        return errors.InfrastructureError(
            "Kubeflow failed to answer",
            evidence=evidence,
            hint="try again; if it stays, look at the logs of the ml-pipeline deployment",
            code=SERVER_ERROR,
        )
    return errors.InfrastructureError(
        "Kubeflow answered in a way that was not expected",
        evidence=evidence,
        hint="check that --host is the address of Kubeflow Pipelines",
        code="kubeflow-answer",
    )


def of_transport(connection: Connection, error: Exception, *, safe: bool) -> errors.MillraceError:
    """A request that got no answer.

    Args:
      connection: Whom we asked.
      error: What urllib3 raised.
      safe: Whether the request only reads, so that nothing can have happened.

    Returns:
      The error to raise.
    """
    import urllib3  # type: ignore[import-untyped]

    cause = getattr(error, "reason", None) or error
    if isinstance(cause, (urllib3.exceptions.SSLError, ssl.SSLError)):
        return _not_trusted(connection, cause)
    never_sent = isinstance(
        cause, (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
    )
    if never_sent or isinstance(cause, urllib3.exceptions.LocationParseError):
        return errors.InfrastructureError(
            f"Kubeflow cannot be reached at {connection.host}",
            evidence=[_reason(connection, cause)],
            hint="is the address right, and the cluster (or its port-forward) up?",
            code=UNREACHABLE,
        )
    return errors.InfrastructureError(
        f"Kubeflow at {connection.host} did not answer",
        evidence=[_reason(connection, cause)],
        hint="try again"
        if safe
        else "the request may have been carried out all the same: look before trying again",
        code=NO_ANSWER,
    )


def of_content(
    connection: Connection, content_type: str, body: Any
) -> errors.InfrastructureError | None:
    """Looks at a success's body, which must be JSON.

    Args:
      connection: Whom we asked.
      content_type: What the answer says of itself.
      body: The answer's body.

    Returns:
      The error to raise; None where the body is a JSON object.
    """
    text = _text(body)
    if _is_json(text):
        return None
    if "html" in content_type.lower() or text.lstrip()[:1] == "<":
        return _login_page(
            connection, [f"{connection.host} answered with a web page", *_title(text)]
        )
    shown = connection.without_secrets(_one_line(text))
    return errors.InfrastructureError(
        "Kubeflow's answer cannot be read",
        evidence=[f"{connection.host} answered no JSON object: {shown!r}"],
        hint="check that --host is the address of Kubeflow Pipelines itself",
        code="kubeflow-answer",
    )


def unreadable(connection: Connection, error: Exception) -> errors.InfrastructureError:
    """JSON that lacks, or mistypes, what the client wants to find in it."""
    shown = connection.without_secrets(_one_line(f"{type(error).__name__}: {error}"))
    return errors.InfrastructureError(
        "Kubeflow's answer cannot be read",
        evidence=[f"{connection.host} answered JSON of another shape", shown],
        hint="is it Kubeflow Pipelines 2? Older and much newer versions speak another API",
        code="kubeflow-answer",
    )


def _redirected(
    connection: Connection, evidence: list[str], location: str
) -> errors.InfrastructureError:
    target = urlsplit(location)
    place = f"{target.scheme}://{target.netloc}" if target.netloc else target.path or "elsewhere"
    evidence.append(f"it sends us to {place}")
    own = urlsplit(connection.host)
    if target.hostname == own.hostname and target.scheme != own.scheme and target.scheme:
        return errors.InfrastructureError(
            "Kubeflow is at another address",
            evidence=evidence,
            hint=f"say --host {place}",
            code="kubeflow-moved",
        )
    return _login_page(connection, evidence)


def _login_page(connection: Connection, evidence: list[str]) -> errors.InfrastructureError:
    return errors.InfrastructureError(
        "a login stands before Kubeflow",
        evidence=evidence,
        hint=_credentials_hint(connection),
        code=UNAUTHORIZED,
    )


def _refused(
    connection: Connection, status: int, evidence: list[str]
) -> errors.InfrastructureError:
    if status == 401:
        headline = "Kubeflow rejected the credentials"
    else:
        headline = "Kubeflow does not allow this"
        if connection.namespace:
            evidence.append(f"namespace: {connection.namespace}")
    return errors.InfrastructureError(
        headline, evidence=evidence, hint=_credentials_hint(connection), code=UNAUTHORIZED
    )


def _credentials_hint(connection: Connection) -> str:
    if connection.token or connection.cookies:
        name = TOKEN_VARIABLE if connection.token else COOKIES_VARIABLE
        return f"what {name} holds has expired, or belongs to someone without this right"
    if connection.is_google_proxy:
        return "run `gcloud auth application-default login`, or put a token into " + TOKEN_VARIABLE
    return f"put a token into {TOKEN_VARIABLE}, or a browser's cookies into {COOKIES_VARIABLE}"


def _not_trusted(connection: Connection, cause: Exception) -> errors.InfrastructureError:
    own = (
        f"the one in {connection.ca_certificate} did not sign it; "
        if (connection.ca_certificate)
        else ""
    )
    return errors.InfrastructureError(
        f"no safe connection to {connection.host}",
        evidence=[_reason(connection, cause)],
        hint=f"{own}--ca-certificate FILE names the authority that signed the server's "
        "certificate; a server without TLS is http://",
        code="kubeflow-tls",
    )


def _reason(connection: Connection, cause: object) -> str:
    text = re.sub(r"<[^>]*object at 0x[0-9a-f]+>:? ?", "", str(cause))
    text = re.sub(r"\s*\(_ssl\.c:\d+\)", "", text)
    return connection.without_secrets(_one_line(text)) or type(cause).__name__


def _message(connection: Connection, text: str) -> str:
    """The server's words: its JSON's message, or what is to be read on its page."""
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if isinstance(document, dict):
        for key in ("error_message", "message", "error", "error_details"):
            if isinstance(document.get(key), str) and document[key]:
                return connection.without_secrets(_one_line(document[key]))
        return ""
    if text.lstrip()[:1] == "<":
        return connection.without_secrets("; ".join(_title(text)))
    return connection.without_secrets(_one_line(text))


def _title(page: str) -> list[str]:
    found = re.search(r"<title[^>]*>(.*?)</title>", page, re.IGNORECASE | re.DOTALL)
    return [f"its title: {_one_line(found.group(1))}"] if found else []


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _text(body: Any) -> str:
    if isinstance(body, bytes):
        return body.decode("utf-8", errors="replace")
    return body or ""


def _one_line(text: str) -> str:
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return words if len(words) <= LONGEST_MESSAGE else f"{words[: LONGEST_MESSAGE - 3]}..."
