"""Start, display and exit code of an emulation."""

from __future__ import annotations

import dataclasses
import re
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core import errors, locks, terminal
from core.files import shown_path
from kubeflow.emulator.cluster_settings import secret_values
from kubeflow.emulator.failures import hidden
from kubeflow.emulator.inputs import RunFacts
from kubeflow.emulator.parameters import run_values
from kubeflow.emulator.plan import Plan, make_plan
from kubeflow.emulator.run import EmulatedRun
from kubeflow.emulator.task_folder import TaskFolder
from kubeflow.emulator.task_run import RunPlace
from kubeflow.package.run_values import check_values, configuration_of, read_assignments
from metadata import run_file
from metadata.run_file import RunRecord
from pipeline.local.display import STATUS_WORDS, choose_display
from pipeline.local.runner import default_parallel

if TYPE_CHECKING:
    from kubeflow.package.package import Package

STOPPED = 130
# A run's id is the name of its folder, and the launcher puts it into paths.
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclasses.dataclass(frozen=True)
class EmulationRequest:
    """What to run.

    Attributes:
      package: The package.
      assignments: ``name=value`` for run parameters.
      root: The folder of volumes and runs.
      project: The working folder of the tasks.
      parallel: How many tasks may run at once; None to choose.
      run_id: The run's id; None for a new UUID, as the API server makes it.
    """

    package: Package
    assignments: tuple[str, ...]
    root: Path
    project: Path
    parallel: int | None = None
    run_id: str | None = None


def emulate(request: EmulationRequest, *, as_json: bool) -> int:
    """Runs a package, shows it and waits for its end.

    Args:
      request: What to run.
      as_json: One JSON event a line instead of what people read.

    Returns:
      The exit code.

    Raises:
      errors.MillraceError: If the run cannot start.
    """
    plan = make_plan(request.package.spec, request.package.platform)
    values = run_values(plan.root_inputs, request.assignments)
    if configuration_of(request.package) is not None:
        # A package of ours says more than types: bounds are checked before anything starts.
        check_values(request.package, read_assignments(request.assignments))
    for task in plan.tasks:
        secret_values(task.name, task.cluster.secrets)
    place = _place(request)
    now = run_file.utc_now()
    facts = RunFacts(
        run_id=place.run.name,
        name=f"{plan.pipeline} {now[:19].replace('T', ' ')}",
        resource_name=f"{plan.pipeline}-{place.run.name[:5]}",
        created=f"{now[:19]}Z",
        scheduled=f"{now[:19]}Z",
        values=values,
    )
    with locks.held(place.run / "lock"):
        if not as_json:
            for line in remarks(plan, place):
                click.echo(line)
        display = choose_display(
            as_json=as_json, console=terminal.console(), loading="running the package"
        )
        parallel = request.parallel or default_parallel()
        ended = EmulatedRun(plan, facts, place, [display], parallel=parallel).run()
    if not as_json:
        _print_end(ended, plan, place)
    return exit_code(ended)


def exit_code(record: RunRecord) -> int:
    """The exit code of a run that ended."""
    if record.status == "stopped":
        return STOPPED
    return record.error.to_error().exit_code if record.error is not None else 0


def remarks(plan: Plan, place: RunPlace) -> list[str]:
    """What is different here from a cluster, for this package, a line each.

    Args:
      plan: The package's tasks.
      place: Where the run works.
    """
    mounts = {mount for task in plan.tasks for mount in task.cluster.mounts}
    secrets = {item.variable for task in plan.tasks for item in task.cluster.secrets}
    ignored = {words for task in plan.tasks for words in task.cluster.not_applied}
    if any(task.container.HasField("resources") for task in plan.tasks):
        ignored.add("resources")
    hide = [
        value
        for task in plan.tasks
        for value in secret_values(task.name, task.cluster.secrets).values()
    ]
    starts = hidden((" ".join(task.words[:3]) for task in plan.tasks), hide)
    programs = dict.fromkeys(repr(start[:60]) for start in starts)
    lines = [f"runs on this machine, with your rights: {', '.join(programs)}"]
    lines += [
        f"volume claim {mount.claim} ({mount.path}): the folder "
        f"{shown_path(mount.folder(place.volumes))}; paths in commands are rewritten to it"
        for mount in sorted(mounts, key=lambda mount: (mount.claim, mount.path, mount.sub_path))
    ]
    if secrets:
        lines.append(f"secrets out of this environment: {', '.join(sorted(secrets))}")
    if ignored:
        lines.append(f"not applied on this machine: {', '.join(sorted(ignored))}")
    return lines


def _place(request: EmulationRequest) -> RunPlace:
    root, project = request.root.absolute(), request.project.absolute()
    if not project.is_dir():
        raise errors.UserError(
            f"the project folder {project} does not exist",
            hint="name the folder that stands for the image's working folder with --project",
            code="project-missing",
        )
    if set(str(root)) & set("\"'\\\n"):
        raise errors.UserError(
            f"the folder {str(root)!r} has a quote, a backslash or a line break in its name",
            evidence=["mount paths inside quoted text are rewritten to it"],
            hint="name another one with --root",
            code="run-folder",
        )
    run_id = request.run_id or str(uuid.uuid4())
    if not _RUN_ID.fullmatch(run_id):
        raise errors.UserError(
            f"{run_id!r} cannot be a run's id",
            hint="use letters, digits, '.', '_' and '-'; leave --run-id out for a new UUID",
            code="run-id",
        )
    place = RunPlace(root / "runs" / run_id, root / "volumes", project)
    try:
        place.volumes.mkdir(parents=True, exist_ok=True)
        place.run.mkdir(parents=True)
    except FileExistsError:
        raise errors.UserError(
            f"there is a run {run_id} in {shown_path(root)}",
            hint="leave --run-id out for a new one",
            code="run-exists",
        ) from None
    except OSError as error:
        raise errors.InfrastructureError(
            f"the folder {root} cannot be written",
            evidence=[str(error)],
            hint="name another one with --root",
            code="run-folder",
        ) from None
    return place


def _print_end(record: RunRecord, plan: Plan, place: RunPlace) -> None:
    from rich.text import Text

    from core.error_display import print_error

    console = terminal.console(soft_wrap=True)
    seconds = f" in {record.seconds:.0f} s" if record.seconds is not None else ""
    style = "bold green" if record.status == "succeeded" else "bold red"
    console.print(Text(f"{record.run_id} {STATUS_WORDS[record.status]}{seconds}", style))
    if record.error is not None:
        node = record.error.node or ""
        log = next(
            (TaskFolder(place.run / task.name).log for task in plan.tasks if task.node_id == node),
            place.run,
        )
        print_error(
            record.error.to_error(), where=node, log=shown_path(log) if log.is_file() else ""
        )
    console.print(Text(f"files: {shown_path(place.run)}"))
