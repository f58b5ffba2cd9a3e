"""Arguments of a task in Argo's syntax.

Argo replaces ``{{name}}`` wherever it stands in a workflow. Names of parameters have
letters, digits, ``-`` and ``_`` only, so a dot becomes a dash:
``trainer.train_steps`` is ``trainer-train_steps``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from core import errors
from kubeflow.graph.pod_text import unexpanded
from kubeflow.graph.task_graph import Argument, ParameterValue, RunId, Task
from pipeline.configuration.parameters import RunParameter

RUN_ID = "{{workflow.uid}}"
_NOT_IN_NAMES = re.compile(r"[^-a-zA-Z0-9_]")


def parameter_name(name: str) -> str:
    """The name that a run parameter has in Argo."""
    return _NOT_IN_NAMES.sub("-", name)


def check_parameter_names(parameters: Iterable[RunParameter]) -> None:
    """Refuses two run parameters that would have one name in Argo.

    Raises:
      errors.UserError: With both.
    """
    known: dict[str, str] = {}
    for parameter in parameters:
        other = known.setdefault(parameter_name(parameter.name), parameter.name)
        if other != parameter.name:
            raise errors.UserError(
                f"{other} and {parameter.name} would be one parameter in Argo",
                evidence=["Argo's names have no dots: a dot becomes a dash"],
                hint="rename one of them in the configuration",
                code="argo-parameter-name",
            )


def arguments(task: Task) -> list[str]:
    """The arguments of a task's container.

    Args:
      task: The task.

    Raises:
      errors.UserError: If a literal argument would be taken for a variable of Argo.
    """
    return [_argument(task, argument) for argument in task.arguments]


def _argument(task: Task, argument: Argument) -> str:
    if isinstance(argument, str):
        return unexpanded(_literal(task, argument))
    if isinstance(argument, RunId):
        return RUN_ID
    if isinstance(argument, ParameterValue):
        return f"{{{{workflow.parameters.{parameter_name(argument.name)}}}}}"
    raise errors.InternalError(
        f"Argo draws no outputs: {task.node_id} has {argument!r} among its arguments",
        hint="such arguments belong to `output_arguments`",
    )


def _literal(task: Task, text: str) -> str:
    if "{{" not in text:
        return text
    # Two braces in a row stand only in the texts of a JSON document; there, an escaped
    # brace means the same.
    escaped = text.replace("{{", "{\\u007b")
    try:
        if json.loads(escaped) == json.loads(text):
            return escaped
    except ValueError:
        pass
    raise errors.UserError(
        f"an argument of {task.node_id} holds {{{{, which Argo would take for a variable",
        evidence=[text if len(text) <= 200 else f"{text[:200]} ..."],
        hint="use a value without two opening braces in a row",
        code="argo-variable",
    )
