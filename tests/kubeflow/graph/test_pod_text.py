"""Text and resources of a pod, in the words of Kubernetes."""

from __future__ import annotations

import pytest

from kubeflow.graph.pod_resources import limits, requests
from kubeflow.graph.pod_text import default_text, described, unexpanded
from kubeflow.graph.task_graph import Resources
from pipeline.configuration.parameters import RunParameter
from tests.kubeflow.made_task_graph import as_kubelet


@pytest.mark.parametrize(
    "text", ["$(HOME)", "$$(HOME)", "$$", "a$", "^a$|$(", "$$$", "$(NOTHING)", "costs $5"]
)
def test_kubernetes_leaves_the_text_as_it_was(text: str) -> None:
    assert as_kubelet(unexpanded(text)) == text


def test_a_dollar_that_means_nothing_to_kubernetes_stays_readable() -> None:
    assert unexpanded("costs $5, ^a$") == "costs $5, ^a$"


@pytest.mark.parametrize(
    ("default", "text"),
    [(None, ""), (600, "600"), (0.001, "0.001"), (True, "true"), ('say "a"', 'say "a"')],
)
def test_a_default_is_written_as_the_entry_point_reads_it(default: object, text: str) -> None:
    assert default_text(RunParameter("a", "string", True, default, "")) == text


def test_a_description_ends_with_type_and_bounds() -> None:
    parameter = RunParameter("a", "integer", False, 5, "Steps.", lower=1)

    assert described(parameter) == "Steps. (integer, >= 1)"


def test_accelerators_and_memory_are_limited_and_cores_are_not() -> None:
    asked = Resources("500m", "4Gi", "nvidia.com/gpu", 1)

    assert requests(asked) == {"cpu": "500m", "memory": "4Gi"}
    assert limits(asked) == {"memory": "4Gi", "nvidia.com/gpu": "1"}
    assert requests(Resources()) == limits(Resources(accelerator="nvidia.com/gpu")) == {}
