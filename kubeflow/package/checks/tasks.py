"""Tasks: names, dependencies, and where their inputs come from."""

from __future__ import annotations

import graphlib
import re
from collections.abc import Iterator
from typing import Any

from kubeflow.package.checks.pipeline import parameter_kind
from kubeflow.package.checks.problem import Problem, shortened

# Argo's rule for tasks and templates; the compiler adds `-driver` to a task's name.
_NAME = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9]*")
_DRIVER = "-driver"
LONGEST_NAME = 128 - len(_DRIVER)
_NUMBERS = {"NUMBER_INTEGER", "NUMBER_DOUBLE"}


def check_tasks(spec: Any) -> Iterator[Problem]:
    """The rules for the tasks of the root, and for those of graphs inside it.

    Args:
      spec: The ``PipelineSpec``.
    """
    for name in sorted(spec.components):
        if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
            yield Problem("component-name", f"component {shortened(name)}", _NAME_RULE)
    yield from _check_dag(spec, spec.root)
    for name in sorted(spec.components):
        if spec.components[name].WhichOneof("implementation") == "dag":
            yield from _check_dag(spec, spec.components[name])


_NAME_RULE = (
    f"must be named with letters, digits and dashes only, at most {LONGEST_NAME} of them: "
    "it becomes a name in the Argo workflow"
)


def _check_dag(spec: Any, component: Any) -> Iterator[Problem]:
    tasks = component.dag.tasks
    for key in sorted(tasks):
        task = tasks[key]
        where = f"task {shortened(key)}"
        if len(key) > LONGEST_NAME or not _NAME.fullmatch(key):
            yield Problem("task-name", where, _NAME_RULE)
        if key.endswith(_DRIVER) and key[: -len(_DRIVER)] in tasks:
            yield Problem("task-name", where, "has the name of another task's driver")
        if task.task_info.name != key:
            yield Problem(
                "task-info",
                where,
                f"has taskInfo.name {shortened(task.task_info.name)}; the interface finds it "
                "only if both are equal",
            )
        if task.WhichOneof("iterator") == "artifact_iterator":
            yield Problem("artifact-iterator", where, "iterates over artifacts: not implemented")
        if task.retry_policy.max_retry_count < 0:
            yield Problem("retries", where, "has a negative number of retries")
        yield from _check_dependencies(key, task, tasks)
        name = task.component_ref.name
        if name not in spec.components:
            yield Problem("unknown-component", where, f"names the component {shortened(name)}")
            continue
        yield from _check_parameters(where, task, spec.components[name], component, spec)
        yield from _check_artifacts(where, task, spec.components[name], component, spec)
    yield from _check_circle(tasks)


def _check_dependencies(key: str, task: Any, tasks: Any) -> Iterator[Problem]:
    for upstream in task.dependent_tasks:
        if upstream not in tasks:
            yield Problem(
                "unknown-dependency",
                f"task {shortened(key)}",
                f"waits for {shortened(upstream)}, which the pipeline does not have",
            )


def _check_circle(tasks: Any) -> Iterator[Problem]:
    graph = {key: [up for up in tasks[key].dependent_tasks if up in tasks] for key in sorted(tasks)}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        yield Problem(
            "circle", f"task {shortened(error.args[1][0])}", f"waits for itself: {circle}"
        )


def _check_parameters(
    where: str, task: Any, component: Any, parent: Any, spec: Any
) -> Iterator[Problem]:
    wanted = component.input_definitions.parameters
    given = task.inputs.parameters
    yield from _check_wanted(where, given, wanted)
    for name in sorted(wanted):
        parameter = wanted[name]
        if name not in given:
            # The items of a loop are put in by the driver.
            if (
                not parameter.HasField("default_value")
                and not parameter.is_optional
                and task.WhichOneof("iterator") is None
            ):
                yield Problem(
                    "unbound-input", where, f"gives no value for the input {shortened(name)}"
                )
            continue
        yield from _check_source(where, name, parameter, given[name], parent, spec)


def _check_wanted(where: str, given: Any, wanted: Any) -> Iterator[Problem]:
    for name in sorted(set(given) - set(wanted)):
        yield Problem(
            "unknown-input", where, f"gives {shortened(name)}, which its component does not take"
        )


def _check_source(
    where: str, name: str, parameter: Any, source: Any, parent: Any, spec: Any
) -> Iterator[Problem]:
    kind = source.WhichOneof("kind")
    label = f"{where}, input {shortened(name)},"
    if kind == "component_input_parameter":
        known = parent.input_definitions.parameters
        if source.component_input_parameter not in known:
            yield Problem(
                "unknown-parameter",
                label,
                f"reads {shortened(source.component_input_parameter)}, which is not a parameter of "
                "the pipeline",
            )
            return
        offered = parameter_kind(known[source.component_input_parameter])
        wanted = parameter_kind(parameter)
        # The driver writes any value as text where text is wanted.
        if wanted not in ("STRING", offered) and not {wanted, offered} <= _NUMBERS:
            yield Problem("input-type", label, f"is {wanted}, the parameter is {offered}")
    elif kind == "task_output_parameter":
        output = source.task_output_parameter
        yield from _check_producer(
            label, output.producer_task, output.output_parameter_key, "parameters", parent, spec
        )
    elif kind == "runtime_value":
        if source.runtime_value.WhichOneof("value") != "constant":
            yield Problem("unbound-input", label, "has a value that only Vertex can give")
    elif kind is None:
        yield Problem("unbound-input", label, "has no source")


def _check_artifacts(
    where: str, task: Any, component: Any, parent: Any, spec: Any
) -> Iterator[Problem]:
    wanted = component.input_definitions.artifacts
    given = task.inputs.artifacts
    yield from _check_wanted(where, given, wanted)
    for name in sorted(wanted):
        if name in given and given[name].WhichOneof("kind") == "task_output_artifact":
            output = given[name].task_output_artifact
            label = f"{where}, input {shortened(name)},"
            yield from _check_producer(
                label, output.producer_task, output.output_artifact_key, "artifacts", parent, spec
            )
        elif name not in given and not wanted[name].is_optional:
            yield Problem("unbound-input", where, f"is given no artifact {shortened(name)}")


def _check_producer(
    label: str, producer: str, key: str, group: str, parent: Any, spec: Any
) -> Iterator[Problem]:
    if producer not in parent.dag.tasks:
        yield Problem(
            "unknown-producer", label, f"comes from {shortened(producer)}, which is not a task here"
        )
        return
    component = spec.components.get(parent.dag.tasks[producer].component_ref.name)
    if component is not None and key not in getattr(component.output_definitions, group):
        yield Problem(
            "unknown-producer",
            label,
            f"is the output {shortened(key)} of {shortened(producer)}, which has none of that name",
        )
