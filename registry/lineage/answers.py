"""The questions that people ask of a model or of data, answered."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import ml_metadata

from core.artifact_files import local_path
from metadata.lineage import Dataset, Lineage, trace
from models.training_record import read_training
from registry.facts import facts_of
from registry.lineage.downstream import Trained, same_data, trained_on
from registry.lineage.subject import Subject
from registry.model_version import Facts, ModelVersion
from registry.models import Models, Refused


@dataclasses.dataclass(frozen=True)
class Use:
    """A model that was trained on some data.

    Attributes:
      trained: The training.
      version: The model's version, None where it was never pushed.
      refused: Why it was not pushed, None where it was.
    """

    trained: Trained
    version: ModelVersion | None
    refused: Refused | None


@dataclasses.dataclass(frozen=True)
class Answers:
    """All answers about one subject.

    Attributes:
      subject: What was asked about.
      lineage: Its way back to the input files.
      facts: Where its model comes from, None where there is no model.
      hyperparameters: What the model was trained with.
      created_by: The run that made the subject.
      training_run: The run that trained its model.
      version: The model's version.
      refused: That the model was not pushed.
      uses: The models that were trained on the same data, by the dataset's artifact.
    """

    subject: Subject
    lineage: Lineage
    facts: Facts | None
    hyperparameters: Mapping[str, Any]
    created_by: str
    training_run: str
    version: ModelVersion | None
    refused: Refused | None
    uses: Mapping[int, tuple[Use, ...]]

    @property
    def datasets(self) -> Sequence[Dataset]:
        """The examples that it all began with."""
        return self.lineage.datasets


def answer(
    store: ml_metadata.MetadataStore, models: Iterable[Models], subject: Subject
) -> list[Answers]:
    """Answers all questions about a subject.

    Args:
      store: The store.
      models: The models of the pipelines that count.
      subject: The subject.

    Returns:
      One set of answers; for data one for each time that they were ingested with
      another content.

    Raises:
      InfrastructureError: If the store does not answer.
    """
    known = list(models)
    found: list[Answers] = []
    seen: set[int] = set()
    for artifact in subject.artifacts:
        if artifact in seen:
            continue
        lineage = trace(store, artifact)
        if subject.kind == "data":
            seen |= same_data(store, lineage.root)
        found.append(_answers(store, known, subject, lineage))
    return found


def _answers(
    store: ml_metadata.MetadataStore, models: list[Models], subject: Subject, lineage: Lineage
) -> Answers:
    root = lineage.root
    model = root if root.type == "Model" else lineage.first("model")
    step, trained = lineage.step(root.id), lineage.step(model.id) if model else None
    versions = {version.model: version for one in models for version in one.versions}
    refused = {one.artifact: one for group in models for one in group.refused}
    by_run = {one.run_id: one for group in models for one in group.refused}
    uses = {}
    for dataset in lineage.datasets:
        trainings = trained_on(store, same_data(store, dataset.artifact))
        uses[dataset.artifact.id] = tuple(
            Use(one, versions.get(one.model), by_run.get(one.run_id)) for one in trainings
        )
    return Answers(
        subject=subject,
        lineage=lineage,
        facts=facts_of(store, root.id)[0] if model else None,
        hyperparameters=_hyperparameters(lineage, model.id if model else 0),
        created_by=step.execution.run_id if step else "",
        training_run=trained.execution.run_id if trained else "",
        version=subject.version or (versions.get(model.id) if model else None),
        refused=refused.get(root.id),
        uses=uses,
    )


def _hyperparameters(lineage: Lineage, model: int) -> Mapping[str, Any]:
    """What the Trainer noted that it used, tuned or configured; else what it was told."""
    step = lineage.step(model)
    for artifact in step.execution.outputs.get("model_run", ()) if step else ():
        folder = local_path(artifact.uri)
        try:
            noted = read_training(folder).hyperparameters if folder else {}
        except (OSError, ValueError):
            noted = {}
        if noted:
            return noted
    return lineage.hyperparameters
