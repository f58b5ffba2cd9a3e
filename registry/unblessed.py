"""A version for a model that was never blessed, where a person insists."""

from __future__ import annotations

import dataclasses

import ml_metadata

from core.errors import InfrastructureError
from registry.facts import facts_of
from registry.model_version import ModelVersion
from registry.models import Models, Refused
from registry.moves import Asked, never_blessed
from registry.registration import add_version
from registry.versioning import next_version


def version_of_refused(
    store: ml_metadata.MetadataStore, models: Models, refused: Refused, asked: Asked
) -> ModelVersion:
    """Gives a refused model a version, so that it can be promoted.

    Args:
      store: The store, open for writing.
      models: The models.
      refused: The model.
      asked: What is asked for.

    Raises:
      ModelError: If nothing is forced.
      InfrastructureError: If the model is not recorded.
    """
    if not asked.force:
        raise never_blessed(f"the model of run {refused.run_id}", refused.run_id)
    facts, model = facts_of(store, refused.artifact)
    if model is None:
        raise InfrastructureError(
            f"the metadata store has no model of run {refused.run_id}",
            hint="the run ended before its model was recorded; train it again",
            code="model-not-recorded",
        )
    version, reasons = next_version(facts, models.champion, models.versions)
    made = ModelVersion(
        pipeline=models.pipeline,
        version=version,
        artifact=refused.artifact,
        model=model.id,
        uri=f"{model.uri.rstrip('/')}/Format-Serving",
        blessed=False,
        reasons=(f"never blessed; {asked.who} asked for it", *reasons),
        facts=dataclasses.replace(facts, model_digest=""),
        pushes=(),
    )
    if not add_version(store, made):
        raise InfrastructureError(
            f"{version} was given to another model at this moment",
            hint="try again",
            code="registry-busy",
        )
    return made
