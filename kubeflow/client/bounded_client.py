"""`kfp.Client` with time limits, and with nothing behind our backs.

Importing this module imports kfp, which takes two seconds.
"""

from __future__ import annotations

import kfp
import kfp_server_api

from kubeflow.client import transport
from kubeflow.client.connection import Connection


class BoundedClient(kfp.Client):
    """`kfp.Client` without its own waits and without its writes to the home folder."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        super().__init__(
            host=connection.host,
            namespace=connection.namespace or "kubeflow",
            existing_token=connection.token,
            cookies=connection.cookies,
            ssl_ca_cert=str(connection.ca_certificate) if connection.ca_certificate else None,
        )
        shared = self._run_api.api_client
        shared.configuration.retries = transport.retries()
        shared.rest_client = transport.BoundedTransport(shared.configuration, connection)

    def get_kfp_healthz(self, sleep_duration: int = 5) -> kfp_server_api.V2beta1GetHealthzResponse:
        """Asks nothing: the constructor would ask five times, through no time limit."""
        return kfp_server_api.V2beta1GetHealthzResponse(multi_user=False)

    def _load_context_setting_or_default(self) -> None:
        # Another tool's namespace and cookies would be used unseen.
        self._context_setting = {"namespace": self._connection.namespace or ""}
