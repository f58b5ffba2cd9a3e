"""A configuration of ours as the pipeline that TFX's documentation would build for it.

Same columns, preprocessing_fn, run_fn, steps and evaluation settings as the pipeline of
`pipeline.definition`; every component, its executor and its runner are TFX's, with their
defaults.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.configuration.model import PipelineConfiguration

if TYPE_CHECKING:
    from tfx.dsl.components.base.base_node import BaseNode
    from tfx.orchestration.pipeline import Pipeline


def build_stock_pipeline(
    configuration: PipelineConfiguration, data: Path, root: Path, project: Path
) -> Pipeline:
    """Builds the stock pipeline.

    Args:
      configuration: The configuration that both sides run.
      data: The folder of CSV files.
      root: The folder of the metadata store and of all artifacts.
      project: The folder that relative paths in the configuration mean.
    """
    from tfx.orchestration import metadata, pipeline

    root.mkdir(parents=True, exist_ok=True)
    return pipeline.Pipeline(
        pipeline_name=f"stock-{configuration.name}",
        pipeline_root=str(root / "artifacts"),
        components=_components(configuration, data, root, project),
        enable_cache=True,
        metadata_connection_config=metadata.sqlite_metadata_connection_config(
            str(root / "metadata.sqlite")
        ),
    )


def _components(
    configuration: PipelineConfiguration, data: Path, root: Path, project: Path
) -> list[BaseNode]:
    from tfx import v1 as tfx

    from components.evaluator.eval_config import eval_config
    from models.signatures import prediction_key
    from models.training import RUN_FN, trainer_config
    from preprocessing.features import LABEL_KEY
    from preprocessing.preprocessing_fn import PREPROCESSING_FN, transform_config

    features, label, task = configuration.features, configuration.label, configuration.task
    hyperparameters = configuration.trainer.hyperparameters()
    example_gen = tfx.components.CsvExampleGen(
        input_base=str(data), output_config=_output_config(configuration)
    )
    examples = example_gen.outputs["examples"]
    statistics_gen = tfx.components.StatisticsGen(examples=examples)
    statistics = statistics_gen.outputs["statistics"]
    schema_gen: Any
    if configuration.schema_file is None:
        schema_gen = tfx.components.SchemaGen(statistics=statistics, infer_feature_shape=True)
    else:
        schema_gen = tfx.components.ImportSchemaGen(
            schema_file=str(project / configuration.schema_file)
        )
    schema = schema_gen.outputs["schema"]
    validator = tfx.components.ExampleValidator(statistics=statistics, schema=schema)
    transform = tfx.components.Transform(
        examples=examples,
        schema=schema,
        preprocessing_fn=PREPROCESSING_FN,
        custom_config=transform_config(features, label, task, configuration.classes),
    )
    trainer = tfx.components.Trainer(
        examples=transform.outputs["transformed_examples"],
        transform_graph=transform.outputs["transform_graph"],
        schema=schema,
        run_fn=RUN_FN,
        train_args=tfx.proto.TrainArgs(num_steps=hyperparameters.train_steps),
        eval_args=tfx.proto.EvalArgs(),
        custom_config=trainer_config(features, label, task, hyperparameters, configuration.classes),
    )
    resolver = tfx.dsl.Resolver(
        strategy_class=tfx.dsl.experimental.LatestBlessedModelStrategy,
        model=tfx.dsl.Channel(type=tfx.types.standard_artifacts.Model),
        model_blessing=tfx.dsl.Channel(type=tfx.types.standard_artifacts.ModelBlessing),
    ).with_id("LatestBlessedModel")
    evaluator = tfx.components.Evaluator(
        examples=examples,
        model=trainer.outputs["model"],
        baseline_model=resolver.outputs["model"],
        eval_config=eval_config(
            configuration.evaluation,
            task=task,
            label_key=LABEL_KEY,
            prediction_key=prediction_key(task),
        ),
        example_splits=list(configuration.evaluation.splits),
    )
    pusher = tfx.components.Pusher(
        model=trainer.outputs["model"],
        model_blessing=evaluator.outputs["blessing"],
        push_destination=tfx.proto.PushDestination(
            filesystem=tfx.proto.PushDestination.Filesystem(base_directory=str(root / "serving"))
        ),
    )
    return [
        example_gen, statistics_gen, schema_gen, validator, transform, trainer, resolver,
        evaluator, pusher,
    ]  # fmt: skip


def _output_config(configuration: PipelineConfiguration) -> Any:
    """The same split by hash of the record and weights; the hash itself is TFX's."""
    from tfx import v1 as tfx

    return tfx.proto.Output(
        split_config=tfx.proto.SplitConfig(
            splits=[
                tfx.proto.SplitConfig.Split(name=name, hash_buckets=weight)
                for name, weight in configuration.data.split.splits.items()
            ]
        )
    )
