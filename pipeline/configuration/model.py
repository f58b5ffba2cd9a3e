"""Everything that a configuration may say."""

from __future__ import annotations

from typing import Literal

import pydantic

from components.data_gate.settings import GateSettings
from components.evaluator.settings import EvaluationSettings
from components.example_gen.settings import IngestionSettings
from components.execution_flags import DEFAULT_IN_MEMORY_BYTES
from components.serving_validator.settings import ServingValidatorSettings
from core.settings import Settings, run_parameter
from metadata.settings import MetadataSettings, SqliteStore
from models.hyperparameters import Hyperparameters, SearchSettings
from pipeline.configuration.cluster import KubeflowSettings
from pipeline.configuration.components import ComponentSettings
from pipeline.configuration.retention import RetentionSettings
from pipeline.configuration.split import with_hashed_columns
from pipeline.configuration.tables import TableSettings, check_tables
from preprocessing.features import FeatureMap

Task = Literal["binary", "multiclass", "regression"]


class DataSettings(TableSettings, IngestionSettings):
    """Where the examples come from and how they are read and split."""

    path: str | None = pydantic.Field(
        None,
        description="A file, a folder or a glob pattern; {SPAN} and {VERSION} may stand in it. "
        "Or a database: sqlite:///file.db, postgresql://user:${VARIABLE}@host/database, "
        "mysql://…, bigquery://project/dataset.table.",
    )
    sample: Literal["taxi"] | None = pydantic.Field(
        None, description="Bundled data to make and use where no path is given."
    )
    sample_rows: int = pydantic.Field(15_000, ge=1, description="Rows of the bundled data.")
    sample_seed: int = pydantic.Field(0, ge=0, description="Seed of the bundled data.")
    span: int | None = run_parameter(
        None, ge=0, description="The span to train on; the newest one where it is empty."
    )
    window: int = pydantic.Field(
        1,
        ge=1,
        le=1000,
        description="Train on so many spans: this run's, and those before it that the gate "
        "accepted. The gate, the statistics and the evaluation look at this run's alone.",
    )

    @property
    def ingestion(self) -> IngestionSettings:
        """How the files are read; the split without what the features and the label say."""
        return IngestionSettings.model_validate(
            {name: getattr(self, name) for name in IngestionSettings.model_fields}
        )

    @pydantic.model_validator(mode="after")
    def _tables_fit(self) -> DataSettings:
        # Here and not at `path`: pydantic would repeat the address, password and all.
        check_tables(self.path, self)
        if self.fingerprint == "content" and "://" in (self.path or ""):
            raise ValueError(
                "`fingerprint: content` is for files on this machine or a volume; of a bucket or "
                "a database leave it out"
            )
        return self


class TransformSettings(Settings):
    """How raw columns become model inputs."""

    module: str | None = pydantic.Field(
        None, description="Your own module with a `preprocessing_fn`, as a dotted name."
    )
    files: tuple[str, ...] = pydantic.Field(
        (),
        description="Files that it reads, as paths or patterns (tables/*.csv) relative to the "
        "project: an edit of one makes the node run again. Those that stand in the code by name "
        "count by themselves.",
    )


class TrainerSettings(Hyperparameters):
    """The model and its training."""

    module: str | None = pydantic.Field(
        None, description="Your own module with a `run_fn`, as a dotted name."
    )
    model: str | None = pydantic.Field(
        None,
        description="Your own module with a `make_model`, as a dotted name: a Keras model in the "
        "place of ours; all else of the training stays.",
    )
    files: tuple[str, ...] = pydantic.Field(
        (),
        description="Files that they read, as paths or patterns (tables/*.csv) relative to the "
        "project: an edit of one makes the node run again. Those that stand in the code by name "
        "count by themselves.",
    )

    @pydantic.model_validator(mode="after")
    def _one_of_both(self) -> TrainerSettings:
        if self.module is not None and self.model is not None:
            raise ValueError("a module with a run_fn makes its own model; name module or model")
        return self

    @property
    def own_modules(self) -> tuple[str, ...]:
        """The project's own module that takes part in the training, if there is one."""
        return tuple(filter(None, (self.module, self.model)))

    def hyperparameters(self) -> Hyperparameters:
        """The part that the model needs."""
        return Hyperparameters.model_validate(
            {name: getattr(self, name) for name in Hyperparameters.model_fields}
        )


class TunerSettings(SearchSettings):
    """The search for hyperparameters, off by default."""

    enabled: bool = pydantic.Field(
        False,
        description="Search before training. Off: the last search's result that the "
        "metadata store knows is used, else the configured values.",
    )

    def search(self) -> SearchSettings:
        """The part that the tuner needs."""
        return SearchSettings.model_validate(
            {name: getattr(self, name) for name in SearchSettings.model_fields}
        )


class PushingSettings(Settings):
    """Where blessed models go."""

    directory: str | None = pydantic.Field(
        None,
        description="A folder in TF Serving's layout; `serving/<name>` in the run folder "
        "where it is empty.",
    )
    keep: int = pydantic.Field(
        5,
        ge=0,
        description="How many old versions stay in that folder beside the champion and its "
        "predecessor. The stored models stay, so that any version can be rolled back to.",
    )
    change: Literal["major", "minor", "pipeline"] | None = pydantic.Field(
        None,
        description="Which part of the version grows when a model is pushed; found out from "
        "schema, label, metrics and code where it is empty.",
    )


class BeamSettings(Settings):
    """When work goes through Beam, and how."""

    in_memory_bytes: int = pydantic.Field(
        DEFAULT_IN_MEMORY_BYTES,
        ge=0,
        description="Inputs up to this size (bytes of examples on disk) are computed in one "
        "process over Arrow batches; larger ones go through Beam; 0 sends all there.",
    )
    arguments: tuple[str, ...] = pydantic.Field(
        (), description="Beam's own arguments, such as --runner=FlinkRunner."
    )


class PipelineConfiguration(Settings):
    """One dataset's pipeline."""

    name: str = pydantic.Field(
        pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
        max_length=63,
        description="The pipeline's name: lower case, digits and dashes.",
    )
    description: str = pydantic.Field("", description="A sentence for people.")
    data: DataSettings = pydantic.Field(default_factory=DataSettings)
    label: str = pydantic.Field(
        description="A column, or an expression over columns such as `tips > 0.2 * fare`."
    )
    task: Task = pydantic.Field("binary", description="What is predicted.")
    classes: tuple[str, ...] | None = pydantic.Field(
        None, description="The names of the classes, in order."
    )
    features: FeatureMap = pydantic.Field(description="The model's inputs and their roles.")
    schema_file: str | None = pydantic.Field(
        None, description="A curated schema (pbtxt); inferred from the data where empty."
    )
    gate: GateSettings = pydantic.Field(
        default_factory=GateSettings, description="When new data is refused."
    )
    transform: TransformSettings = pydantic.Field(default_factory=TransformSettings)
    tuner: TunerSettings = pydantic.Field(default_factory=TunerSettings)
    trainer: TrainerSettings = pydantic.Field(default_factory=TrainerSettings)
    evaluation: EvaluationSettings = pydantic.Field(default_factory=EvaluationSettings)
    serving_validator: ServingValidatorSettings = pydantic.Field(
        default_factory=ServingValidatorSettings,
        description="What a model must keep to be served.",
    )
    pushing: PushingSettings = pydantic.Field(default_factory=PushingSettings)
    retention: RetentionSettings = pydantic.Field(
        default_factory=RetentionSettings,
        description="What a local run removes when it has ended.",
    )
    components: dict[str, ComponentSettings] = pydantic.Field(
        default_factory=dict,
        description="TFX components of your own, by the node id that each gets.",
    )
    beam: BeamSettings = pydantic.Field(default_factory=BeamSettings)
    metadata: MetadataSettings = pydantic.Field(
        default_factory=SqliteStore, description="Where ML Metadata is kept."
    )
    kubeflow: KubeflowSettings = pydantic.Field(default_factory=KubeflowSettings)

    @property
    def ingestion(self) -> IngestionSettings:
        """What ExampleGen needs: how the data are read, and which columns split them."""
        features = None if self.transform.module else self.features
        return with_hashed_columns(self.data.ingestion, self.label, features)

    @property
    def own_modules(self) -> tuple[str, ...]:
        """The project's own modules that the configuration names, as dotted names."""
        named = [self.transform.module, *self.trainer.own_modules]
        named += [own.module for own in self.components.values()]
        return tuple(dict.fromkeys(filter(None, named)))

    @property
    def own_files(self) -> dict[str, tuple[str, ...]]:
        """The files that own code is declared to read, by where that stands."""
        declared = {"transform.files": self.transform.files, "trainer.files": self.trainer.files}
        declared |= {f"components.{name}.files": own.files for name, own in self.components.items()}
        return {key: patterns for key, patterns in declared.items() if patterns}
