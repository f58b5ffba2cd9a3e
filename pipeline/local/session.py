"""Start, display, report and exit code of a run."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core import errors, files, locks, terminal
from metadata import run_file
from metadata.relocation import follow_move
from metadata.run_file import NodeRecord, RunRecord
from metadata.run_folder import RunFiles, RunFolder
from metadata.settings import MetadataSettings
from pipeline.configuration.loading import component_places
from pipeline.configuration.model import PipelineConfiguration
from pipeline.definition import check_node_id, node_ids
from pipeline.identity.unchanged import identify, unchanged_run
from pipeline.local.again import evaluated_again, is_overtaken
from pipeline.local.display import STATUS_WORDS, choose_display, node_table
from pipeline.local.events import Event
from pipeline.local.preparation import Preparation
from pipeline.local.retention import apply_retention
from pipeline.local.runner import Runner, default_parallel, new_run_id
from pipeline.start import Request, find_base_run

if TYPE_CHECKING:
    from rich.console import Console

STOPPED = 130
# How often a run evaluates its model again, because others are pushed all the time.
_EVALUATIONS = 5


@dataclasses.dataclass(frozen=True)
class RunRequest:
    """What to run.

    Attributes:
      request: The configuration and where it reads and writes.
      from_nodes: Start at these nodes; empty for the whole pipeline.
      to_nodes: Stop after these; empty for the whole pipeline.
      beam: Whether TFX's own BeamDagRunner runs the nodes.
      parallel: How many nodes may run at once; None to choose.
      force: Run although nothing changed, and reuse nothing.
      as_found_by: A run whose resolvers' findings are taken, such as its baseline and its
        tuned hyperparameters; empty to look for the latest.
    """

    request: Request
    from_nodes: tuple[str, ...] = ()
    to_nodes: tuple[str, ...] = ()
    beam: bool = False
    parallel: int | None = None
    force: bool = False
    as_found_by: str = ""


def start_run(asked: RunRequest, *, as_json: bool) -> int:
    """Starts a run, shows it and waits for its end.

    Args:
      asked: What to run.
      as_json: One JSON event a line instead of what people read.

    Returns:
      The exit code.

    Raises:
      errors.MillraceError: If the run cannot start.
    """
    configuration = asked.request.loaded.configuration
    locations = asked.request.locations
    root = RunFolder(Path(locations.root))
    follow_move(root.store)
    identity = identify(configuration, locations)
    partial = bool(asked.from_nodes or asked.to_nodes)
    ids = node_ids(configuration)
    for node_id in (*asked.from_nodes, *asked.to_nodes):
        check_node_id(node_id, ids)
    shared = configuration.metadata.kind != "sqlite"
    if shared:
        _reach_store(configuration.metadata, root)
    else:
        from metadata.connection import sqlite_path

        sqlite_path(root.root)  # refuses a path that SQLite cannot open
    # Something that runs in every run has not run because nothing changed.
    uncached = any(not own.cache for own in configuration.components.values())
    if not (partial or asked.force or uncached):
        earlier = unchanged_run(root, configuration.name, identity)
        if earlier is not None:
            return _say_unchanged(earlier, root, as_json=as_json)
    base = find_base_run(root, configuration.name) if asked.from_nodes else ""
    run_id = new_run_id(configuration.name, root, shared_store=shared)
    own = root.run(run_id)
    preparation = Preparation(
        run_id=run_id,
        run_folder=str(own.folder),
        root=str(locations.root),
        project=str(locations.project),
        configuration=configuration.model_dump(mode="json"),
        from_nodes=asked.from_nodes,
        to_nodes=asked.to_nodes,
        base_run=base,
        as_found_by=asked.as_found_by,
        caching=not asked.force,
        beam=asked.beam,
        places=component_places(asked.request.loaded),
    )
    _write_configuration(own, configuration)
    files.write_text(own.folder / "preparation.json", json.dumps(preparation.to_json(), indent=1))
    record = RunRecord(
        run_id=run_id,
        pipeline=configuration.name,
        status="running",
        started=run_file.utc_now(),
        identity=run_file.Identity() if partial else identity,
        nodes=tuple(NodeRecord(node_id) for node_id in ids),
    )
    with _locked(own), locks.shared(root.use_lock(record.pipeline)):
        ended = _carry_out(preparation, record, parallel=asked.parallel, as_json=as_json)
        ended = _compared(ended, preparation, parallel=asked.parallel, as_json=as_json)
    apply_retention(root, ended, preparation.configuration, as_json=as_json)
    return exit_code(ended)


def resume_run(name: str, root_path: Path, *, parallel: int | None, as_json: bool) -> int:
    """Finishes a run that failed, was stopped or was killed.

    Args:
      name: The run's id, a unique beginning of one, or ``latest``.
      root_path: The folder of all runs.
      parallel: How many nodes may run at once; None to choose.
      as_json: One JSON event a line instead of what people read.

    Returns:
      The exit code.

    Raises:
      errors.UserError: If there is no such run, it has finished, or it still runs.
    """
    root = RunFolder(root_path.absolute())
    own = root.run(root.find(name))
    record = run_file.read(own.folder)
    with _locked(own), locks.shared(root.use_lock(record.pipeline)):
        if record.status in ("succeeded", "not_blessed"):
            raise errors.UserError(
                f"the run {record.run_id} has finished; there is nothing to resume",
                hint=f"see it with `millrace show {record.run_id}`",
                code="run-finished",
            )
        content = json.loads((own.folder / "preparation.json").read_text(encoding="utf-8"))
        preparation = dataclasses.replace(
            Preparation.from_json(content), resumed=own.pipeline.is_file()
        )
        if not Path(preparation.root).exists():
            raise errors.UserError(
                f"the run {record.run_id} cannot go on: its folder was moved",
                evidence=[f"it was {preparation.root} and is {root.root}"],
                hint="start a new one with `millrace run` and the same options",
                code="run-moved",
            )
        ended = record
        if not is_overtaken(record):
            ended = _carry_out(preparation, _waiting(record), parallel=parallel, as_json=as_json)
        ended = _compared(ended, preparation, parallel=parallel, as_json=as_json)
    apply_retention(root, ended, preparation.configuration, as_json=as_json)
    return exit_code(ended)


def _waiting(record: RunRecord) -> RunRecord:
    """The account of a run that goes on: what has not ended well waits."""
    nodes = tuple(
        node
        if node.state in ("done", "cached", "skipped")
        else dataclasses.replace(node, state="waiting", started=None, seconds=None, result="")
        for node in record.nodes
    )
    return dataclasses.replace(record, status="running", finished=None, error=None, nodes=nodes)


def _compared(
    ended: RunRecord, preparation: Preparation, *, parallel: int | None, as_json: bool
) -> RunRecord:
    """Evaluates the model of a run again as often as another became the champion meanwhile."""
    for _ in range(_EVALUATIONS):
        if not is_overtaken(ended):
            break
        preparation, record = evaluated_again(preparation, ended)
        with _locked(RunFiles(Path(preparation.run_folder))):
            if not as_json:
                click.echo(f"evaluating it again, as run {record.run_id}")
            ended = _carry_out(preparation, record, parallel=parallel, as_json=as_json)
    return ended


def _reach_store(settings: MetadataSettings, root: RunFolder) -> None:
    """Waits for a store that is a server, before anything of the run is made."""
    from metadata.connection import connection_config
    from metadata.store import open_store

    open_store(connection_config(settings, root.root))


@contextlib.contextmanager
def _locked(own: RunFiles) -> Iterator[None]:
    with locks.held(own.folder / run_file.LOCK_NAME) as had:
        if not had:
            raise errors.UserError(
                f"the run {own.folder.name} is still running",
                hint="wait for it, or stop it with Ctrl-C where it was started",
                code="run-is-running",
            )
        yield


def _write_configuration(own: RunFiles, configuration: PipelineConfiguration) -> None:
    import yaml

    values = configuration.model_dump(mode="json")
    files.write_text(own.configuration, yaml.safe_dump(values, sort_keys=False))


def _carry_out(
    preparation: Preparation, record: RunRecord, *, parallel: int | None, as_json: bool
) -> RunRecord:
    root = RunFolder(Path(preparation.root))
    own = RunFiles(Path(preparation.run_folder))
    console = terminal.console(soft_wrap=True)
    runner = Runner(
        preparation,
        record,
        [choose_display(as_json=as_json, console=terminal.console())],
        parallel=parallel or default_parallel(),
        before_end=lambda ended: _write_report(root, ended),
    )
    ended = runner.run()
    if not as_json:
        _print_end(ended, own, console)
    return ended


def exit_code(record: RunRecord) -> int:
    """The exit code of a run that ended."""
    if record.status == "stopped":
        return STOPPED
    if record.status == "not_blessed":
        return errors.ModelError.exit_code
    if record.error is not None:
        return record.error.to_error().exit_code
    return 0


def _write_report(root: RunFolder, record: RunRecord) -> None:
    import traceback

    from report.render import write_report

    try:
        write_report(root.root, record.run_id)
    except Exception:  # noqa: BLE001 - a report that cannot be drawn must not fail a good run
        log = root.run(record.run_id).log("report")
        trace = traceback.format_exc()
        try:
            files.write_text(log, trace)
            why = f"{files.shown_path(log)} says why"
        except OSError as refused:
            why = str(refused)
        click.echo(f"the report could not be written; {why}", err=True)


def _print_end(record: RunRecord, own: RunFiles, console: Console) -> None:
    from rich.text import Text

    from core.error_display import print_error

    seconds = f" in {record.seconds:.0f} s" if record.seconds is not None else ""
    style = "bold green" if record.status == "succeeded" else "bold red"
    console.print(Text(f"{record.run_id} {STATUS_WORDS[record.status]}{seconds}", style))
    if record.error is not None:
        node = record.error.node or ""
        log = own.log(node or "server")
        print_error(
            record.error.to_error(), where=node, log=files.shown_path(log) if log.exists() else ""
        )
    begun = any(node.state in ("done", "cached") for node in record.nodes)
    # Data or a request that was refused is refused again: there a new run is the way.
    passing = record.error is None or not isinstance(
        record.error.to_error(), (errors.DataError, errors.UserError)
    )
    there = own.folder.is_dir()
    if record.status in ("failed", "stopped") and begun and passing and there:
        console.print(Text(f"  finish it with: millrace resume {record.run_id}"))
    if own.report.exists():
        console.print(Text(f"report: {files.shown_path(own.report)}"))


def _say_unchanged(record: RunRecord, root: RunFolder, *, as_json: bool) -> int:
    own = root.run(record.run_id)
    if as_json:
        facts = {"run_id": record.run_id, "status": record.status, "unchanged": True}
        click.echo(Event("run_ended", content=facts).to_json())
        return exit_code(record)
    from rich.text import Text

    console = terminal.console()
    cached = tuple(dataclasses.replace(node, state="cached") for node in record.nodes)
    console.print(node_table(dataclasses.replace(record, nodes=cached)))
    console.print(
        Text(
            "nothing changed: same data, configuration and code as "
            f"{record.run_id}, which {STATUS_WORDS[record.status]}",
            "bold",
        ),
        soft_wrap=True,
    )
    console.print(Text("  run it all the same with --force"))
    if own.report.exists():
        console.print(Text(f"report: {files.shown_path(own.report)}"), soft_wrap=True)
    return exit_code(record)
