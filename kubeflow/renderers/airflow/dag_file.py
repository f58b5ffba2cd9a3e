"""Renders a task graph as a DAG file for Airflow 2 and Cloud Composer."""

from __future__ import annotations

import ast
import itertools
import re
from typing import Any

from kubeflow.graph.graph_rules import check_graph
from kubeflow.graph.task_graph import TaskGraph
from kubeflow.renderers.airflow.operators import operator
from kubeflow.renderers.airflow.options import DagOptions
from kubeflow.renderers.airflow.source import Call, Name, source
from kubeflow.renderers.airflow.templating import literal
from pipeline.configuration.parameters import RunParameter

_HEAD = '''\
"""A Millrace pipeline, a container per node.

Written by `millrace airflow compile`: change the configuration and write it again.
Needs Airflow 2 and apache-airflow-providers-cncf-kubernetes, nothing else.
"""

import datetime

from airflow.models.dag import DAG
from airflow.models.param import Param
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s
'''
_DEFINED = ("datetime", "DAG", "Param", "KubernetesPodOperator", "k8s", "dag")
_PARAM_TYPES = {
    "integer": "integer",
    "double": "number",
    "boolean": "boolean",
    "string": "string",
}
# Texts that are longer stand once at the top of the file.
_LONG = 120


def dag_file(graph: TaskGraph, options: DagOptions | None = None) -> str:
    """The graph as the text of a Python file; the same graph gives the same text.

    What only the Kubeflow interface draws is left out.

    Args:
      graph: The pipeline.
      options: What only Airflow needs to know.

    Raises:
      errors.InternalError: If the graph is broken; the node is named.
    """
    check_graph(graph)
    options = options or DagOptions()
    texts = _long_texts(graph)
    blocks = [f"{name} = {source(literal(text))}" for text, name in texts.items()]
    variables = {task.node_id: _variable(task.name) for task in graph.tasks}
    body = []
    for task in graph.tasks:
        call = operator(task, graph, options, texts)
        variable = variables[task.node_id]
        body.append(f"    {variable} = {source(call, 4, len(variable) + 3)}\n")
    for task in graph.tasks:
        if task.upstream:
            upstream = [Name(variables[node]) for node in task.upstream]
            arrow = f" >> {variables[task.node_id]}"
            body.append(f"    {source(upstream, 4, len(arrow))}{arrow}\n")
    constants = "".join(f"{line}\n" for line in [*blocks, ""]) if blocks else ""
    with_dag = f"with {source(_dag(graph, options), 0, 13)} as dag:\n"
    text = f"{_HEAD}\n{constants}{with_dag}{''.join(body)}"
    ast.parse(text)
    return text


def _long_texts(graph: TaskGraph) -> dict[str, str]:
    """Names for long literals, after the flag before them."""
    names: dict[str, str] = {}
    for task in graph.tasks:
        for before, argument in zip(("", *task.arguments), task.arguments, strict=False):
            if not isinstance(argument, str) or len(argument) <= _LONG or argument in names:
                continue
            flag = before if isinstance(before, str) else ""
            stem = re.sub(r"\W+", "_", flag, flags=re.ASCII).strip("_").upper() or "TEXT"
            stem = f"TEXT_{stem}" if not stem.isidentifier() or stem in _DEFINED else stem
            candidates = (f"{stem}_{number}" for number in itertools.count(2))
            names[argument] = next(
                name for name in itertools.chain([stem], candidates) if name not in names.values()
            )
    return names


def _variable(name: str) -> str:
    variable = name.replace("-", "_")
    try:
        Name(variable)
    except ValueError:
        return f"task_{variable}"
    return f"task_{variable}" if variable in _DEFINED else variable


def _dag(graph: TaskGraph, options: DagOptions) -> Call:
    start = Call("datetime.datetime", (2026, 1, 1), {"tzinfo": Name("datetime.timezone.utc")})
    return Call(
        "DAG",
        named={
            "dag_id": graph.name,
            "description": graph.description,
            "doc_md": f"{graph.description}\n\nMillrace {graph.version}".strip(),
            "schedule": options.schedule,
            "start_date": start,
            "catchup": False,
            "params": {item.name: _param(item) for item in graph.parameters},
            "render_template_as_native_obj": False,
            "tags": ["millrace"],
        },
    )


def _param(parameter: RunParameter) -> Call:
    kind = _PARAM_TYPES[parameter.type]
    bounds: dict[str, Any] = {}
    for bound, is_open, inside, outside in (
        (parameter.lower, parameter.lower_open, "minimum", "exclusiveMinimum"),
        (parameter.upper, parameter.upper_open, "maximum", "exclusiveMaximum"),
    ):
        if bound is not None:
            number = int(bound) if parameter.type == "integer" else float(bound)
            bounds[outside if is_open else inside] = number
    return Call(
        "Param",
        (parameter.default,),
        {
            "type": ["null", kind] if parameter.optional else kind,
            **bounds,
            "description": parameter.description,
        },
    )
