"""Texts in fields that Airflow renders with Jinja."""

from __future__ import annotations

import re

from kubeflow.graph.pod_text import unexpanded
from kubeflow.graph.task_graph import ParameterValue
from pipeline.configuration.parameters import RunParameter

RUN_ID = "{{ (dag.dag_id ~ '-' ~ run_id) | replace(':', '-') | replace('+', '-') }}"
"""Unique in one metadata store: Airflow's run ids are so only within one DAG. Without the
signs of a time, since the id also becomes part of paths."""

# What opens a template, line ends that Jinja would change, and names that some versions of
# the operator take for files of templates.
_SPECIAL = re.compile(r"\{[{%#]|\r|\n\Z|\.(json|ya?ml|sh)\Z")


def literal(text: str) -> str:
    """A text that Jinja renders to itself and Kubernetes leaves alone.

    Args:
      text: What the program must see.

    Returns:
      The text, or a template with the text as one string literal of Jinja.
    """
    text = unexpanded(text)
    return f"{{{{ {text!a} }}}}" if _SPECIAL.search(text) else text


def value(argument: ParameterValue, parameter: RunParameter) -> str:
    """A template that renders to a run parameter's value; to empty text for no value."""
    name = f"params[{argument.name!a}]"
    if parameter.optional:
        return f"{{{{ '' if {name} is none else {name} }}}}"
    return f"{{{{ {name} }}}}"
