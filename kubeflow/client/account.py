"""A run on the server, told as the account that displays of local runs read."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable

from kubeflow.client.records import ServerRun, TaskState
from kubeflow.package.package_tasks import PackageTask
from metadata.run_file import NodeRecord, NodeState, RunRecord, RunStatus, utc_now

_DRIVER = "-driver"
# What Argo's workflow has besides the tasks: its root and the pods inside a task.
_INNER = re.compile(r"^(root|root-driver|executor)$|\(\d+\)$|^executor\(")
_STATUSES: dict[str, RunStatus] = {
    "SUCCEEDED": "succeeded",
    "SKIPPED": "succeeded",
    "FAILED": "failed",
    "CANCELED": "stopped",
}
_STATES: dict[str, NodeState] = {
    "PENDING": "waiting",
    "RUNNING": "running",
    "PAUSED": "running",
    "CANCELING": "running",
    "SUCCEEDED": "done",
    "SKIPPED": "skipped",
    "FAILED": "failed",
    "CANCELED": "skipped",
}


def run_record(run: ServerRun, pipeline: str, tasks: Iterable[PackageTask]) -> RunRecord:
    """The account of a run as it stands.

    Args:
      run: What the server says.
      pipeline: The pipeline's name.
      tasks: The package's tasks; where there are none, those that the server names.

    Returns:
      A record with a node for each task.
    """
    known = tuple(tasks) or _named_tasks(run)
    states = _latest(run.tasks)
    started = run.created or _now()
    return RunRecord(
        run_id=run.name or run.id,
        pipeline=pipeline,
        status=_STATUSES.get(run.state, "running"),
        started=_text(started),
        finished=(_text(run.finished) if run.finished else utc_now()) if run.ended else None,
        nodes=tuple(_node(task, states, ended=run.ended) for task in known),
    )


def failed_nodes(record: RunRecord) -> list[str]:
    """The nodes that failed."""
    return [node.id for node in record.nodes if node.state == "failed"]


def _node(task: PackageTask, states: dict[str, TaskState], *, ended: bool) -> NodeRecord:
    own, driver = states.get(task.name), states.get(task.name + _DRIVER)
    state: NodeState = _STATES.get(own.state, "waiting") if own else "waiting"
    result = ""
    if driver is not None and state in ("waiting", "skipped") and driver.state != "SUCCEEDED":
        # The driver reads the inputs before there is a pod for the task itself.
        state = _STATES.get(driver.state, "waiting")
        result = "preparing" if state == "running" else ""
        own = driver
    elif own is not None and own.state == "PENDING":
        result = "waiting for a machine"
    elif own is None and driver is not None and driver.state == "SUCCEEDED" and not ended:
        state = "running"
        own = driver
    if ended and state in ("waiting", "running"):
        # The run is over: it never started, or was stopped with the run.
        state, result = "skipped", ""
    started = own.started if own and state != "waiting" else None
    finished = own.finished if own and state in ("done", "failed") else None
    return NodeRecord(
        id=task.node_id,
        upstream=task.upstream,
        state=state,
        started=_text(started) if started else None,
        seconds=_seconds(started, finished) if state in ("done", "failed") else None,
        result=result,
    )


def _latest(tasks: Iterable[TaskState]) -> dict[str, TaskState]:
    states: dict[str, TaskState] = {}
    for task in tasks:
        before = states.get(task.name)
        if before is None or _begun(before) <= _begun(task):
            states[task.name] = task
    return states


def _begun(task: TaskState) -> float:
    return task.started.timestamp() if task.started else 0.0


def _named_tasks(run: ServerRun) -> tuple[PackageTask, ...]:
    names = {task.name: _begun(task) for task in run.tasks}
    drivers = {name[: -len(_DRIVER)] for name in names if name.endswith(_DRIVER)} - {"root"}
    plain = {name for name in names if not name.endswith(_DRIVER) and not _INNER.search(name)}
    # The workflow's own root node has no driver; a task always has one.
    found = (plain & drivers) | drivers if drivers else plain
    order = sorted(found, key=lambda name: (names.get(name + _DRIVER, names.get(name, 0)), name))
    return tuple(PackageTask(name, name) for name in order)


def _seconds(started: datetime.datetime | None, finished: datetime.datetime | None) -> float | None:
    return (finished - started).total_seconds() if started and finished else 0.0


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


def _text(value: datetime.datetime) -> str:
    return value.isoformat(timespec="milliseconds")
