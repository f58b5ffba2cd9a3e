"""Waiting for a run on the server to end, and showing how it goes meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from core import errors
from kubeflow.client import failures
from kubeflow.client.account import failed_nodes, run_record
from kubeflow.client.records import ServerRun
from kubeflow.package.package_tasks import PackageTask, package_tasks
from metadata.run_file import NodeRecord, RunRecord
from pipeline.local.events import Display, Event

if TYPE_CHECKING:
    from kubeflow.client.api import KubeflowApi

# A port-forward that is restarted, or a server that moves, is back after some of these.
MOST_FAILURES = 5
_TICK_SECONDS = 0.25


def wait_for_end(
    api: KubeflowApi,
    run: ServerRun,
    display: Display,
    *,
    pipeline: str = "",
    tasks: tuple[PackageTask, ...] = (),
    poll_seconds: float = 5.0,
    timeout_seconds: float | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[ServerRun, RunRecord]:
    """Asks the server until the run has ended.

    Args:
      api: The server.
      run: The run as it was last seen.
      display: Where to show it.
      pipeline: The pipeline's name.
      tasks: Its tasks, where they are known.
      poll_seconds: The pause between two questions.
      timeout_seconds: After so long, give up waiting; the run goes on. None for never.
      clock: Seconds that only grow.
      sleep: Waits for some seconds.

    Returns:
      The run at its end, and its account.

    Raises:
      errors.InfrastructureError: If the server stays away, or the time is up.
    """
    deadline = None if timeout_seconds is None else clock() + timeout_seconds
    pipeline = pipeline or "(deleted)"
    record = run_record(run, pipeline, tasks)
    start = {"run_id": run.id, "name": run.name, "link": api.link("runs", run.id)}
    display.show(Event("run_started", content=start), record)
    display.show(Event("prepared", content={"nodes": [node.id for node in record.nodes]}), record)
    try:
        _show_changes(display, None, record)
        while not run.ended:
            pause = poll_seconds
            if deadline is not None:
                if clock() >= deadline:
                    raise _time_is_up(run, timeout_seconds or 0.0)
                pause = min(pause, max(0.0, deadline - clock()))
            _pause(pause, display, record, clock, sleep)
            run = _ask(api, run, poll_seconds, sleep)
            before, record = record, run_record(run, pipeline, tasks)
            _show_changes(display, before, record)
        display.show(Event("run_ended", content={"status": record.status}), record)
    finally:
        display.close()
    return run, record


def tasks_of(api: KubeflowApi, run: ServerRun) -> tuple[str, tuple[PackageTask, ...]]:
    """The pipeline's name and the tasks of a run, as far as the server still has them."""
    if not run.pipeline_id or not run.version_id:
        return "", ()
    try:
        spec = api.get_version(run.pipeline_id, run.version_id).spec or {}
    except errors.MillraceError as error:
        if error.code != failures.NOT_FOUND:
            raise
        return "", ()
    bare = spec.get("pipeline_spec", spec)
    return str(bare.get("pipelineInfo", {}).get("name", "")), package_tasks(spec)


def failure(api: KubeflowApi, run: ServerRun, record: RunRecord) -> errors.InfrastructureError:
    """What to say of a run that failed: where, and where to look on."""
    nodes = failed_nodes(record)
    place = f" in {', '.join(nodes)}" if nodes else ""
    evidence = [f"see {api.link('runs', run.id)}"]
    if run.error:
        evidence.insert(0, f"the server says: {run.error[: failures.LONGEST_MESSAGE]}")
    return errors.InfrastructureError(
        f"the run {record.run_id} failed{place}",
        evidence=evidence,
        hint="the node's log there says why; a new run reuses what has finished",
        code="run-failed",
    )


def _show_changes(display: Display, before: RunRecord | None, record: RunRecord) -> None:
    for node in record.nodes:
        known = before.node(node.id) if before else None
        state = known.state if known else "waiting"
        if node.state == state:
            continue
        if node.state == "running":
            display.show(Event("node_started", node.id), record)
        elif node.state in ("done", "failed"):
            _show_end(display, node, record, started=state == "running")


def _show_end(display: Display, node: NodeRecord, record: RunRecord, *, started: bool) -> None:
    if not started:
        display.show(Event("node_started", node.id), record)
    content = {"state": node.state, "seconds": node.seconds}
    display.show(Event("node_ended", node.id, content), record)


def _ask(
    api: KubeflowApi, run: ServerRun, poll_seconds: float, sleep: Callable[[float], None]
) -> ServerRun:
    for failed in range(MOST_FAILURES):
        try:
            return api.get_run(run.id)
        except errors.InfrastructureError as error:
            is_last = failed == MOST_FAILURES - 1
            renewed = error.code == failures.UNAUTHORIZED and not failed
            if renewed and api.refresh_credentials():
                continue
            if error.code not in failures.PASSING or is_last:
                raise
            sleep(poll_seconds)
    raise AssertionError("unreachable")


def _pause(
    seconds: float,
    display: Display,
    record: RunRecord,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> None:
    end = clock() + seconds
    while (left := end - clock()) > 0:
        sleep(min(left, _TICK_SECONDS))
        display.tick(record)


def _time_is_up(run: ServerRun, seconds: float) -> errors.InfrastructureError:
    return errors.InfrastructureError(
        f"the run {run.name or run.id} has not ended after {seconds:g} s",
        evidence=["it goes on; only the waiting has ended"],
        hint=f"wait on with `millrace kubeflow wait {run.id}`",
        code="wait-timeout",
    )
