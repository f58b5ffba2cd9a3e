"""A pipeline over spans: what is trained on, and what the gate and the evaluation look at.

Nodes run one after another in this process, through TFX's launcher, and no further than
the question needs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2 as mlmd

from metadata.connection import connection_config
from pipeline.configuration.loading import data_layer, load
from pipeline.definition import Locations, compile_pipeline, node_ids
from pipeline.nodes.launch import NodeOutcome, launch_node
from pipeline.sample.taxi import write_sample

REPOSITORY = Path(__file__).parents[2]
_ROWS = 400


class _Project:
    """A folder of spans and the metadata store of its runs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runs = 0

    def put(self, span: int, version: int, *, seed: int) -> None:
        """Writes one version of a span."""
        place = self._folder / "trips" / f"span-{span}" / f"v{version}"
        write_sample(place, rows=_ROWS, seed=seed)

    def run(self, last: str, *assignments: str) -> dict[str, NodeOutcome]:
        """Runs the nodes up to one; all of them must end well."""
        loaded = load(
            REPOSITORY / "configs" / "taxi.yaml",
            assignments=["data.window=3", "trainer.train_steps=5", *assignments],
            overrides=[data_layer(str(self._folder / "trips/span-{SPAN}/v{VERSION}/data.csv"))],
        )
        configuration = loaded.configuration
        locations = Locations(root=self._folder / "root", project=REPOSITORY)
        self._runs += 1
        compiled = compile_pipeline(configuration, locations, run_id=f"run-{self._runs}")
        names = node_ids(configuration)
        outcomes = {}
        for name in names[: names.index(last) + 1]:
            outcomes[name] = launch_node(compiled, name)
            assert outcomes[name].error is None, outcomes[name].error
        self.store = metadata_store.MetadataStore(
            connection_config(configuration.metadata, locations.root)
        )
        return outcomes

    def inputs(self, node_id: str, key: str) -> list[tuple[int, int]]:
        """The spans and versions of the Examples that the node's last execution read."""
        return self._spans(node_id, mlmd.Event.INPUT, key)

    def found(self, node_id: str, key: str) -> list[tuple[int, int]]:
        """The spans and versions of the Examples that a resolver found last."""
        return self._spans(node_id, mlmd.Event.INTERNAL_OUTPUT, key)

    def _spans(self, node_id: str, kind: Any, key: str) -> list[tuple[int, int]]:
        [context] = [c for c in self.store.get_contexts_by_type("node") if _is_of(c, node_id)]
        last = max(e.id for e in self.store.get_executions_by_context(context.id))
        ids = [
            event.artifact_id
            for event in self.store.get_events_by_execution_ids([last])
            if event.type == kind and event.path.steps[0].key == key
        ]
        return sorted(_span(artifact) for artifact in self.store.get_artifacts_by_id(ids))


def _is_of(context: Any, node_id: str) -> bool:
    return bool(context.name.endswith(f".{node_id}"))


def _span(artifact: Any) -> tuple[int, int]:
    values = artifact.custom_properties
    return values["span"].int_value, values["version"].int_value


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> _Project:
    made = _Project(tmp_path_factory.mktemp("spans"))
    made.put(1, 1, seed=1)
    made.put(3, 1, seed=3)
    made.put(4, 2, seed=4)
    made.run("DataGate", "data.span=1")
    made.run("DataGate", "data.span=3")
    return made


def test_the_model_is_trained_on_the_window_and_judged_on_the_newest_span(
    project: _Project,
) -> None:
    outcomes = project.run("Evaluator")
    assert outcomes["TrainingWindow"].result == "3 spans: 1, 3, 4"
    assert project.inputs("Transform", "examples") == [(1, 1), (3, 1), (4, 2)]
    assert project.inputs("DataGate", "examples") == [(4, 2)]
    assert project.inputs("Evaluator", "examples") == [(4, 2)]
    assert len(project.inputs("Trainer", "examples")) == 3


def test_a_reprocessed_span_enters_the_window_once_it_is_accepted(
    project: _Project, caplog: pytest.LogCaptureFixture
) -> None:
    project.put(3, 2, seed=33)
    project.run("TrainingWindow")
    assert project.found("TrainingWindow", "examples") == [(1, 1), (3, 1), (4, 2)]
    assert "span 3, version 2 was written since it was accepted" in caplog.text
    project.run("DataGate", "data.span=3")
    outcomes = project.run("TrainingWindow")
    assert outcomes["ExampleGen"].state == "cached"
    assert project.found("TrainingWindow", "examples") == [(1, 1), (3, 2), (4, 2)]
