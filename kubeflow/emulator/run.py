"""One emulated run: order, side by side, account, displays, end.

Argo stops starting tasks once one has failed and lets those that run end; so does this.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import selectors
import signal
import time
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any

from core import errors
from kubeflow.emulator.inputs import RunFacts
from kubeflow.emulator.outputs import TaskOutputs
from kubeflow.emulator.plan import Plan, PlannedTask
from kubeflow.emulator.task_run import RunPlace, TaskRun
from kubeflow.emulator.watchdog import Watchdog
from metadata import run_file
from metadata.run_file import ErrorRecord, NodeRecord, RunRecord
from pipeline.local.events import Display, Event
from pipeline.local.schedule import is_finished, ready_nodes

TICK_SECONDS = 0.25
# How often a task that waits for its next attempt is looked at.
_RETRY_TICK_SECONDS = 0.02


class EmulatedRun:
    """A run of a package.

    Args:
      plan: Its tasks.
      facts: Its id, times and parameters.
      place: Where it works.
      displays: Whoever wants to see it.
      parallel: How many tasks may run at once.
    """

    def __init__(
        self,
        plan: Plan,
        facts: RunFacts,
        place: RunPlace,
        displays: Sequence[Display],
        *,
        parallel: int,
    ) -> None:
        self._facts = facts
        self._place = place
        self._displays = displays
        self._parallel = max(1, parallel)
        self._tasks = {task.node_id: task for task in plan.tasks}
        self._running: dict[str, TaskRun] = {}
        self._ended: dict[str, TaskOutputs] = {}
        self._clock: dict[str, float] = {}
        self._ids = itertools.count(1)
        self._stopped = False
        self._error: ErrorRecord | None = None
        self._record = RunRecord(
            run_id=facts.run_id,
            pipeline=plan.pipeline,
            status="running",
            started=run_file.utc_now(),
            nodes=_nodes(plan.tasks),
        )

    def run(self) -> RunRecord:
        """Runs to the end, to a failure or until somebody stops it.

        Returns:
          The final account, also written to the run's folder.
        """
        with self._closed_displays(), self._stoppable(), contextlib.closing(Watchdog()) as watchdog:
            self._tell(Event("run_started", content={"run_id": self._facts.run_id}))
            self._tell(Event("prepared", content={"nodes": list(self._tasks)}))
            try:
                while not self._is_over():
                    self._launch(watchdog)
                    self._wait()
                    for node_id in list(self._running):
                        self._advance(node_id)
                    for display in self._displays:
                        display.tick(self._record)
            finally:
                self._stop_running()
            return self._end()

    def _is_over(self) -> bool:
        if self._stopped:
            return True
        if self._running:
            return False
        return self._error is not None or is_finished(self._record)

    def _launch(self, watchdog: Watchdog) -> None:
        free = self._parallel - len(self._running)
        for node_id in ready_nodes(self._record)[: max(0, free)]:
            if self._error is not None or self._stopped:
                return
            self._clock[node_id] = time.monotonic()
            self._change(node_id, state="running", started=run_file.utc_now())
            self._tell(Event("node_started", node_id))
            try:
                self._running[node_id] = TaskRun(
                    self._tasks[node_id],
                    self._facts,
                    self._place,
                    self._ended,
                    watchdog,
                    self._ids,
                )
            except errors.MillraceError as error:
                self._finish(node_id, "failed", "", error)
            except OSError as error:
                self._finish(node_id, "failed", "", _no_folder(node_id, error))

    def _wait(self) -> None:
        """Until a process ends, a retry is due or displays want to redraw."""
        descriptors = [task.descriptor for task in self._running.values()]
        retrying = any(descriptor is None for descriptor in descriptors)
        with selectors.DefaultSelector() as selector:
            for descriptor in descriptors:
                if descriptor is not None:
                    selector.register(descriptor, selectors.EVENT_READ)
            if self._running:
                selector.select(_RETRY_TICK_SECONDS if retrying else TICK_SECONDS)

    def _advance(self, node_id: str) -> None:
        task = self._running[node_id]
        if not task.advance(lambda text: self._say(node_id, text)):
            return
        del self._running[node_id]
        if task.outputs is not None:
            self._ended[task.task.name] = task.outputs
        self._finish(node_id, task.state, task.story, task.error)

    def _finish(
        self,
        node_id: str,
        state: run_file.NodeState,
        result: str,
        error: errors.MillraceError | None,
    ) -> None:
        seconds = round(time.monotonic() - self._clock[node_id], 3)
        self._change(node_id, state=state, seconds=seconds, result=result)
        facts = {"state": state, "seconds": seconds, "result": result}
        self._tell(Event("node_ended", node_id, facts))
        if error is not None and self._error is None:
            self._error = ErrorRecord.of(error, node_id)

    def _say(self, node_id: str, text: str) -> None:
        self._change(node_id, result=text)
        self._tell(Event("node_progress", node_id, {"text": text}))

    def _stop_running(self) -> None:
        for task in self._running.values():
            task.ask_to_stop()
        for node_id, task in self._running.items():
            task.stop()
            self._change(node_id, state="waiting", started=None, seconds=None, result="stopped")
        self._running.clear()

    def _end(self) -> RunRecord:
        status: run_file.RunStatus = "succeeded"
        if self._error is not None:
            status = "failed"
        elif self._stopped:
            status = "stopped"
        self._record = dataclasses.replace(
            self._record, status=status, finished=run_file.utc_now(), error=self._error
        )
        facts: dict[str, Any] = {"status": status, "seconds": self._record.seconds}
        if self._error:
            facts["error"] = dataclasses.asdict(self._error)
        self._tell(Event("run_ended", content=facts))
        return self._record

    def _change(self, node_id: str, **fields: Any) -> None:
        node = self._record.node(node_id)
        assert node is not None
        self._record = self._record.with_node(dataclasses.replace(node, **fields))

    def _tell(self, event: Event) -> None:
        run_file.write(self._place.run, self._record)
        with (self._place.run / "events.jsonl").open("a", encoding="utf-8") as events:
            events.write(event.to_json() + "\n")
        for display in self._displays:
            display.show(event, self._record)

    @contextlib.contextmanager
    def _closed_displays(self) -> Iterator[None]:
        """Gives the terminal back, however the run ends."""
        try:
            yield
        finally:
            for display in self._displays:
                display.close()

    @contextlib.contextmanager
    def _stoppable(self) -> Iterator[None]:
        """Ctrl-C and SIGTERM end the run at its next look around, within a tick."""

        def stop(number: int, frame: FrameType | None) -> None:
            self._stopped = True

        previous = {
            number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)


def _no_folder(node_id: str, error: OSError) -> errors.MillraceError:
    return errors.InfrastructureError(
        f"the folder of {node_id} cannot be made",
        evidence=[str(error)],
        hint="is the disk full, or --root not yours?",
        code="run-folder",
    )


def _nodes(tasks: Sequence[PlannedTask]) -> tuple[NodeRecord, ...]:
    ids = {task.name: task.node_id for task in tasks}
    return tuple(
        NodeRecord(task.node_id, tuple(sorted(ids[name] for name in task.upstream)))
        for task in tasks
    )
