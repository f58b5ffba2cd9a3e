"""Which model new models are compared with, decided over a real metadata store."""

from __future__ import annotations

from typing import Any

import ml_metadata
import pytest
from ml_metadata.proto import metadata_store_pb2 as mlmd
from tfx.types import standard_artifacts

from components.champion.strategy import Champion


@pytest.fixture
def store() -> Any:
    config = mlmd.ConnectionConfig()
    config.fake_database.SetInParent()
    return ml_metadata.MetadataStore(config)


def register(store: Any, model: int, number: int, status: str = "available") -> None:
    kind = store.put_artifact_type(mlmd.ArtifactType(name="ModelVersion"))
    row = mlmd.Artifact(type_id=kind, name=f"taxi/1.{model}.0")
    row.custom_properties["model_id"].int_value = model
    row.custom_properties["number"].int_value = number
    row.custom_properties["status"].string_value = status
    store.put_artifacts([row])


def baseline(store: Any, models: int, blessed: tuple[int, ...]) -> list[int]:
    """The ids of the models that are picked out of those with ids from 1."""
    inputs: dict[str, list[Any]] = {"model": [], "model_blessing": []}
    for index in range(1, models + 1):
        model = standard_artifacts.Model()
        model.id = index
        inputs["model"].append(model)
        blessing = standard_artifacts.ModelBlessing()
        blessing.set_int_custom_property("current_model_id", index)
        blessing.set_int_custom_property("blessed", int(index in blessed))
        inputs["model_blessing"].append(blessing)
    found = Champion().resolve_artifacts(store, inputs)
    assert found is not None
    return [model.id for model in found["model"]]


def test_without_a_registry_it_is_the_latest_blessed_model(store: Any) -> None:
    assert baseline(store, 3, blessed=(1, 2)) == [2]
    assert baseline(store, 2, blessed=()) == []
    assert baseline(store, 0, blessed=()) == []


def test_a_model_that_was_blessed_and_not_pushed_is_no_baseline(store: Any) -> None:
    register(store, 1, 100)
    assert baseline(store, 2, blessed=(1, 2)) == [1]


def test_after_a_rollback_it_is_the_restored_model(store: Any) -> None:
    register(store, 1, 102)
    register(store, 2, 101, "withdrawn")
    assert baseline(store, 2, blessed=(1, 2)) == [1]


def test_a_champion_that_was_never_blessed_is_no_baseline(store: Any) -> None:
    register(store, 1, 100)
    register(store, 2, 101, "withdrawn")
    register(store, 3, 102)
    assert baseline(store, 3, blessed=(1, 2)) == [1]


def test_models_of_other_pipelines_do_not_count(store: Any) -> None:
    register(store, 77, 500)
    assert baseline(store, 2, blessed=(1, 2)) == [2]
