from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from models.training import RUN_FN, trainer_config
from tests.models.small_table import FEATURES, LABEL, QUICK, SmallTable


def importer(name: str, uri: Path, artifact_type: Any, **properties: Any) -> Any:
    from tfx import v1 as tfx

    node = tfx.dsl.Importer(source_uri=str(uri), artifact_type=artifact_type, properties=properties)
    return node.with_id(name).outputs["result"]


def run_trainer(table: SmallTable, folder: Path) -> None:
    """Runs the component alone, against a SQLite store."""
    from tfx import v1 as tfx

    from components.trainer.component import Trainer

    examples = importer(
        "Examples",
        table.folder / "examples",
        tfx.types.standard_artifacts.Examples,
        split_names='["train", "eval"]',
    )
    graph = importer("Graph", table.folder / "graph", tfx.types.standard_artifacts.TransformGraph)
    trainer = Trainer(
        examples=examples,
        transform_graph=graph,
        run_fn=RUN_FN,
        custom_config=trainer_config(FEATURES, LABEL, "binary", QUICK),
    )
    nodes = [channel.producer_component for channel in (examples, graph)]
    tfx.orchestration.LocalDagRunner().run(
        tfx.dsl.Pipeline(
            pipeline_name="trainer",
            pipeline_root=str(folder / "root"),
            components=[*nodes, trainer],
            metadata_connection_config=tfx.orchestration.metadata.sqlite_metadata_connection_config(
                str(folder / "metadata.sqlite")
            ),
        )
    )


def test_the_component_leaves_a_model_its_record_and_no_checkpoints(
    small_table: SmallTable, tmp_path: Path
) -> None:
    import tensorflow as tf

    run_trainer(small_table, tmp_path)
    outputs = tmp_path / "root" / "Trainer"
    (model,) = outputs.glob("model/*/Format-Serving")
    assert set(tf.saved_model.load(str(model)).signatures) == {
        "serving_default",
        "serving_raw",
        "transform_features",
    }
    (record,) = outputs.glob("model_run/*/training.json")
    assert json.loads(record.read_text())["train_steps"] == QUICK.train_steps
    assert not list(outputs.rglob("training_state.json"))


def test_a_failed_component_goes_on_from_its_checkpoint_when_it_is_run_again(
    small_table: SmallTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import models.signatures as signatures

    def full_disk(*_: Any) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(signatures, "export", full_disk)
        with pytest.raises(OSError, match="no space"):
            execute(small_table, tmp_path, code="same")
    execute(small_table, tmp_path, code="same")
    assert record_of(tmp_path)["continued_from_step"] == QUICK.train_steps
    execute(small_table, tmp_path, code="other")
    assert record_of(tmp_path)["continued_from_step"] is None


def test_another_execution_does_not_find_the_checkpoints_of_this_one(
    small_table: SmallTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import models.signatures as signatures

    def full_disk(*_: Any) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(signatures, "export", full_disk)
        with pytest.raises(OSError, match="no space"):
            execute(small_table, tmp_path, code="same", execution="1")
    execute(small_table, tmp_path, code="same", execution="2")
    assert record_of(tmp_path)["continued_from_step"] is None


def record_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "run" / "training.json").read_text())


def execute(table: SmallTable, folder: Path, code: str, execution: str = "1") -> None:
    """Runs the executor as the launcher does, which names the state's folder at random."""
    from tfx.dsl.components.base import base_executor
    from tfx.proto import trainer_pb2
    from tfx.types import standard_artifacts
    from tfx.utils import proto_utils

    from components.execution_flags import ExecutionFlags
    from components.trainer.executor import Executor

    examples = standard_artifacts.Examples()
    examples.uri, examples.split_names = str(table.folder / "examples"), '["train", "eval"]'
    graph, model, run = (
        standard_artifacts.TransformGraph(),
        standard_artifacts.Model(),
        standard_artifacts.ModelRun(),
    )
    graph.uri, model.uri, run.uri = (
        str(table.folder / "graph"),
        str(folder / "model"),
        str(folder / "run"),
    )
    context = base_executor.BaseExecutor.Context(
        extra_flags=ExecutionFlags(code=code).to_flags(),
        unique_id=execution,
        stateful_working_dir=str(folder / "state" / uuid.uuid4().hex),
    )
    Executor(context).Do(
        {"examples": [examples], "transform_graph": [graph]},
        {"model": [model], "model_run": [run]},
        {
            "run_fn": RUN_FN,
            "train_args": proto_utils.proto_to_json(trainer_pb2.TrainArgs()),
            "eval_args": proto_utils.proto_to_json(trainer_pb2.EvalArgs()),
            "custom_config": json.dumps(
                trainer_config(
                    FEATURES, LABEL, "binary", QUICK.model_copy(update={"checkpoint_seconds": 0.0})
                )
            ),
        },
    )
