"""A run is started, once."""

from __future__ import annotations

import datetime
import secrets

from core import errors
from kubeflow.client import failures
from kubeflow.client.records import ServerRun
from kubeflow.client.target import Target


def start(target: Target, name: str | None) -> ServerRun:
    """Starts a run.

    The request is not repeated. Where its answer is lost, the server is asked for a run
    of this name, which nobody else can have made.

    Args:
      target: What to run.
      name: The run's name; one with the time in it where it is None.

    Raises:
      errors.MillraceError: If the server refuses or fails.
    """
    api = target.api
    experiment_id = api.experiment(target.experiment)
    own_name = name or run_name(target.pipeline)
    try:
        return api.start_run(
            experiment_id, own_name, target.version, target.values, target.service_account
        )
    except errors.MillraceError as error:
        if name is not None or error.code not in (failures.NO_ANSWER, failures.SERVER_ERROR):
            raise
        found = _look(target, own_name)
        if found is None:
            raise
        return found


def run_name(pipeline: str) -> str:
    """A name for a run: the pipeline, the time in UTC and four random digits."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return f"{pipeline}-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def _look(target: Target, name: str) -> ServerRun | None:
    try:
        found = target.api.find_runs(name)
    except errors.MillraceError:
        return None
    return found[0] if found else None
