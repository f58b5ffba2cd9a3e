"""HTTP under `kfp.Client`: every request bounded, every failure one of our errors.

The generated client waits for ever, follows redirects to login pages and reads
whatever comes back into empty objects. Importing this module imports that client.
"""

from __future__ import annotations

import functools
import logging
from typing import Any

import kfp_server_api
import urllib3  # type: ignore[import-untyped]
from kfp_server_api import rest

from kubeflow.client import failures
from kubeflow.client.connection import Connection

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
# An upload is parsed and stored before the server answers; a run is compiled.
WRITE_SECONDS = 120.0
ATTEMPTS = 3
BACKOFF_SECONDS = 0.3

_PASSING_STATUSES = (429, 500, 502, 503, 504)


def retries() -> urllib3.Retry:
    """When to try again: what was never sent, and what only reads.

    A POST whose answer is lost may have been carried out, so it is never repeated.
    """
    return urllib3.Retry(
        total=ATTEMPTS - 1,
        redirect=False,
        status_forcelist=_PASSING_STATUSES,
        allowed_methods=frozenset({"GET"}),
        backoff_factor=BACKOFF_SECONDS,
        raise_on_status=False,
        respect_retry_after_header=False,
    )


class BoundedTransport(rest.RESTClientObject):
    """The generated client's transport with time limits and readable failures.

    Args:
      configuration: The generated client's configuration.
      connection: Whom it talks to.
    """

    def __init__(self, configuration: kfp_server_api.Configuration, connection: Connection) -> None:
        super().__init__(configuration)
        self._connection = connection
        # The pool follows redirects whatever the retries say: to a login page, with a POST
        # turned into a GET.
        self.pool_manager.request = functools.partial(self.pool_manager.request, redirect=False)
        # Each retry would be a line on standard error.
        logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)

    def request(self, method: str, url: str, *args: Any, **options: Any) -> Any:
        """Sends one request.

        Raises:
          errors.MillraceError: If the server cannot be reached, does not answer in
            time, refuses, or answers something else than JSON.
        """
        safe = method.upper() == "GET"
        options["_request_timeout"] = (CONNECT_SECONDS, READ_SECONDS if safe else WRITE_SECONDS)
        try:
            response = super().request(method, url, *args, **options)
        except rest.ApiException as error:
            location = str((error.headers or {}).get("location", ""))
            # The exception's text holds headers; it does not become part of ours.
            raise failures.of_status(
                self._connection, error.status or 0, str(error.reason or ""), error.body, location
            ) from None
        except urllib3.exceptions.HTTPError as error:
            raise failures.of_transport(self._connection, error, safe=safe) from None
        failure = failures.of_content(
            self._connection, response.getheader("content-type") or "", response.data
        )
        if failure is not None:
            raise failure
        return response
