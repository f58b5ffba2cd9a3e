"""Runs and schedules by what a person calls them: a name or an id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import errors
from kubeflow.client import failures
from kubeflow.client.records import Schedule, ServerRun

if TYPE_CHECKING:
    from kubeflow.client.api import KubeflowApi


def find_run(api: KubeflowApi, name: str) -> ServerRun:
    """The run of that id, or else the newest of that name.

    Raises:
      errors.UserError: If there is none.
    """
    try:
        return api.get_run(name)
    except errors.UserError as error:
        if error.code not in (failures.NOT_FOUND, failures.REFUSED):
            raise
    found = api.find_runs(name)
    if not found:
        raise errors.UserError(
            f"there is no run {name!r}",
            hint="see `millrace kubeflow runs`",
            code="unknown-run",
        )
    # A list leaves out the tasks.
    return api.get_run(found[0].id)


def find_schedule(api: KubeflowApi, name: str) -> Schedule:
    """The recurring run of that name or id.

    Raises:
      errors.UserError: If there is none, or several have the name.
    """
    known = api.schedules()
    found = [item for item in known if name == item.id] or [i for i in known if name == i.name]
    if len(found) == 1:
        return found[0]
    if found:
        raise errors.UserError(
            f"{len(found)} recurring runs are called {name!r}",
            evidence=[f"their ids: {', '.join(item.id for item in found)}"],
            hint="say the id",
            code="ambiguous-schedule",
        )
    names = [item.name for item in known]
    near = errors.nearest(name, names)
    raise errors.UserError(
        f"there is no recurring run {name!r}",
        evidence=[f"recurring runs: {', '.join(names[:20]) or '(none)'}"],
        hint=f"did you mean {near}?" if near else "see `millrace kubeflow schedule list`",
        code="unknown-schedule",
    )
