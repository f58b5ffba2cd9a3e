"""The words of a task's command line.

They are read by their number, not by their looks: a value may be empty or start with a
dash, as a threshold of -0.01 does.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import get_args

from core import errors
from kubeflow.graph.task_graph import OutputType

USAGE = """\
Usage: python -m kubeflow.entrypoint --node NODE --run-id RUN --root ROOT
         --compiled-by VERSION --configuration JSON [--set NAME VALUE]...
         [--executor-output FILE] [--output NAME TYPE PATH]...

Run one node of a pipeline, as a task of Kubeflow, Argo or Airflow does. The pipeline is
rebuilt from its configuration and the values of the run; driver, executor, publisher and
cache are TFX's own.

  --node NODE             the node, such as StatisticsGen
  --run-id RUN            the run's id, the same for all nodes of a run
  --root ROOT             the folder of all artifacts: a path, or gs://
  --compiled-by VERSION   the version of Millrace that compiled the package
  --configuration JSON    the whole configuration
  --set NAME VALUE        the value of a run parameter; may be repeated
  --executor-output FILE  where to describe the outputs for Kubeflow; or its ExecutorInput
                          as JSON, which names that file
  --output NAME TYPE PATH an output to draw, such as: report system.HTML /tmp/report

Environment: MILLRACE_METADATA_PASSWORD (of a MySQL or PostgreSQL store),
MILLRACE_TERMINATION_LOG (the file that takes a failure's reason; /dev/termination-log
where it exists), MILLRACE_DEBUG=1 (show tracebacks).

Exit codes: 0 done, cached or nothing to do, 2 wrong request or configuration, 3 bad data,
4 an unusable model, 5 infrastructure, 70 a defect, 143 stopped by SIGTERM.
"""

_WORDS = {
    "--node": 1,
    "--run-id": 1,
    "--root": 1,
    "--compiled-by": 1,
    "--configuration": 1,
    "--set": 2,
    "--executor-output": 1,
    "--output": 3,
}
_REPEATED = ("--set", "--output")
_REQUIRED = ("--node", "--run-id", "--root", "--compiled-by", "--configuration")


@dataclasses.dataclass(frozen=True)
class Output:
    """An output that the orchestrator draws.

    Attributes:
      name: Its name, such as ``report``.
      type: What it is, such as ``system.HTML``.
      path: The local file to write it to.
    """

    name: str
    type: str
    path: str


@dataclasses.dataclass(frozen=True)
class TaskArguments:
    """What a task was told.

    Attributes:
      node: The node's id.
      run_id: The run's id.
      root: The folder of all artifacts.
      compiled_by: The version of Millrace that compiled the package.
      configuration: The configuration as JSON.
      values: Texts by the name of the run parameter.
      executor_output: The file that describes the outputs; empty for none.
      outputs: What to draw.
    """

    node: str
    run_id: str
    root: str
    compiled_by: str
    configuration: str
    values: dict[str, str]
    executor_output: str
    outputs: tuple[Output, ...]


def parse_arguments(words: Sequence[str]) -> TaskArguments:
    """Reads the command line.

    Args:
      words: What follows the program.

    Raises:
      errors.UserError: If an option is unknown, incomplete, repeated or missing.
    """
    found: dict[str, list[tuple[str, ...]]] = {option: [] for option in _WORDS}
    rest = list(words)
    while rest:
        option = rest.pop(0)
        if option not in _WORDS:
            raise _unknown(option)
        count = _WORDS[option]
        values, rest = tuple(rest[:count]), rest[count:]
        if len(values) < count:
            raise _refusal(f"{option} needs {count} values, not {len(values)}")
        if found[option] and option not in _REPEATED:
            raise _refusal(f"{option} is given twice")
        found[option].append(values)
    for option in _REQUIRED:
        if not found[option] or not found[option][0][0]:
            raise _refusal(f"{option} is missing")
    if "{{" in found["--run-id"][0][0]:
        # Kubeflow before 2.5 does: all runs would count as one.
        raise _refusal(
            f"the orchestrator put no run id in the place of {found['--run-id'][0][0]!r}",
            hint="Kubeflow Pipelines must be 2.5 or later",
        )
    return TaskArguments(
        node=found["--node"][0][0],
        run_id=found["--run-id"][0][0],
        root=found["--root"][0][0],
        compiled_by=found["--compiled-by"][0][0],
        configuration=found["--configuration"][0][0],
        values=_values(found["--set"]),
        executor_output=_output_file(*found["--executor-output"][0])
        if found["--executor-output"]
        else "",
        outputs=tuple(_output(*values) for values in found["--output"]),
    )


def _values(pairs: list[tuple[str, ...]]) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, text in pairs:
        if name in values:
            raise _refusal(f"the run parameter {name} is given twice")
        values[name] = text
    return values


def _output_file(text: str) -> str:
    """A path, or the path in an ExecutorInput: all that Kubeflow's launcher can give."""
    if not text.startswith("{"):
        return text
    try:
        return str(json.loads(text)["outputs"]["outputFile"])
    except (ValueError, KeyError, TypeError):
        raise _refusal("--executor-output is neither a path nor an ExecutorInput") from None


def _output(name: str, kind: str, path: str) -> Output:
    known = get_args(OutputType)
    if kind not in known:
        raise _refusal(f"the output {name} has the type {kind}; known: {', '.join(known)}")
    return Output(name, kind, path)


def _unknown(option: str) -> errors.UserError:
    near = errors.nearest(option, _WORDS)
    return _refusal(
        f"there is no option {option[:80]!r}",
        hint=f"did you mean {near}?" if near else "",
    )


def _refusal(headline: str, hint: str = "") -> errors.UserError:
    return errors.UserError(
        headline,
        hint=hint or "tasks get their arguments from `millrace kubeflow compile`; see --help",
        code="task-arguments",
    )
