"""The fork server: imports TensorFlow and TFX once, forks a child for each node.

Started as ``python -m pipeline.local.node_server MESSAGES`` by
`server_process.ServerProcess`. It reads orders, a line of JSON each, from
standard input, and writes messages the same way to the descriptor MESSAGES:

* order ``prepare``: import, build the pipeline, write its intermediate
  representation; answer ``prepared`` with the nodes or ``refused`` with an error;
* order ``launch``: fork a child that runs one node (no name: the whole graph, with
  TFX's BeamDagRunner); answers ``started`` (in the latter case), ``progress`` any
  number of times, and ``ended`` once a node, or ``died``.

The server never starts TensorFlow's runtime itself, which is what makes
forking it safe. It ends, with all its children, when its standard input closes.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import os
import selectors
import signal
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import errors, processes, progress, terminal
from pipeline.local.outcomes import outcome_record
from pipeline.local.preparation import Preparation, prepare

if TYPE_CHECKING:
    from tfx.proto.orchestration import pipeline_pb2


class NodeServer:
    """Serves orders until its standard input closes.

    Args:
      orders: Descriptor to read orders from.
      messages: Descriptor to write messages to.
    """

    def __init__(self, orders: int, messages: int) -> None:
        self._orders = orders
        self._messages = messages
        self._selector = selectors.DefaultSelector()
        self._children: dict[int, str] = {}
        self._buffers: dict[int, bytes] = {}
        self._pipeline: pipeline_pb2.Pipeline | None = None
        self._logs = Path()

    def serve(self) -> None:
        """Handles orders and children until there are no more orders."""
        os.set_blocking(self._orders, False)
        self._selector.register(self._orders, selectors.EVENT_READ, self._read_orders)
        self._buffers[self._orders] = b""
        try:
            while self._orders in self._buffers:
                for key, _ in self._selector.select():
                    key.data()
        finally:
            for child in list(self._children):
                processes.end_group(child)

    def _say(self, **message: Any) -> None:
        _say(self._messages, **message)

    def _lines(self, descriptor: int) -> tuple[list[bytes], bool]:
        """Reads what is there; whole lines, and whether the other end is still open."""
        try:
            chunk = os.read(descriptor, 1 << 16)
        except BlockingIOError:
            return [], True
        if not chunk:
            return [], False
        *lines, rest = (self._buffers[descriptor] + chunk).split(b"\n")
        self._buffers[descriptor] = rest
        return lines, True

    def _read_orders(self) -> None:
        lines, open_ = self._lines(self._orders)
        for line in lines:
            order = json.loads(line)
            if order["order"] == "prepare":
                self._prepare(Preparation.from_json(order["preparation"]))
            else:
                self._start(order["node"])
        if not open_:
            self._selector.unregister(self._orders)
            del self._buffers[self._orders]

    def _prepare(self, preparation: Preparation) -> None:
        from pipeline.local.preload import preload
        from pipeline.nodes.launch import explain

        self._logs = Path(preparation.run_folder) / "logs"
        try:
            preload()
            prepared = prepare(preparation)
        except Exception as error:
            logging.exception("the pipeline could not be prepared")
            self._say(message="refused", error=explain(error, "the definition").to_json())
            return
        self._pipeline = prepared.pipeline
        nodes = [dataclasses.asdict(node) for node in prepared.nodes]
        self._say(message="prepared", nodes=nodes)

    def _start(self, node_id: str) -> None:
        """Launches a node; where the machine has no more to give, says so."""
        from pipeline.nodes.launch import explain

        try:
            self._launch(node_id)
        except OSError as error:
            self._say(message="died", node=node_id, error=explain(error, node_id).to_json())

    def _launch(self, node_id: str) -> None:
        """Forks a child that runs one node, or the whole graph where it is empty."""
        assert self._pipeline is not None, "launch before prepare"
        progress_read, progress_write = os.pipe()
        outcome_read, outcome_write = os.pipe()
        server = os.getpid()
        child = os.fork()
        if child == 0:
            # Nothing of the server may run in the child, whatever happens.
            try:
                # Not the orders: they are standard input, which `_run_child` replaces. Were
                # it closed here, the log would be opened under its number and be lost.
                for descriptor in (progress_read, outcome_read, self._messages):
                    os.close(descriptor)
                os.setpgid(0, 0)
                processes.die_with_parent(server)
                self._selector.close()
                _run_child(self._pipeline, node_id, self._logs, progress_write, outcome_write)
            except Exception as error:
                from pipeline.nodes.launch import explain

                logging.exception("%s could not be run", node_id or "the graph")
                died = explain(error, node_id or "the whole graph").to_json()
                _say(outcome_write, message="died", node=node_id, error=died)
                _say(outcome_write, message="over")
            finally:
                os._exit(1)
        with contextlib.suppress(OSError):
            os.setpgid(child, child)  # in the parent too: whoever is first
        os.close(progress_write)
        os.close(outcome_write)
        self._children[child] = node_id
        self._listen(progress_read, lambda: self._read_progress(progress_read, node_id))
        self._listen(outcome_read, lambda: self._read_outcome(outcome_read, child, node_id))

    def _listen(self, descriptor: int, reader: Callable[[], None]) -> None:
        self._buffers[descriptor] = b""
        self._selector.register(descriptor, selectors.EVENT_READ, reader)

    def _close(self, descriptor: int) -> None:
        self._selector.unregister(descriptor)
        del self._buffers[descriptor]
        os.close(descriptor)

    def _read_progress(self, descriptor: int, node_id: str) -> None:
        lines, open_ = self._lines(descriptor)
        if lines:
            self._say(message="progress", node=node_id, text=lines[-1].decode(errors="replace"))
        if not open_:
            self._close(descriptor)

    def _read_outcome(self, descriptor: int, child: int, node_id: str) -> None:
        lines, open_ = self._lines(descriptor)
        for line in lines:
            message = json.loads(line)
            if message["message"] == "over":
                self._children.pop(child)
                if not node_id:
                    self._say(message="graph_over")
            else:
                self._say(**message)
        if open_:
            return
        self._close(descriptor)
        _, status = os.waitpid(child, 0)
        # What the node started in its group (Beam workers, say) goes with it.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)
        if self._children.pop(child, None) is not None:
            error = _death(node_id or "the whole graph", status)
            self._say(message="died", node=node_id, error=error.to_json())


def _say(descriptor: int, **message: Any) -> None:
    content = json.dumps(message).encode() + b"\n"
    while content:
        content = content[os.write(descriptor, content) :]


def _death(node_id: str, status: int) -> errors.MillraceError:
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return errors.InternalError(
            f"the process of {node_id} exited without reporting a result (exit code {code})",
            hint="the log's last lines may say why",
            code="node-died",
        )
    name = signal.Signals(-code).name
    return errors.InfrastructureError(
        f"the process of {node_id} was killed by {name}",
        hint="if the machine ran out of memory, lower beam.in_memory_bytes; "
        "then type `millrace resume`",
        code="node-killed",
    )


def _run_child(
    pipeline: pipeline_pb2.Pipeline,
    node_id: str,
    logs: Path,
    progress_descriptor: int,
    outcome_descriptor: int,
) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    logs.mkdir(parents=True, exist_ok=True)
    log = os.open(logs / f"{node_id or 'beam'}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ[progress.DESCRIPTOR_VARIABLE] = str(progress_descriptor)
    # TFX hands the rest of the command line to executors as their flags.
    sys.argv = sys.argv[:1]

    if node_id:
        from pipeline.nodes.launch import launch_node

        outcome = launch_node(pipeline, node_id)
        _say(outcome_descriptor, message="ended", node=node_id, **outcome_record(outcome))
    else:
        from pipeline.local.beam_run import run_with_beam

        run_with_beam(pipeline, outcome_descriptor)
    _say(outcome_descriptor, message="over")
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not through the interpreter's shutdown: TensorFlow's and Arrow's threads can
    # crash it after everything is published.
    os._exit(0)


def main() -> None:
    """Serves until the parent goes."""
    processes.die_with_parent(int(sys.argv[2]))
    warnings.simplefilter("ignore")
    terminal.guard_streams()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: os.close(0))
    NodeServer(orders=0, messages=int(sys.argv[1])).serve()
    os._exit(0)


if __name__ == "__main__":
    main()
