"""Runs a pipeline on this machine: orders nodes, keeps the account, tells displays."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import errno
import os
import secrets
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from core import errors
from core.files import shown_path
from core.os_errors import explained
from metadata import run_file
from metadata.run_file import ErrorRecord, NodeRecord, RunRecord
from metadata.run_folder import RunFiles, RunFolder
from pipeline.local.events import Display, Event
from pipeline.local.preparation import Preparation
from pipeline.local.schedule import is_finished, ready_nodes
from pipeline.local.server_process import Message, ServerProcess, death

TICK_SECONDS = 0.25
# Set free where the disk is full, so that the account of how the run ended can be written.
_RESERVED_BYTES = 64 * 1024


class Stopped(Exception):
    """Somebody asked for the run to stop (Ctrl-C or SIGTERM)."""


class Runner:
    """One run, from its first node to its last.

    Args:
      preparation: What to run.
      record: The account to start from: new, or that of the run to resume.
      displays: Whoever wants to see it.
      parallel: How many nodes may run at once.
      before_end: Called with the account when all nodes have ended, before the
        run is declared over (the report is written here).
    """

    def __init__(
        self,
        preparation: Preparation,
        record: RunRecord,
        displays: Sequence[Display],
        *,
        parallel: int,
        before_end: Callable[[RunRecord], None] = lambda record: None,
    ) -> None:
        self._preparation = preparation
        self._record = record
        self._displays = displays
        self._parallel = max(1, parallel)
        self._before_end = before_end
        self._root = RunFolder(Path(preparation.root))
        self._files = RunFiles(Path(preparation.run_folder))
        self._clock: dict[str, float] = {}
        self._prepared = False
        self._graph_launched = False
        self._blessed: bool | None = None
        self._error: ErrorRecord | None = None
        self._ending = False

    def run(self) -> RunRecord:
        """Runs to the end, to a failure or until somebody stops it.

        Returns:
          The final account, also written to the run's folder.
        """
        self._files.folder.mkdir(parents=True, exist_ok=True)
        status: run_file.RunStatus
        previous = {
            number: signal.signal(number, _stop) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            self._files.reserve.write_bytes(bytes(_RESERVED_BYTES))
            self._tell(Event("run_started", content={"run_id": self._record.run_id}))
            log = self._files.log("server")
            with ServerProcess(log, self._preparation.own_folder) as server:
                server.prepare(self._preparation)
                while not self._is_over():
                    self._check_folder()
                    for message in server.receive(TICK_SECONDS):
                        self._take(message)
                    if self._error is None:
                        self._launch(server)
                    for display in self._displays:
                        display.tick(self._record)
            status = self._status()
        except Stopped:
            status = "stopped"
        except OSError as error:
            # Of the runner's own files: a full disk, say. The nodes ended with the server.
            status = self._break_off(error)
        finally:
            # From here on a second Ctrl-C may do what it always does.
            for number, handler in previous.items():
                signal.signal(number, handler)
        return self._end(status)

    def _check_folder(self) -> None:
        """Notices that somebody removed the run's folder, which nothing would make again."""
        if not self._files.folder.is_dir():
            raise FileNotFoundError(errno.ENOENT, "removed", str(self._files.folder))

    def _break_off(self, error: OSError) -> run_file.RunStatus:
        found = explained(error)
        if found is None:
            raise error
        for node in self._running():
            self._change(node.id, state="failed")
        self._error = ErrorRecord.of(found, None)
        return "failed"

    def _running(self) -> list[NodeRecord]:
        return [node for node in self._record.nodes if node.state == "running"]

    def _is_over(self) -> bool:
        if self._running():
            return False
        if self._error is not None:
            return True
        return bool(self._record.nodes) and self._prepared and is_finished(self._record)

    def _status(self) -> run_file.RunStatus:
        if self._error is not None:
            return "failed"
        return "not_blessed" if self._blessed is False else "succeeded"

    def _launch(self, server: ServerProcess) -> None:
        if not self._prepared:
            return
        if self._preparation.beam:
            if not self._graph_launched:
                self._graph_launched = True
                server.launch("")
            return
        for node_id in ready_nodes(self._record)[: self._parallel - len(self._running())]:
            server.launch(node_id)
            self._take_start(node_id)

    def _take_start(self, node_id: str) -> None:
        self._clock[node_id] = time.monotonic()
        self._change(node_id, state="running", started=run_file.utc_now(), result="")
        self._tell(Event("node_started", node_id))

    def _take(self, message: Message) -> None:
        content = message.content
        if message.kind == "prepared":
            self._take_nodes(content["nodes"])
        elif message.kind == "refused":
            self._fail(errors.error_from_json(content["error"]), None)
        elif message.kind == "gone":
            self._lose_running()
            self._fail(death(content, self._files.log("server")), None)
        elif message.kind == "died":
            self._lose_running(content["node"])
            self._fail(errors.error_from_json(content["error"]), content["node"] or None)
        elif message.kind == "started":
            self._take_start(content["node"])
        elif message.kind == "progress":
            self._take_progress(content["node"], content["text"])
        elif message.kind == "graph_over" and not is_finished(self._record) and not self._error:
            error = errors.InternalError(
                "BeamDagRunner ended before all nodes had run",
                hint="its log says why",
                code="graph-ended-early",
            )
            self._fail(error, None)
        elif message.kind == "ended":
            self._take_outcome(content)

    def _take_progress(self, node_id: str, text: str) -> None:
        node = self._record.node(node_id)
        # Its last words may arrive after its end: they come through another pipe.
        if node is not None and node.state == "running":
            self._change(node_id, result=text)
            self._tell(Event("node_progress", node_id, {"text": text}))

    def _lose_running(self, node_id: str = "") -> None:
        """Marks a node whose process died as failed; all that ran where none is named."""
        for node in self._running():
            if node_id in ("", node.id):
                seconds = round(time.monotonic() - self._clock[node.id], 3)
                self._change(node.id, state="failed", seconds=seconds)
                self._tell(Event("node_ended", node.id, {"state": "failed", "seconds": seconds}))

    def _take_nodes(self, nodes: list[dict[str, Any]]) -> None:
        known = {node.id: node for node in self._record.nodes}
        # The order in which the account lists them stays: it puts first what most waits for.
        order = {node_id: position for position, node_id in enumerate(known)}
        nodes = sorted(nodes, key=lambda node: order.get(node["id"], len(order)))
        records = []
        for node in nodes:
            record = NodeRecord(node["id"], tuple(node["upstream"]))
            earlier = known.get(node["id"])
            if earlier and earlier.state in ("done", "cached"):
                record = earlier
            elif node["finished"]:
                record = dataclasses.replace(record, state=node["finished"], result=node["result"])
            elif node["reused"]:
                record = dataclasses.replace(record, state="skipped", result="not run this time")
            records.append(record)
            self._take_verdict(node["blessed"])
        self._record = dataclasses.replace(self._record, nodes=tuple(records))
        self._prepared = True
        self._tell(Event("prepared", content={"nodes": [node["id"] for node in nodes]}))

    def _take_verdict(self, blessed: bool | None) -> None:
        """One node that does not bless the model is enough."""
        if blessed is not None:
            self._blessed = blessed and self._blessed is not False

    def _take_outcome(self, content: dict[str, Any]) -> None:
        node_id = content["node"]
        seconds = round(time.monotonic() - self._clock[node_id], 3)
        self._change(
            node_id,
            state=content["state"],
            seconds=seconds,
            result=content.get("result") or "",
        )
        self._take_verdict(content.get("blessed"))
        facts = {"state": content["state"], "seconds": seconds, "result": content.get("result")}
        self._tell(Event("node_ended", node_id, facts))
        if content.get("error"):
            self._fail(errors.error_from_json(content["error"]), node_id)

    def _fail(self, error: errors.MillraceError, node_id: str | None) -> None:
        self._error = self._error or ErrorRecord.of(error, node_id)

    def _end(self, status: run_file.RunStatus) -> RunRecord:
        self._ending = True
        there = self._files.folder.is_dir()
        if not there and status != "stopped":
            status, self._error = "failed", ErrorRecord.of(_removed(self._files.folder), None)
        with contextlib.suppress(OSError):
            self._files.reserve.unlink()
        for node in self._running():
            self._change(node.id, state="waiting", started=None, seconds=None, result="stopped")
        self._release_store()
        self._record = dataclasses.replace(
            self._record, status=status, finished=run_file.utc_now(), error=self._error
        )
        self._write()
        if self._prepared and there:
            self._before_end(self._record)
        facts: dict[str, Any] = {"status": status, "seconds": self._record.seconds}
        if self._error:
            facts["error"] = dataclasses.asdict(self._error)
        self._tell(Event("run_ended", content=facts))
        return self._record

    def _release_store(self) -> None:
        from metadata.connection import server_kind
        from metadata.leftovers import cancel_running
        from metadata.run_store import run_store
        from metadata.store import STORE_ERRORS, open_store

        try:
            connection = run_store(self._root, self._record.run_id)
            if server_kind(connection) != "sqlite" or self._root.store.exists():
                cancel_running(open_store(connection, waits=()), self._record.run_id)
        except (errors.InfrastructureError, *STORE_ERRORS) as error:
            # A store that is gone must not hide how the run ended; a resumed run clears up.
            first = (str(error).splitlines() or [""])[0]
            self._tell(Event("store_not_released", content={"reason": first}))

    def _change(self, node_id: str, **changes: Any) -> None:
        node = self._record.node(node_id)
        assert node is not None, node_id
        self._record = self._record.with_node(dataclasses.replace(node, **changes))

    def _tell(self, event: Event) -> None:
        self._write(event)
        for display in self._displays:
            display.show(event, self._record)

    def _write(self, event: Event | None = None) -> None:
        """Writes the account and an event; at the end as far as the disk lets it."""
        if self._ending and not self._files.folder.is_dir():
            return
        with contextlib.suppress(OSError) if self._ending else contextlib.nullcontext():
            if event is None or event.kind != "node_progress":
                run_file.write(self._files.folder, self._record)
            if event is not None:
                with self._files.events.open("a", encoding="utf-8") as events:
                    events.write(event.to_json() + "\n")


def _removed(folder: Path) -> errors.MillraceError:
    return errors.InfrastructureError(
        f"the folder of the run was removed while it was under way: {shown_path(folder)}",
        hint="start a new run",
        code="run-folder-removed",
    )


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped


def new_run_id(pipeline: str, root: RunFolder, *, shared_store: bool = False) -> str:
    """A new run's id: the pipeline's name and the time, with a number where taken.

    The run's folder is made here, so that two runs that start in the same
    second get two ids.

    Args:
      pipeline: The pipeline's name.
      root: The folder of all runs.
      shared_store: Whether runs of other folders and machines are in the same metadata
        store, where ids must differ as well: some random signs are added.

    Raises:
      errors.InfrastructureError: If the folder cannot be made.
    """
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%d-%H%M%S")
    if shared_store:
        now += f"-{secrets.token_hex(2)}"
    number = 1
    while True:
        run_id = f"{pipeline}-{now}" + (f"-{number}" if number > 1 else "")
        try:
            root.runs.mkdir(parents=True, exist_ok=True)
            (root.runs / run_id).mkdir()
        except FileExistsError:
            number += 1
            continue
        except OSError as error:
            raise errors.InfrastructureError(
                f"the run folder {root.root} cannot be written",
                evidence=[str(error)],
                hint="name another one with --root",
                code="run-folder",
            ) from None
        return run_id


def default_parallel() -> int:
    """How many nodes may run at once: as many as there are cores, but two at least."""
    return max(2, len(os.sched_getaffinity(0)))
