"""Argo's rules, each broken once."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from core import errors
from kubeflow.renderers.argo.checker import check_workflow
from kubeflow.renderers.argo.workflow import workflow
from tests.kubeflow.made_task_graph import made_graph

Manifest = dict[str, Any]
GOOD = workflow(made_graph())


def broken(change: Callable[[Manifest], object]) -> Manifest:
    manifest = copy.deepcopy(GOOD)
    change(manifest)
    return manifest


def templates(manifest: Manifest) -> list[Manifest]:
    return manifest["spec"]["templates"]


def parameters(manifest: Manifest) -> list[Manifest]:
    return manifest["spec"]["arguments"]["parameters"]


CASES: dict[str, Callable[[Manifest], object]] = {
    "the entrypoint 'start' is not one": lambda m: m["spec"].update(entrypoint="start"),
    "'Taxi_-' is not a name": lambda m: m["metadata"].update(generateName="Taxi_-"),
    "longer than 58 characters": lambda m: m["metadata"].update(generateName="x" * 59),
    "'a.b' is not a valid name of a parameter": lambda m: parameters(m)[0].update(name="a.b"),
    "parameter gate-strict is not unique": lambda m: parameters(m)[0].update(name="gate-strict"),
    "data-span has no text as its value": lambda m: parameters(m)[0].pop("value"),
    "gate-strict is none of": lambda m: parameters(m)[3].update(value="maybe"),
    "'data_gate' among the templates": lambda m: templates(m)[1].update(name="data_gate"),
    "trainer is not unique among the templates": lambda m: templates(m).append(templates(m)[3]),
    "template trainer must be of one type": lambda m: templates(m)[3].update(suspend={}),
    "template statistics-gen must be of one type, but has none": lambda m: templates(m)[2].pop(
        "container"
    ),
    "task trainer has no template": lambda m: templates(m)[0]["dag"]["tasks"][2].update(
        template="tuner"
    ),
    "task trainer depends on tuner": lambda m: templates(m)[0]["dag"]["tasks"][2].update(
        dependencies=["tuner"]
    ),
    "wait for one another: example-gen, statistics-gen": lambda m: templates(m)[0]["dag"]["tasks"][
        0
    ].update(dependencies=["statistics-gen"]),
    "pipeline has no task": lambda m: templates(m)[0]["dag"].update(tasks=[]),
    "pipeline has a deadline": lambda m: templates(m)[0].update(activeDeadlineSeconds="5"),
    "container of trainer has no image": lambda m: templates(m)[3]["container"].pop("image"),
    "trainer mounts claim-2": lambda m: templates(m)[3]["container"]["volumeMounts"][0].update(
        name="claim-2"
    ),
    r"trainer holds \{\{workflow.name": lambda m: templates(m)[3]["container"].update(
        image="{{workflow.name}}"
    ),
    r"trainer holds \{\{open": lambda m: templates(m)[3]["container"].update(image="{{open"),
    r"the workflow holds \{\{x": lambda m: parameters(m)[1].update(description="a {{x}}"),
    r"holds \{\{workflow.parameters.data-span": lambda m: parameters(m).pop(0),
}


def test_a_good_workflow_passes() -> None:
    check_workflow(GOOD)


@pytest.mark.parametrize("says", list(CASES))
def test_a_broken_rule_is_refused_and_named(says: str) -> None:
    with pytest.raises(errors.UserError, match=says) as caught:
        check_workflow(broken(CASES[says]))
    assert caught.value.code == "argo-workflow"
