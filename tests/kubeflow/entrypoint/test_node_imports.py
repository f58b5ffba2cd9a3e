"""Which libraries a node is imported without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.deferred_imports import UNUSED_LOCALLY
from kubeflow.entrypoint.node_imports import deferred_libraries
from kubeflow.entrypoint.request import NodeRequest
from pipeline.configuration.loading import load
from pipeline.definition import Locations, node_ids


@pytest.fixture
def unused(repository: Path) -> Any:
    """What a node of the taxi pipeline does without, beyond what no node uses."""
    taxi = repository / "configs" / "taxi.yaml"

    def find(node: str, *assignments: str, root: str = "/mnt") -> set[str]:
        configuration = load(taxi, assignments=["data.path=/d", *assignments]).configuration
        locations = Locations(root=root, project=repository)
        found = deferred_libraries(NodeRequest(node, "run", configuration, locations))
        assert set(UNUSED_LOCALLY) <= set(found)
        return set(found) - set(UNUSED_LOCALLY)

    return find


def test_only_what_computes_with_tensors_imports_tensorflow(unused: Any, repository: Path) -> None:
    configuration = load(repository / "configs" / "taxi.yaml").configuration
    with_tensorflow = [node for node in node_ids(configuration) if "tensorflow" not in unused(node)]

    assert with_tensorflow == ["Transform", "Trainer", "Evaluator", "ServingValidator"]


def test_what_may_go_through_beam_keeps_beam(unused: Any) -> None:
    assert "apache_beam" in unused("ExampleGen")
    for node in ("StatisticsGen", "Transform", "Evaluator"):
        assert "apache_beam" not in unused(node)
    assert unused("ExampleGen", "beam.in_memory_bytes=0") == set()


def test_with_artifacts_in_a_bucket_only_resolvers_do_without_tensorflow(unused: Any) -> None:
    assert unused("DataGate", root="gs://b") == set()
    assert "tensorflow" in unused("LatestBlessedModel", root="gs://b")
    assert unused("ExampleGen", "data.path=gs://b/d/") == set()
    table = ("data.path=sqlite:////d/trips.db", "data.table=trips")
    assert unused("ExampleGen", *table) == unused("ExampleGen")


def test_code_of_the_projects_own_finds_every_library_whole(unused: Any) -> None:
    assert "apache_beam" in unused("Trainer")
    assert unused("Trainer", "trainer.module=my_model") == set()
