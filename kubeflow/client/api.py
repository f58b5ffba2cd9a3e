"""The Kubeflow Pipelines API as this project uses it, through `kfp.Client`.

Importing this module imports kfp, which takes two seconds.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import kfp
import kfp_server_api

from core import errors
from kubeflow.client import failures, transport
from kubeflow.client.connection import NAMESPACE_VARIABLE, Connection
from kubeflow.client.records import (
    Schedule,
    ServerRun,
    Version,
    read_run,
    read_schedule,
    read_version,
)

_PAGE = 100
_MOST_PAGES = 50
_EQUALS = 1
_NEWEST_FIRST = "created_at desc"


class _Client(kfp.Client):
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


class KubeflowApi:
    """One server.

    All methods raise `errors.UserError` or `errors.InfrastructureError`; their codes are
    in `kubeflow.client.failures`.

    Args:
      connection: Where it is and how to prove who asks.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        try:
            # A login in the browser, if the environment asks for one, speaks to people.
            with warnings.catch_warnings(), contextlib.redirect_stdout(sys.stderr):
                warnings.simplefilter("ignore")
                self._client = _Client(connection)
        except errors.MillraceError:
            raise
        except Exception as error:
            raise errors.UserError(
                f"cannot make a client for {connection.host}",
                evidence=[connection.without_secrets(f"{type(error).__name__}: {error}"[:200])],
                hint="check the certificate file and the credentials in the environment",
                code="kubeflow-client",
            ) from error

    def check_health(self) -> None:
        """Asks the server whether it is there, a few times at most.

        Raises:
          errors.UserError: If it serves several users and no namespace was given.
        """
        health = self._call(self._client._healthz_api.get_healthz)
        if health.multi_user and not self.connection.namespace:
            raise errors.UserError(
                "this Kubeflow has several users, each with a namespace",
                hint=f"say --namespace, set {NAMESPACE_VARIABLE} or kubeflow.namespace",
                code="kubeflow-no-namespace",
            )

    def refresh_credentials(self) -> bool:
        """Fetches a new Google access token, which lives for an hour.

        Returns:
          Whether there is a new one to try with.
        """
        if self.connection.token or not self.connection.is_google_proxy:
            return False
        self._client._refresh_api_client_token()
        return True

    def link(self, kind: str, identity: str) -> str:
        """Where a person sees something in the browser.

        Args:
          kind: ``runs``, ``recurringrun`` or ``pipelines``.
          identity: Its id.
        """
        return f"{self._client._get_url_prefix()}/#/{kind}/details/{identity}"

    def find_pipeline(self, name: str) -> str | None:
        """The id of the pipeline of that name, None where there is none."""
        answer = self._call(
            self._client.list_pipelines, filter=_named(name), namespace=self.connection.namespace
        )
        found = answer.pipelines or []
        return str(found[0].pipeline_id) if found else None

    def pipeline_names(self) -> list[str]:
        """The names of all pipelines."""
        pages = self._pages(
            self._client.list_pipelines, "pipelines", namespace=self.connection.namespace
        )
        return [str(pipeline.display_name) for pipeline in pages]

    def create_pipeline(self, name: str, description: str) -> str:
        """Makes a pipeline that has no version yet.

        `POST /pipelines/upload` would make a first version with the pipeline's own name.

        Returns:
          Its id.
        """
        body = kfp_server_api.V2beta1Pipeline(
            display_name=name,
            description=description or None,
            namespace=self.connection.namespace,
        )
        answer = self._call(self._client._pipelines_api.create_pipeline, body=body)
        return self._read(lambda _: str(_needed(answer.pipeline_id)), answer)

    def find_version(self, pipeline_id: str, name: str) -> Version | None:
        """The version of that name, None where there is none."""
        answer = self._call(self._client.list_pipeline_versions, pipeline_id, filter=_named(name))
        found = answer.pipeline_versions or []
        return self._read(read_version, found[0]) if found else None

    def versions(self, pipeline_id: str) -> list[Version]:
        """All versions of a pipeline, the newest first."""
        pages = self._pages(
            self._client.list_pipeline_versions,
            "pipeline_versions",
            pipeline_id=pipeline_id,
            sort_by=_NEWEST_FIRST,
        )
        return [self._read(read_version, version) for version in pages]

    def get_version(self, pipeline_id: str, version_id: str) -> Version:
        """One version with its pipeline spec."""
        return self._read(
            read_version,
            self._call(self._client.get_pipeline_version, pipeline_id, version_id),
        )

    def upload_version(
        self, pipeline_id: str, name: str, package: Path, description: str
    ) -> Version:
        """Uploads a package as a new version."""
        return self._read(
            read_version,
            self._call(
                self._client.upload_pipeline_version,
                str(package),
                name,
                pipeline_id=pipeline_id,
                description=description,
            ),
        )

    def experiment(self, name: str) -> str:
        """The id of the experiment of that name, which is made if there is none."""

        def find_or_create() -> Any:
            return self._call(
                self._client.create_experiment, name, namespace=self.connection.namespace
            )

        try:
            answer = find_or_create()
        except errors.MillraceError as error:
            # Somebody else made it between our look and our request, or the answer is lost.
            if error.code not in (failures.EXISTS, failures.NO_ANSWER):
                raise
            answer = find_or_create()
        return self._read(lambda _: str(_needed(answer.experiment_id)), answer)

    def start_run(
        self,
        experiment_id: str,
        name: str,
        version: Version,
        parameters: Mapping[str, Any],
        service_account: str | None,
    ) -> ServerRun:
        """Starts a run; the server's own caching stays off."""
        return self._read(
            read_run,
            self._call(
                self._client.run_pipeline,
                experiment_id,
                name,
                params=dict(parameters),
                pipeline_id=version.pipeline_id,
                version_id=version.id,
                enable_caching=False,
                service_account=service_account,
            ),
        )

    def get_run(self, run_id: str) -> ServerRun:
        """One run with its tasks."""
        return self._read(read_run, self._call(self._client.get_run, run_id))

    def find_runs(self, name: str) -> list[ServerRun]:
        """The newest runs of that name."""
        answer = self._call(
            self._client.list_runs,
            filter=_named(name),
            sort_by=_NEWEST_FIRST,
            namespace=self.connection.namespace,
        )
        return [self._read(read_run, run) for run in answer.runs or ()]

    def list_runs(self, limit: int, experiment: str | None) -> list[ServerRun]:
        """The newest runs, of one experiment or of all."""
        experiment_id = None
        if experiment is not None:
            found = self._call(
                self._client.list_experiments,
                filter=_named(experiment),
                namespace=self.connection.namespace,
            ).experiments
            if not found:
                raise errors.UserError(
                    f"there is no experiment {experiment!r}",
                    hint="leave out --experiment to list the runs of all",
                    code=failures.NOT_FOUND,
                )
            experiment_id = found[0].experiment_id
        pages = self._pages(
            self._client.list_runs,
            "runs",
            limit,
            sort_by=_NEWEST_FIRST,
            namespace=self.connection.namespace,
            experiment_id=experiment_id,
        )
        return [self._read(read_run, run) for run in pages]

    def create_schedule(self, experiment_id: str, name: str, **options: Any) -> Schedule:
        """Makes a recurring run.

        Args:
          experiment_id: The experiment of its runs.
          name: Its name.
          **options: As `kfp.Client.create_recurring_run` has them.
        """
        return self._read(
            read_schedule,
            self._call(
                self._client.create_recurring_run,
                experiment_id,
                name,
                enable_caching=False,
                **options,
            ),
        )

    def schedules(self) -> list[Schedule]:
        """All recurring runs, the newest first."""
        pages = self._pages(
            self._client.list_recurring_runs,
            "recurring_runs",
            sort_by=_NEWEST_FIRST,
            namespace=self.connection.namespace,
        )
        return [self._read(read_schedule, schedule) for schedule in pages]

    def set_enabled(self, schedule_id: str, *, enabled: bool) -> None:
        """Lets a recurring run start runs, or no longer."""
        client = self._client
        change = client.enable_recurring_run if enabled else client.disable_recurring_run
        self._call(change, schedule_id)

    def delete_schedule(self, schedule_id: str) -> None:
        """Deletes a recurring run; the runs that it has started stay."""
        self._call(self._client.delete_recurring_run, schedule_id)

    def _pages(
        self, function: Callable[..., Any], key: str, limit: int | None = None, **options: Any
    ) -> Iterator[Any]:
        token, left = "", limit
        for _ in range(_MOST_PAGES):
            size = _PAGE if left is None else min(_PAGE, left)
            answer = self._call(function, page_token=token, page_size=size, **options)
            found = (getattr(answer, key) or [])[:size]
            yield from found
            token = answer.next_page_token or ""
            left = None if left is None else left - len(found)
            if not token or not found or left == 0:
                return

    def _call(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        # The client prints links, and warns about its own code, on our standard output.
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            return self._read(lambda _: function(*arguments, **options), None)

    def _read(self, reader: Callable[[Any], Any], answer: Any) -> Any:
        try:
            return reader(answer)
        except errors.MillraceError:
            raise
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise failures.unreadable(self.connection, error) from error
        except kfp_server_api.OpenApiException as error:
            reason = ValueError(str(getattr(error, "reason", None) or error))
            raise failures.unreadable(self.connection, reason) from None


def open_api(connection: Connection) -> KubeflowApi:
    """Connects to a server and asks whether it is well.

    Args:
      connection: Where it is.

    Raises:
      errors.MillraceError: If it cannot be reached, does not let us in, or is not
        Kubeflow Pipelines.
    """
    api = KubeflowApi(connection)
    api.check_health()
    return api


def _named(name: str) -> str:
    predicate = {"operation": _EQUALS, "key": "display_name", "stringValue": name}
    return json.dumps({"predicates": [predicate]})


def _needed(value: str | None) -> str:
    if not value:
        raise ValueError("the id is missing")
    return value
