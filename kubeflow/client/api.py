"""The Kubeflow Pipelines API as this project uses it, through `kfp.Client`.

Importing this module imports kfp, which takes two seconds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import kfp_server_api

from core import errors
from kubeflow.client import failures
from kubeflow.client.calls import Calls
from kubeflow.client.connection import NAMESPACE_VARIABLE, Connection
from kubeflow.client.records import (
    Schedule,
    ServerRun,
    Version,
    read_run,
    read_schedule,
    read_version,
)

_EQUALS = 1
_NEWEST_FIRST = "created_at desc"


class KubeflowApi(Calls):
    """One server.

    All methods raise `errors.UserError` or `errors.InfrastructureError`; their codes are
    in `kubeflow.client.failures`.

    Args:
      connection: Where it is and how to prove who asks.
    """

    def check_health(self) -> None:
        """Asks the server whether it is there, a few times at most.

        Raises:
          errors.UserError: If it serves several users and no namespace was given.
        """
        health = self.call(self.client._healthz_api.get_healthz)
        if health.multi_user and not self.connection.namespace:
            raise errors.UserError(
                "this Kubeflow has several users, each with a namespace",
                hint=f"say --namespace, set {NAMESPACE_VARIABLE} or kubeflow.namespace",
                code="kubeflow-no-namespace",
            )

    def find_pipeline(self, name: str) -> str | None:
        """The id of the pipeline of that name, None where there is none."""
        answer = self.call(
            self.client.list_pipelines, filter=_named(name), namespace=self.connection.namespace
        )
        found = answer.pipelines or []
        return str(found[0].pipeline_id) if found else None

    def pipeline_names(self) -> list[str]:
        """The names of all pipelines."""
        pages = self.pages(
            self.client.list_pipelines, "pipelines", namespace=self.connection.namespace
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
        answer = self.call(self.client._pipelines_api.create_pipeline, body=body)
        return self.read(lambda _: str(_needed(answer.pipeline_id)), answer)

    def find_version(self, pipeline_id: str, name: str) -> Version | None:
        """The version of that name, None where there is none."""
        answer = self.call(self.client.list_pipeline_versions, pipeline_id, filter=_named(name))
        found = answer.pipeline_versions or []
        return self.read(read_version, found[0]) if found else None

    def versions(self, pipeline_id: str) -> list[Version]:
        """All versions of a pipeline, the newest first."""
        pages = self.pages(
            self.client.list_pipeline_versions,
            "pipeline_versions",
            pipeline_id=pipeline_id,
            sort_by=_NEWEST_FIRST,
        )
        return [self.read(read_version, version) for version in pages]

    def get_version(self, pipeline_id: str, version_id: str) -> Version:
        """One version with its pipeline spec."""
        return self.read(
            read_version,
            self.call(self.client.get_pipeline_version, pipeline_id, version_id),
        )

    def upload_version(
        self, pipeline_id: str, name: str, package: Path, description: str
    ) -> Version:
        """Uploads a package as a new version."""
        return self.read(
            read_version,
            self.call(
                self.client.upload_pipeline_version,
                str(package),
                name,
                pipeline_id=pipeline_id,
                description=description,
            ),
        )

    def experiment(self, name: str) -> str:
        """The id of the experiment of that name, which is made if there is none."""

        def find_or_create() -> Any:
            return self.call(
                self.client.create_experiment, name, namespace=self.connection.namespace
            )

        try:
            answer = find_or_create()
        except errors.MillraceError as error:
            # Somebody else made it between our look and our request, or the answer is lost.
            if error.code not in (failures.EXISTS, failures.NO_ANSWER):
                raise
            answer = find_or_create()
        return self.read(lambda _: str(_needed(answer.experiment_id)), answer)

    def start_run(
        self,
        experiment_id: str,
        name: str,
        version: Version,
        parameters: Mapping[str, Any],
        service_account: str | None,
    ) -> ServerRun:
        """Starts a run; the server's own caching stays off."""
        return self.read(
            read_run,
            self.call(
                self.client.run_pipeline,
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
        return self.read(read_run, self.call(self.client.get_run, run_id))

    def find_runs(self, name: str) -> list[ServerRun]:
        """The newest runs of that name."""
        answer = self.call(
            self.client.list_runs,
            filter=_named(name),
            sort_by=_NEWEST_FIRST,
            namespace=self.connection.namespace,
        )
        return [self.read(read_run, run) for run in answer.runs or ()]

    def list_runs(self, limit: int, experiment: str | None) -> list[ServerRun]:
        """The newest runs, of one experiment or of all."""
        experiment_id = None
        if experiment is not None:
            found = self.call(
                self.client.list_experiments,
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
        pages = self.pages(
            self.client.list_runs,
            "runs",
            limit,
            sort_by=_NEWEST_FIRST,
            namespace=self.connection.namespace,
            experiment_id=experiment_id,
        )
        return [self.read(read_run, run) for run in pages]

    def create_schedule(self, experiment_id: str, name: str, **options: Any) -> Schedule:
        """Makes a recurring run.

        Args:
          experiment_id: The experiment of its runs.
          name: Its name.
          **options: As `kfp.Client.create_recurring_run` has them.
        """
        return self.read(
            read_schedule,
            self.call(
                self.client.create_recurring_run,
                experiment_id,
                name,
                enable_caching=False,
                **options,
            ),
        )

    def schedules(self) -> list[Schedule]:
        """All recurring runs, the newest first."""
        pages = self.pages(
            self.client.list_recurring_runs,
            "recurring_runs",
            sort_by=_NEWEST_FIRST,
            namespace=self.connection.namespace,
        )
        return [self.read(read_schedule, schedule) for schedule in pages]

    def set_enabled(self, schedule_id: str, *, enabled: bool) -> None:
        """Lets a recurring run start runs, or no longer."""
        client = self.client
        change = client.enable_recurring_run if enabled else client.disable_recurring_run
        self.call(change, schedule_id)

    def delete_schedule(self, schedule_id: str) -> None:
        """Deletes a recurring run; the runs that it has started stay."""
        self.call(self.client.delete_recurring_run, schedule_id)


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
