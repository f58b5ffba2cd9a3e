"""The Evaluator as a node, with a real metadata store."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def test_the_node_publishes_evaluation_and_blessing(
    examples: Any, models: Any, tmp_path: Path
) -> None:
    import tensorflow_model_analysis as tfma
    from ml_metadata.metadata_store import metadata_store
    from tfx.dsl.components.common.importer import Importer
    from tfx.orchestration import metadata, pipeline
    from tfx.orchestration.local.local_dag_runner import LocalDagRunner
    from tfx.types import standard_artifacts

    from components.evaluator.component import Evaluator
    from components.evaluator.eval_config import eval_config
    from components.evaluator.settings import EvaluationSettings

    settings = EvaluationSettings.model_validate({"metrics": {"auc": {"at_least": 0.01}}})
    data = Importer(
        source_uri=examples.uri,
        artifact_type=standard_artifacts.Examples,
        properties={"split_names": examples.split_names},
        custom_properties={"payload_format": "FORMAT_TF_EXAMPLE", "file_format": "tfrecords_gzip"},
    ).with_id("Data")
    model = Importer(
        source_uri=models("binary").uri, artifact_type=standard_artifacts.Model
    ).with_id("Model")
    evaluator = Evaluator(
        examples=data.outputs["result"],
        model=model.outputs["result"],
        eval_config=eval_config(settings, task="binary", label_key="label", prediction_key="score"),
        example_splits=["eval"],
    )
    connection = metadata.sqlite_metadata_connection_config(str(tmp_path / "metadata.sqlite"))

    LocalDagRunner().run(
        pipeline.Pipeline(
            pipeline_name="evaluation",
            pipeline_root=str(tmp_path / "root"),
            components=[data, model, evaluator],
            metadata_connection_config=connection,
        )
    )

    store = metadata_store.MetadataStore(connection)
    [blessing] = store.get_artifacts_by_type("ModelBlessing")
    [model_artifact] = store.get_artifacts_by_type("Model")
    assert blessing.custom_properties["blessed"].int_value == 1
    assert blessing.custom_properties["current_model_id"].int_value == model_artifact.id
    assert Path(blessing.uri, "BLESSED").is_file()
    [evaluation] = store.get_artifacts_by_type("ModelEvaluation")
    assert () in dict(tfma.load_eval_result(evaluation.uri).slicing_metrics)
