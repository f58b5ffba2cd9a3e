"""How the client is called: quietly, page by page, its failures ours.

Importing this module imports kfp, which takes two seconds.
"""

from __future__ import annotations

import contextlib
import io
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import kfp_server_api

from core import errors
from kubeflow.client import failures
from kubeflow.client.bounded_client import BoundedClient
from kubeflow.client.connection import Connection

_PAGE = 100
_MOST_PAGES = 50


class Calls:
    """Calls of one server's client.

    Args:
      connection: Where the server is and how to prove who asks.

    Attributes:
      connection: The same.
      client: The client, which has asked nothing yet.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        try:
            # A login in the browser, if the environment asks for one, speaks to people.
            with warnings.catch_warnings(), contextlib.redirect_stdout(sys.stderr):
                warnings.simplefilter("ignore")
                self.client = BoundedClient(connection)
        except errors.MillraceError:
            raise
        except Exception as error:
            raise errors.UserError(
                f"cannot make a client for {connection.host}",
                evidence=[connection.without_secrets(f"{type(error).__name__}: {error}"[:200])],
                hint="check the certificate file and the credentials in the environment",
                code="kubeflow-client",
            ) from error

    def refresh_credentials(self) -> bool:
        """Fetches a new Google access token, which lives for an hour.

        Returns:
          Whether there is a new one to try with.
        """
        if self.connection.token or not self.connection.is_google_proxy:
            return False
        self.client._refresh_api_client_token()
        return True

    def link(self, kind: str, identity: str) -> str:
        """Where a person sees something in the browser.

        Args:
          kind: ``runs``, ``recurringrun`` or ``pipelines``.
          identity: Its id.
        """
        return f"{self.client._get_url_prefix()}/#/{kind}/details/{identity}"

    def pages(
        self, function: Callable[..., Any], key: str, limit: int | None = None, **options: Any
    ) -> Iterator[Any]:
        """What a listing holds, page by page.

        Args:
          function: The listing.
          key: Where its answers hold the things.
          limit: How many to give at most; all where it is None.
          **options: What else the function takes.
        """
        token, left = "", limit
        for _ in range(_MOST_PAGES):
            size = _PAGE if left is None else min(_PAGE, left)
            answer = self.call(function, page_token=token, page_size=size, **options)
            found = (getattr(answer, key) or [])[:size]
            yield from found
            token = answer.next_page_token or ""
            left = None if left is None else left - len(found)
            if not token or not found or left == 0:
                return

    def call(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Calls the client; its words stay off standard output."""
        # The client prints links, and warns about its own code, on our standard output.
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            return self.read(lambda _: function(*arguments, **options), None)

    def read(self, reader: Callable[[Any], Any], answer: Any) -> Any:
        """Reads an answer; one of another shape is an error that says so."""
        try:
            return reader(answer)
        except errors.MillraceError:
            raise
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise failures.unreadable(self.connection, error) from error
        except kfp_server_api.OpenApiException as error:
            reason = ValueError(str(getattr(error, "reason", None) or error))
            raise failures.unreadable(self.connection, reason) from None
