"""What is said to be lost fits the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

import kubeflow
from core import errors
from kubeflow.renderers.vertex.checks import check_vertex
from kubeflow.renderers.vertex.losses import losses
from pipeline.configuration.loading import load
from pipeline.configuration.model import PipelineConfiguration
from pipeline.configuration.parameters import run_parameters

BUCKETS = ("kubeflow.root=gs://b/root", "data.path=gs://b/trips/", "kubeflow.image=me/millrace:1")


def configuration(repository: Path, *assignments: str) -> PipelineConfiguration:
    path = repository / "configs" / "taxi.yaml"
    return load(path, assignments=(*BUCKETS, *assignments)).configuration


def test_all_run_parameters_are_lost(repository: Path) -> None:
    taxi = configuration(repository)
    count = len(run_parameters(taxi))
    assert any(
        line.startswith(f"run parameters: the values of all {count} ") for line in losses(taxi)
    )


def test_with_a_search_no_resolver_is_lost(repository: Path) -> None:
    def resolver_lost(*assignments: str) -> bool:
        lines = losses(configuration(repository, *assignments))
        return any(line.startswith("LatestHyperparameters") for line in lines)

    assert resolver_lost()
    assert not resolver_lost("tuner.enabled=true")


def test_settings_of_the_cluster_are_named_where_they_are_set(repository: Path) -> None:
    set_ = losses(configuration(repository, "kubeflow.environment={A: b}"))

    assert "kubeflow.environment" in set_[-1]


@pytest.mark.parametrize(
    ("assignment", "says"),
    [
        ("kubeflow.root=/mnt/millrace", "kubeflow.root /mnt/millrace cannot be reached"),
        ("data.path=/mnt/trips", "data.path /mnt/trips cannot be reached"),
        ("pushing.directory=/mnt/serving", "pushing.directory /mnt/serving cannot be reached"),
        ("schema_file=/tmp/schema.pbtxt", "schema.pbtxt is not in the project folder"),
        ("data.path=null", "names no data"),
        ("kubeflow.image=null", "no container image"),
    ],
)
def test_what_vertex_cannot_reach_is_refused(repository: Path, assignment: str, says: str) -> None:
    with pytest.raises(errors.UserError, match=says):
        check_vertex(configuration(repository, assignment))


def test_a_configuration_in_buckets_is_accepted(repository: Path) -> None:
    check_vertex(configuration(repository))


def test_an_unknown_name_of_the_package_is_none() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        _ = kubeflow.Nothing


@pytest.mark.parametrize("assignment", ["data.window=2", "data.ready={marker: _SUCCESS}"])
def test_spans_that_vertex_cannot_resolve_are_refused(repository: Path, assignment: str) -> None:
    spans = "data.path=gs://b/trips/span-{SPAN}/*.csv"
    with pytest.raises(errors.UserError, match="has no effect on Vertex"):
        check_vertex(configuration(repository, spans, assignment))
    check_vertex(configuration(repository, spans))
