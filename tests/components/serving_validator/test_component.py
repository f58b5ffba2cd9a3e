"""The validator as a node before TFX's own Pusher, with a real metadata store."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.components.serving_validator.conftest import DOCUMENTED

SETTINGS = {"rows": 10}


class Place:
    """A SQLite store, examples and a model, and a pipeline over them."""

    def __init__(self, folder: Path, rows: list[bytes]) -> None:
        import tensorflow as tf

        self.folder = folder
        self.serving = folder / "serving"
        path = folder / "examples" / "Split-eval" / "data_tfrecord-00000-of-00001.gz"
        path.parent.mkdir(parents=True)
        with tf.io.TFRecordWriter(str(path), options="GZIP") as file:
            for row in rows:
                file.write(row)

    def take(self, model: str) -> None:
        target = self.folder / "model" / "Format-Serving"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(model, target)

    def run(self, splits: tuple[str, ...] = ("eval",)) -> Any:
        """Runs the validator and the Pusher; gives the store."""
        from ml_metadata.metadata_store import metadata_store
        from tfx.components import Pusher
        from tfx.dsl.components.common.importer import Importer
        from tfx.orchestration import metadata, pipeline
        from tfx.orchestration.local.local_dag_runner import LocalDagRunner
        from tfx.proto import pusher_pb2
        from tfx.types import standard_artifacts

        from components.serving_validator.component import ServingValidator
        from components.serving_validator.settings import ServingValidatorSettings

        examples = Importer(
            source_uri=str(self.folder / "examples"),
            artifact_type=standard_artifacts.Examples,
            properties={"split_names": '["eval"]'},
        ).with_id("Examples")
        model = Importer(
            source_uri=str(self.folder / "model"), artifact_type=standard_artifacts.Model
        ).with_id("Model")
        validator = ServingValidator(
            model=model.outputs["result"],
            examples=examples.outputs["result"],
            settings=ServingValidatorSettings.model_validate(SETTINGS),
            splits=splits,
            prediction_key="score",
            documented=DOCUMENTED,
        )
        pusher = Pusher(
            model=model.outputs["result"],
            infra_blessing=validator.outputs["blessing"],
            push_destination=pusher_pb2.PushDestination(
                filesystem=pusher_pb2.PushDestination.Filesystem(base_directory=str(self.serving))
            ),
        )
        connection = metadata.sqlite_metadata_connection_config(str(self.folder / "store.sqlite"))
        LocalDagRunner().run(
            pipeline.Pipeline(
                pipeline_name="serving",
                pipeline_root=str(self.folder / "root"),
                components=[examples, model, validator, pusher],
                enable_cache=True,
                metadata_connection_config=connection,
            )
        )
        return metadata_store.MetadataStore(connection)


@pytest.fixture
def place(tmp_path: Path, rows: list[bytes]) -> Place:
    return Place(tmp_path, rows)


def _executions(store: Any, state: str) -> list[Any]:
    runs = store.get_executions_by_type("components.serving_validator.component.ServingValidator")
    return [run for run in runs if run.last_known_state == getattr(run, state)]


def test_a_good_model_is_blessed_as_tfx_blesses_and_pushed(
    place: Place, model: Callable[[str], str]
) -> None:
    place.take(model("good"))
    store = place.run()

    [blessing] = store.get_artifacts_by_type("InfraBlessing")
    [artifact] = store.get_artifacts_by_type("Model")
    said = blessing.custom_properties
    assert said["blessed"].int_value == 1
    assert said["failed_checks"].string_value == ""
    assert said["current_model_id"].int_value == artifact.id
    assert said["latency_p50_ms"].double_value > 0
    assert Path(blessing.uri, "INFRA_BLESSED").is_file()
    report = json.loads(Path(blessing.uri, "serving_validator.json").read_text())
    assert report["blessed"] is True
    assert report["rows"] == SETTINGS["rows"]
    assert {check["state"] for check in report["checks"]} == {"passed"}
    [version] = place.serving.iterdir()
    assert (version / "saved_model.pb").is_file()


def test_an_unsafe_model_is_not_blessed_and_not_pushed(
    place: Place, model: Callable[[str], str]
) -> None:
    place.take(model("lacks an output"))
    store = place.run()

    [blessing] = store.get_artifacts_by_type("InfraBlessing")
    assert blessing.custom_properties["blessed"].int_value == 0
    assert blessing.custom_properties["failed_checks"].string_value == "shape,unexpected_inputs"
    assert Path(blessing.uri, "INFRA_NOT_BLESSED").is_file()
    assert not Path(blessing.uri, "INFRA_BLESSED").exists()
    assert not place.serving.exists()
    assert len(_executions(store, "COMPLETE")) == 1


def test_a_model_that_was_tried_is_not_tried_again(
    place: Place, model: Callable[[str], str]
) -> None:
    place.take(model("good"))
    place.run()
    store = place.run()
    assert len(_executions(store, "COMPLETE")) == 1
    assert len(_executions(store, "CACHED")) == 1


def test_a_split_without_rows_is_refused(place: Place, model: Callable[[str], str]) -> None:
    from core.errors import DataError

    place.take(model("good"))
    with pytest.raises(DataError, match="no examples to try the model with"):
        place.run(splits=("test",))
