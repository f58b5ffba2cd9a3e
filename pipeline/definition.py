"""One configuration becomes one TFX pipeline, whoever runs it.

The graph is the same on a laptop, in a container and in a test:

    ExampleGen -> StatisticsGen -> SchemaGen | ImportSchemaGen -> ExampleValidator
    -> DataGate (against the data accepted before) -> [training window] -> Transform
    -> [Tuner | latest tuned hyperparameters] -> Trainer
    -> Evaluator (against the latest blessed model) and [ServingValidator] -> Pusher
"""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import errors
from pipeline import data_source
from pipeline.code_digest import node_digest
from pipeline.configuration.model import PipelineConfiguration

if TYPE_CHECKING:
    from tfx.dsl.components.base.base_node import BaseNode
    from tfx.orchestration.pipeline import Pipeline
    from tfx.proto.orchestration import pipeline_pb2
    from tfx.types.channel import BaseChannel

HYPERPARAMETERS_RESOLVER = "LatestHyperparameters"
BASELINE_RESOLVER = "LatestBlessedModel"
ACCEPTED_DATA_RESOLVER = "LatestAcceptedData"
WINDOW_RESOLVER = "TrainingWindow"
SERVING_VALIDATOR = "ServingValidator"
PUSHER = "Pusher"


def node_ids(configuration: PipelineConfiguration) -> tuple[str, ...]:
    """The ids of all nodes, known without TFX, in an order in which they could run.

    Args:
      configuration: The checked configuration.
    """
    return (
        "ExampleGen",
        "StatisticsGen",
        "SchemaGen" if configuration.schema_file is None else "ImportSchemaGen",
        "ExampleValidator",
        ACCEPTED_DATA_RESOLVER,
        "DataGate",
        *([WINDOW_RESOLVER] if configuration.data.window > 1 else []),
        "Transform",
        "Tuner" if configuration.tuner.enabled else HYPERPARAMETERS_RESOLVER,
        "Trainer",
        BASELINE_RESOLVER,
        "Evaluator",
        *([SERVING_VALIDATOR] if configuration.serving_validator.enabled else []),
        PUSHER,
    )


def check_node_id(node_id: str, known: tuple[str, ...]) -> None:
    """Refuses an id that no node has.

    Raises:
      errors.UserError: With the nearest id.
    """
    if node_id not in known:
        near = errors.nearest(node_id, known)
        raise errors.UserError(
            f"the pipeline has no node {node_id!r}",
            evidence=[f"its nodes: {', '.join(known)}"],
            hint=f"did you mean {near}?" if near else "name one of these",
            code="unknown-node",
        )


@dataclasses.dataclass(frozen=True)
class Locations:
    """Where a pipeline reads and writes.

    Attributes:
      root: The folder of all artifacts and of a SQLite store; a path, or the text of a
        ``gs://`` address.
      project: The folder that relative paths in the configuration mean.
    """

    root: Path | str
    project: Path

    @property
    def artifacts(self) -> str:
        """The pipeline root."""
        return self.below_root("artifacts")

    def below_root(self, *parts: str) -> str:
        """A path or an address below the root."""
        root = str(self.root)
        if "://" in root:
            return "/".join((root.rstrip("/"), *parts))
        return str(Path(root, *parts).absolute())

    def in_project(self, path: str) -> str:
        """A path of the configuration as an absolute one."""
        return path if "://" in path else str((self.project / path).absolute())

    def schema_file(self, configuration: PipelineConfiguration) -> str | None:
        """The curated schema, None where the configuration names none.

        Raises:
          errors.UserError: If it names one that does not exist.
        """
        if configuration.schema_file is None:
            return None
        path = self.in_project(configuration.schema_file)
        if "://" not in path and not Path(path).is_file():
            raise errors.UserError(
                f"the curated schema {path} does not exist",
                hint="correct `schema_file` in the configuration, or leave it out to infer one",
                code="missing-schema",
            )
        return path

    def push_directory(self, configuration: PipelineConfiguration) -> str:
        """Where models are pushed."""
        if configuration.pushing.directory is not None:
            return self.in_project(configuration.pushing.directory)
        return self.below_root("serving", configuration.name)


def compile_pipeline(
    configuration: PipelineConfiguration,
    locations: Locations,
    *,
    run_id: str,
    caching: bool = True,
) -> pipeline_pb2.Pipeline:
    """Builds the pipeline and compiles it to TFX's intermediate representation.

    Args:
      configuration: The checked configuration.
      locations: Where to read and write.
      run_id: The id of the run, put in the place of TFX's runtime parameter.
      caching: Whether results of equal executions may be reused.

    Raises:
      errors.UserError: If the configuration names a file that does not exist.
    """
    from tfx.dsl.compiler import compiler, constants
    from tfx.orchestration.portable import runtime_parameter_utils

    from pipeline.run_identity import note_identity

    pipeline = build_pipeline(configuration, locations, caching=caching)
    compiled = compiler.Compiler().compile(pipeline)
    note_identity(compiled, configuration, locations)
    runtime_parameter_utils.substitute_runtime_parameter(
        compiled, {constants.PIPELINE_RUN_ID_PARAMETER_NAME: run_id}
    )
    return compiled


def build_pipeline(
    configuration: PipelineConfiguration, locations: Locations, *, caching: bool = True
) -> Pipeline:
    """Builds the pipeline.

    Args:
      configuration: The checked configuration.
      locations: Where to read and write.
      caching: Whether results of equal executions may be reused.

    Raises:
      errors.UserError: If the configuration names a file that does not exist, or a
        SQLite store where SQLite cannot write.
    """
    from tfx.orchestration import pipeline as tfx_pipeline

    from pipeline.metadata.connection import connection_config

    if configuration.metadata.kind == "sqlite" and "://" not in str(locations.root):
        Path(locations.root).mkdir(parents=True, exist_ok=True)
    return tfx_pipeline.Pipeline(
        pipeline_name=configuration.name,
        pipeline_root=locations.artifacts,
        components=_Nodes(configuration, locations).all(),
        enable_cache=caching,
        # Without a password: the intermediate representation is written to disk.
        metadata_connection_config=connection_config(configuration.metadata, locations.root),
        beam_pipeline_args=list(configuration.beam.arguments),
    )


def _content(path: str) -> bytes:
    from tfx.dsl.io import fileio

    with fileio.open(path, "rb") as file:
        return bytes(file.read())


def serving_statistics_digest(
    configuration: PipelineConfiguration, locations: Locations
) -> str | None:
    """The digest of the serving statistics; None for none, or none on this machine."""
    if configuration.gate.serving_statistics is None:
        return None
    path = locations.in_project(configuration.gate.serving_statistics)
    place = Path(path)
    if "://" in path or not place.exists():
        return None
    found = sorted(item for item in place.rglob("*") if item.is_file()) if place.is_dir() else []
    digest = hashlib.sha256()
    for item in found or [place]:
        if item.is_file():
            digest.update(hashlib.sha256(item.read_bytes()).digest())
    return digest.hexdigest()


class _Nodes:
    """Builds the nodes; each method makes one and says what it depends on."""

    def __init__(self, configuration: PipelineConfiguration, locations: Locations) -> None:
        self._configuration = configuration
        self._locations = locations

    def all(self) -> list[BaseNode]:
        from tfx.components import ExampleValidator

        from components.statistics_gen.component import StatisticsGen

        example_gen = self._example_gen()
        examples = example_gen.outputs["examples"]
        statistics_gen = self._flagged(StatisticsGen(examples=examples), "StatisticsGen")
        statistics = statistics_gen.outputs["statistics"]
        schema_node = self._schema(statistics)
        schema = schema_node.outputs["schema"]
        validator = ExampleValidator(statistics=statistics, schema=schema)
        accepted = self._accepted_data(examples)
        gate = self._gate(validator.outputs["anomalies"], statistics, schema, examples, accepted)
        window = self._training_window(example_gen)
        transform = self._transform(window.outputs["examples"] if window else examples, schema)
        for node in filter(None, (window, transform)):
            node.add_upstream_node(gate)
        nodes = [example_gen, statistics_gen, schema_node, validator, accepted, gate]
        nodes += [node for node in (window, transform) if node is not None]
        hyperparameters_node = self._hyperparameters(transform, schema)
        trainer = self._trainer(
            transform, schema, hyperparameters_node.outputs[self._hyperparameters_key]
        )
        baseline = self._baseline()
        evaluator = self._evaluator(examples, trainer, baseline)
        serving = self._serving_validator(examples, schema, trainer)
        pusher = self._pusher(trainer, evaluator, serving)
        nodes += [hyperparameters_node, trainer, baseline, evaluator]
        return [*nodes, *([serving] if serving else []), pusher]

    @property
    def _hyperparameters_key(self) -> str:
        return "best_hyperparameters" if self._configuration.tuner.enabled else "hyperparameters"

    def _flagged(self, node: Any, node_id: str, modules: tuple[str, ...] = ()) -> Any:
        """Gives a node its id and its executor the flags of ours."""
        from components.execution_flags import ExecutionFlags

        flags = ExecutionFlags(
            in_memory_bytes=self._configuration.beam.in_memory_bytes,
            code=node_digest(node_id, modules),
        )
        node.executor_spec.add_extra_flags(flags.to_flags())
        return node.with_id(node_id)

    def _example_gen(self) -> BaseNode:
        from components.example_gen.component import ColumnarExampleGen

        data = self._configuration.data
        assert data.path is not None, "the command line resolves data.path"
        component = data_source.example_gen(data, self._locations.project)
        if component is None:
            component = ColumnarExampleGen.from_path(
                self._locations.in_project(data.path), data.ingestion, span=data.span
            )
        return self._flagged(component, "ExampleGen")

    def _schema(self, statistics: BaseChannel) -> BaseNode:
        from tfx.components import SchemaGen
        from tfx.components.schema_gen.import_schema_gen.component import ImportSchemaGen

        path = self._locations.schema_file(self._configuration)
        if path is None:
            return SchemaGen(statistics=statistics, infer_feature_shape=True)
        node = ImportSchemaGen(schema_file=path)
        # TFX's cache sees the path only; an edited schema must count as a new one.
        content = _content(path)
        node.executor_spec.add_extra_flags([f"--content={hashlib.sha256(content).hexdigest()}"])
        return node

    def _accepted_data(self, examples: BaseChannel) -> Any:
        from tfx.dsl.components.common.resolver import Resolver
        from tfx.types import Channel
        from tfx.types.standard_artifacts import ExampleStatistics

        from components.data_gate.accepted_data import LatestAcceptedData
        from components.data_gate.artifacts import DataBlessing

        return Resolver(
            strategy_class=LatestAcceptedData,
            examples=examples,
            statistics=Channel(type=ExampleStatistics),
            blessing=Channel(type=DataBlessing),
        ).with_id(ACCEPTED_DATA_RESOLVER)

    def _gate(
        self,
        anomalies: BaseChannel,
        statistics: BaseChannel,
        schema: BaseChannel,
        examples: BaseChannel,
        accepted: Any,
    ) -> BaseNode:
        from components.data_gate.component import DataGate
        from components.data_gate.model_columns import column_kinds

        settings = self._configuration
        gate = settings.gate
        if gate.serving_statistics is not None:
            path = self._locations.in_project(gate.serving_statistics)
            gate = gate.model_copy(update={"serving_statistics": path})
        component = DataGate(
            anomalies=anomalies,
            statistics=statistics,
            schema=schema,
            examples=examples,
            baseline_statistics=accepted.outputs["statistics"],
            baseline_blessing=accepted.outputs["blessing"],
            settings=gate,
            kinds=column_kinds(settings.features),
            label=settings.label,
            task=settings.task,
            # TFX's cache sees the path only; other statistics must count as such.
            serving_digest=serving_statistics_digest(settings, self._locations),
        )
        return self._flagged(component, "DataGate")

    def _training_window(self, example_gen: Any) -> Any:
        """The spans to train on; None where it is this run's alone."""
        from tfx.dsl.components.common.resolver import Resolver
        from tfx.types import Channel
        from tfx.types.standard_artifacts import Examples

        from components.data_gate.artifacts import DataBlessing
        from components.training_window.strategy import TrainingWindow

        spans = self._configuration.data.window
        if spans == 1:
            return None
        files = {
            name: example_gen.exec_properties[name]
            for name in ("input_base", "input_config")
            if name in example_gen.exec_properties
        }
        return Resolver(
            strategy_class=TrainingWindow,
            config={"spans": spans, "files": files if len(files) > 1 else None},
            current=example_gen.outputs["examples"],
            examples=Channel(type=Examples),
            blessing=Channel(type=DataBlessing),
        ).with_id(WINDOW_RESOLVER)

    def _transform(self, examples: BaseChannel, schema: BaseChannel) -> Any:
        from components.transform.component import Transform
        from preprocessing.preprocessing_fn import PREPROCESSING_FN, transform_config

        settings = self._configuration
        module = settings.transform.module
        component = Transform(
            examples=examples,
            schema=schema,
            preprocessing_fn=f"{module}.preprocessing_fn" if module else PREPROCESSING_FN,
            custom_config=transform_config(
                settings.features, settings.label, settings.task, settings.classes
            ),
        )
        return self._flagged(component, "Transform", (module,) if module else ())

    def _hyperparameters(self, transform: Any, schema: BaseChannel) -> Any:
        from tfx.dsl.components.common.resolver import Resolver
        from tfx.types import Channel
        from tfx.types.standard_artifacts import HyperParameters

        from components.latest_hyperparameters.strategy import LatestIfAnyStrategy

        settings = self._configuration
        if not settings.tuner.enabled:
            return Resolver(
                strategy_class=LatestIfAnyStrategy,
                hyperparameters=Channel(type=HyperParameters),
            ).with_id(HYPERPARAMETERS_RESOLVER)
        from tfx.components import Tuner
        from tfx.proto import trainer_pb2

        from models.tuning import TUNER_FN, tuner_config

        module = settings.trainer.module
        component = Tuner(
            examples=transform.outputs["transformed_examples"],
            transform_graph=transform.outputs["transform_graph"],
            schema=schema,
            tuner_fn=f"{module}.tuner_fn" if module else TUNER_FN,
            train_args=trainer_pb2.TrainArgs(),
            eval_args=trainer_pb2.EvalArgs(),
            custom_config=tuner_config(
                settings.features,
                settings.label,
                settings.task,
                settings.trainer.hyperparameters(),
                settings.tuner.search(),
                settings.classes,
            ),
        )
        return self._flagged(component, "Tuner", (module,) if module else ())

    def _trainer(
        self, transform: Any, schema: BaseChannel, hyperparameters: BaseChannel
    ) -> BaseNode:
        from components.trainer.component import Trainer
        from models.training import RUN_FN, trainer_config

        settings = self._configuration
        module = settings.trainer.module
        component = Trainer(
            examples=transform.outputs["transformed_examples"],
            transform_graph=transform.outputs["transform_graph"],
            schema=schema,
            hyperparameters=hyperparameters,
            run_fn=f"{module}.run_fn" if module else RUN_FN,
            custom_config=trainer_config(
                settings.features,
                settings.label,
                settings.task,
                settings.trainer.hyperparameters(),
                settings.classes,
            ),
        )
        return self._flagged(component, "Trainer", (module,) if module else ())

    def _baseline(self) -> BaseNode:
        from tfx.dsl.components.common.resolver import Resolver
        from tfx.types import Channel
        from tfx.types.standard_artifacts import Model, ModelBlessing

        from components.champion.strategy import Champion

        return Resolver(
            strategy_class=Champion,
            model=Channel(type=Model),
            model_blessing=Channel(type=ModelBlessing),
        ).with_id(BASELINE_RESOLVER)

    def _evaluator(self, examples: BaseChannel, trainer: Any, baseline: Any) -> BaseNode:
        from components.evaluator.component import Evaluator
        from components.evaluator.eval_config import eval_config
        from components.evaluator.gates import make_gates
        from models.signatures import prediction_key
        from preprocessing.features import LABEL_KEY, raw_columns

        settings = self._configuration
        features = raw_columns(settings.features)
        component = Evaluator(
            examples=examples,
            model=trainer.outputs["model"],
            baseline_model=baseline.outputs["model"],
            eval_config=eval_config(
                settings.evaluation,
                task=settings.task,
                label_key=LABEL_KEY,
                prediction_key=prediction_key(settings.task),
            ),
            example_splits=list(settings.evaluation.splits),
            gates=make_gates(settings.evaluation, task=settings.task, features=features),
        )
        return self._flagged(component, "Evaluator")

    def _serving_validator(self, examples: BaseChannel, schema: BaseChannel, trainer: Any) -> Any:
        """Beside the Evaluator, which it does not need; None where it is switched off."""
        from components.serving_validator.component import ServingValidator
        from components.serving_validator.documented import documented_outputs
        from models.outputs import prediction_key

        settings = self._configuration
        if not settings.serving_validator.enabled:
            return None
        classes = len(settings.classes) if settings.classes else None
        # A training of the project's own documents its outputs elsewhere.
        documented = {} if settings.trainer.module else documented_outputs(settings.task, classes)
        component = ServingValidator(
            model=trainer.outputs["model"],
            examples=examples,
            schema=schema,
            settings=settings.serving_validator,
            splits=settings.evaluation.splits,
            prediction_key=prediction_key(settings.task),
            documented=documented,
        )
        return self._flagged(component, SERVING_VALIDATOR)

    def _pusher(self, trainer: Any, evaluator: Any, serving: Any) -> BaseNode:
        from tfx.proto import pusher_pb2

        from components.pusher.component import Pusher

        directory = self._locations.push_directory(self._configuration)
        return Pusher(
            model=trainer.outputs["model"],
            model_blessing=evaluator.outputs["blessing"],
            infra_blessing=serving.outputs["blessing"] if serving else None,
            push_destination=pusher_pb2.PushDestination(
                filesystem=pusher_pb2.PushDestination.Filesystem(base_directory=directory)
            ),
        )
