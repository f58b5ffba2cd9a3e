"""``millrace kubeflow emulate``: a package on this machine, with no cluster."""

from __future__ import annotations

from pathlib import Path

import click

from cli.options import json_option


@click.command()
@click.argument("package", type=click.Path(path_type=Path), metavar="PACKAGE")
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="NAME=VALUE",
    help="Give a run parameter a value, e.g. trainer.train_steps=50. May be repeated.",
)
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    default=".millrace/kubeflow",
    show_default=True,
    envvar="MILLRACE_EMULATOR_ROOT",
    help="The folder of runs and volumes.",
)
@click.option(
    "--project",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    help="The tasks' working folder, which stands for the image's; default: this folder.",
)
@click.option(
    "--parallel",
    type=click.IntRange(1, 64),
    default=None,
    help="How many tasks may run at once; default: the number of cores, at least 2.",
)
@click.option("--run-id", metavar="ID", help="The run's id; default: a new UUID.")
@click.option("--yes", is_flag=True, help="Run a package that was not compiled here unasked.")
@json_option
def emulate(
    package: Path,
    assignments: tuple[str, ...],
    root: Path,
    project: Path,
    parallel: int | None,
    run_id: str | None,
    yes: bool,
    as_json: bool,
) -> int:
    """Run the tasks of PACKAGE as processes of this machine, as Kubeflow would.

    Parameters are resolved and checked, placeholders filled in, tasks run in order, each
    as a fresh process of the packaged command, tried again as the package says. What one
    task leaves is handed to the next as Kubeflow's launcher does it. Kubeflow's own cache
    is off.

    The package's commands run as programs of yours, with your rights. One that was not
    compiled here, or was changed since, runs only if you say so: when asked, or by --yes.

    Without containers some things differ: the image is not used, volume claims are
    folders below --root, secrets are read from variables of the same name in your
    environment, resources and node selectors are not applied.

    \b
    Examples:
      millrace kubeflow emulate taxi.yaml
      millrace kubeflow emulate taxi.yaml --set trainer.train_steps=50
      MILLRACE_METADATA_PASSWORD=... millrace kubeflow emulate taxi.yaml --parallel 1

    Exit codes: 0 all tasks ended well, 2 wrong request or package, 130 stopped; else that
    of the task that failed: 3 bad data, 4 the model, 5 infrastructure or any other
    failure, 70 a defect.
    """
    from kubeflow.emulator.plan import make_plan
    from kubeflow.emulator.session import EmulationRequest
    from kubeflow.emulator.session import emulate as run
    from kubeflow.package.checker import check_package
    from kubeflow.package.compiled_packages import check_is_wanted
    from kubeflow.package.package import read_package

    read = read_package(package)
    check_package(read)
    words = [task.words for task in make_plan(read.spec, read.platform).tasks]
    check_is_wanted(read, package, words, yes)
    return run(
        EmulationRequest(read, assignments, root, project, parallel, run_id),
        as_json=as_json,
    )
