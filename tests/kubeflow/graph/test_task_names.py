"""Node ids become names that every orchestrator takes, each of them unique."""

from __future__ import annotations

import re

import hypothesis
import pytest
from hypothesis import strategies

from kubeflow.graph.task_names import LONGEST, task_name, task_names
from pipeline.configuration.model import PipelineConfiguration
from pipeline.definition import node_ids


@pytest.mark.parametrize(
    ("node_id", "name"),
    [
        ("StatisticsGen", "statistics-gen"),
        ("LatestBlessedModel", "latest-blessed-model"),
        ("Trainer.v2", "trainer-v2"),
        ("my_TFXNode", "my-tfx-node"),
        ("2ndTrainer", "node-2nd-trainer"),
        ("模型", "node"),
    ],
)
def test_words_of_a_node_id_are_joined_with_dashes(node_id: str, name: str) -> None:
    assert task_name(node_id) == name


@hypothesis.given(strategies.lists(strategies.text(min_size=1, max_size=80), unique=True))
def test_any_ids_get_different_valid_names(ids: list[str]) -> None:
    names = task_names(ids)

    assert list(names) == ids
    assert len(set(names.values())) == len(ids)
    for name in names.values():
        assert re.fullmatch(r"[a-z]([-a-z0-9]*[a-z0-9])?", name)
        assert len(name) <= LONGEST


@hypothesis.given(strategies.text(min_size=1))
def test_a_name_stays_as_it_is(node_id: str) -> None:
    assert task_name(task_name(node_id)) == task_name(node_id)


@pytest.mark.parametrize("is_tuning", [True, False])
def test_our_own_nodes_keep_names_of_their_own(is_tuning: bool) -> None:
    configuration = PipelineConfiguration.model_validate(
        {
            "name": "taxi",
            "label": "tips",
            "features": {"fare": "numeric"},
            "tuner": {"enabled": is_tuning},
        }
    )
    names = task_names(node_ids(configuration))

    assert not any(re.search(r"-\d+$", name) for name in names.values())
