"""``millrace``: the command line. Commands load when they are used.

Nothing here imports TensorFlow or TFX, so that ``millrace --help`` answers at once.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":
    # Before anything else is imported: `python -m` puts the working folder first.
    sys.path[0] = __file__.rpartition("/cli/")[0]

import traceback
from typing import Any

import click

from cli.lazy_group import LazyGroup
from core import errors, import_path, terminal
from core.os_errors import explained
from core.utf8 import ensure_utf8

# By name: where it is, one line of help (see `LazyGroup`). Text only: none is loaded before
# it is used.
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("cli.init", "Look at your table; write what is needed to train on it."),
    "run": ("cli.run", "Run the whole pipeline, or a part of it."),
    "resume": ("cli.resume", "Finish a run that failed or was killed."),
    "runs": ("cli.runs", "List the runs."),
    "show": ("cli.show", "Show one run: nodes, metrics, lineage."),
    "models": (
        "cli.models",
        "List, compare, promote and roll back pushed models.",
    ),
    "lineage": (
        "cli.lineage",
        "Say where a model came from and what its data became.",
    ),
    "reproduce": ("cli.reproduce", "Do a run again and compare the metrics."),
    "clean": ("cli.clean", "Remove old runs and what only they need."),
    "config": ("cli.config", "Print the resolved configuration."),
    "schema": ("cli.schema", "Infer, show, compare and amend schemas."),
    "data": ("cli.data", "Describe data; list and release refused data."),
    "sample": ("cli.sample", "Make bundled data."),
    "doctor": ("cli.doctor", "Check this machine and installation."),
    "kubeflow": (
        "cli.cluster.kubeflow_group:kubeflow",
        "Compile, upload, run and schedule on Kubeflow Pipelines.",
    ),
    "argo": ("cli.cluster.argo:argo", "Compile for Argo Workflows."),
    "airflow": ("cli.cluster.airflow:airflow", "Compile for Airflow and Cloud Composer."),
    "vertex": ("cli.cluster.vertex:vertex", "Compile for Vertex AI Pipelines."),
}


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with: millrace run configs/taxi.yaml; with your own table: millrace init --help",
)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(package_name="millrace", message="millrace %(version)s")
@click.pass_context
def millrace(context: click.Context, debug: bool) -> None:
    """Continuous training on TFX: from a table to a pushed model that can be traced."""
    context.obj = {"debug": debug}


def main(arguments: list[str] | None = None) -> None:
    """Runs the command line and exits with the code that the outcome has.

    Exit codes: 0 success, 2 the request or configuration is wrong, 3 the data is, 4 the
    model was not blessed, 5 the infrastructure failed, 70 a defect, 130 stopped.

    Args:
      arguments: The words after ``millrace``; None for the process's own.
    """
    import_path.leave_out_working_folder()
    if arguments is None:
        ensure_utf8()
    terminal.guard_streams()
    words = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in words
    # One place for it, wherever a person types it.
    words = [word for word in words if word != "--debug"]
    try:
        code: Any = millrace.main(
            args=(["--debug"] if debug else []) + words,
            prog_name="millrace",
            standalone_mode=False,
        )
    except click.exceptions.Abort:
        code = 130
    except click.exceptions.Exit as end:
        code = end.exit_code
    except click.ClickException as error:
        code = errors.UserError.exit_code
        error.show()
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        # The reader (head, say) has gone: not an error.
        sys.stderr.close()
        code = 0
    except errors.MillraceError as error:
        code = error.exit_code
        _show(error, debug)
    except Exception as error:  # noqa: BLE001 - nobody sees a traceback unasked
        wrapped = explained(error) or errors.InternalError(
            f"{type(error).__name__}: {error}",
            hint="this is a defect; run again with --debug and report what it prints",
        )
        code = wrapped.exit_code
        _show(wrapped, debug)
    sys.exit(code if isinstance(code, int) else 0)


def _show(error: errors.MillraceError, debug: bool) -> None:
    from core.error_display import print_error

    if debug:
        traceback.print_exc()
    print_error(error)


if __name__ == "__main__":
    main()
