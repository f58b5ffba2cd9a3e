"""Every pushed model becomes a version; done after each push, and whenever somebody asks.

A node that was killed after its push has recorded all that is needed, so the next look
into the registry makes up for it.
"""

from __future__ import annotations

import ml_metadata
from ml_metadata.proto import metadata_store_pb2

from core.artifact_files import local_path
from metadata.records import NODE_CONTEXT, RUN_CONTEXT, Artifact, Reader
from registry.facts import facts_of, run_facts
from registry.model_version import (
    ARTIFACT_TYPE,
    ModelVersion,
    Push,
    version_from_artifact,
    write_version,
)
from registry.models import Models, Refused
from registry.moves_record import registry_row
from registry.store_access import known_types, type_id
from registry.versioning import next_version

PUSHED_MODEL = "PushedModel"


def read_models(store: ml_metadata.MetadataStore, *, register: bool = True) -> dict[str, Models]:
    """The models of all pipelines of a store, by the pipeline's name.

    Args:
      store: The store.
      register: Whether pushes that have no version yet get one; a store that was opened
        for reading only cannot.

    Raises:
      InfrastructureError: If the store does not answer.
    """
    types = known_types(store)
    if PUSHED_MODEL not in types:
        return {}
    versions: dict[str, list[ModelVersion]] = {}
    if ARTIFACT_TYPE in types:
        for row in store.get_artifacts_by_type(ARTIFACT_TYPE):
            found = version_from_artifact(row)
            versions.setdefault(found.pipeline, []).append(found)
    known = {version.artifact for found in versions.values() for version in found}
    refused: dict[str, list[Refused]] = {}
    rows = store.get_artifacts_by_type(PUSHED_MODEL)
    ids = [row.id for row in rows if row.id not in known and _counts(row)]
    for artifact in sorted(Reader(store).artifacts(ids).values(), key=lambda a: a.id):
        pipeline, run_id = _made_by(store, artifact.id)
        if artifact.value("pushed") != 1:
            refused.setdefault(pipeline, []).append(
                Refused(
                    artifact.id,
                    run_id,
                    artifact.created.isoformat(timespec="milliseconds"),
                    str(artifact.value("refused_by") or ""),
                )
            )
        elif register:
            own = versions.setdefault(pipeline, [])
            if all(version.artifact != artifact.id for version in own):
                _register(store, artifact, pipeline, run_id, own)
    return {
        name: Models(
            name,
            tuple(sorted(versions.get(name, []), key=lambda v: (v.artifact, v.version))),
            tuple(refused.get(name, [])),
        )
        for name in sorted({*versions, *refused})
    }


def _counts(row: metadata_store_pb2.Artifact) -> bool:
    """Whether a PushedModel tells of a push or of a refusal that was not removed since."""
    states = metadata_store_pb2.Artifact
    # A blessed model that was refused left nothing live.
    refused = row.state == states.ABANDONED and "refused_by" in row.custom_properties
    return refused or row.state in (states.LIVE, states.UNKNOWN)


def _made_by(store: ml_metadata.MetadataStore, artifact_id: int) -> tuple[str, str]:
    """The pipeline and the first run that an artifact belongs to."""
    pipeline, runs = "", []
    for context in sorted(store.get_contexts_by_artifact(artifact_id), key=lambda c: c.id):
        if context.type == NODE_CONTEXT:
            pipeline = pipeline or context.name.partition(".")[0]
        elif context.type == RUN_CONTEXT:
            runs.append(context.name)
    return pipeline, runs[0] if runs else ""


def _register(
    store: ml_metadata.MetadataStore,
    artifact: Artifact,
    pipeline: str,
    run_id: str,
    known: list[ModelVersion],
) -> None:
    """Gives a pushed model its version and adds it to the known ones."""
    registry_row(store, pipeline)
    facts, model = facts_of(store, artifact.id)
    push = Push(
        number=_number(artifact.value("pushed_version")),
        destination=str(artifact.value("pushed_destination") or ""),
        when=artifact.created.isoformat(timespec="milliseconds"),
        who=str(artifact.value("pushed_by") or "")
        or run_facts(store, run_id).get("started_by", ""),
        why=f"run {run_id}",
    )
    while True:
        # Of a registration that found others done, the champion may be another now.
        champion = Models(pipeline, tuple(known)).champion
        version, reasons = next_version(facts, champion, known)
        made = ModelVersion(
            pipeline=pipeline,
            version=version,
            artifact=artifact.id,
            model=model.id if model else 0,
            uri=artifact.uri,
            blessed=True,
            reasons=reasons,
            facts=facts,
            pushes=(push,),
        )
        if add_version(store, made):
            known.append(made)
            return
        # Another process was faster, with this model or with another one.
        known[:] = [
            found
            for row in store.get_artifacts_by_type(ARTIFACT_TYPE)
            if (found := version_from_artifact(row)).pipeline == pipeline
        ]
        if any(found.artifact == artifact.id for found in known):
            return


def add_version(store: ml_metadata.MetadataStore, version: ModelVersion) -> bool:
    """Adds a version to the registry.

    Args:
      store: The store.
      version: The version.

    Returns:
      False if another process has given that version away, or has given the model one.
    """
    row = metadata_store_pb2.Artifact(
        type_id=type_id(store, ARTIFACT_TYPE),
        name=version.name,
        # Unique in the store as the name is: a model has one version, a version one model.
        external_id=f"{ARTIFACT_TYPE}/{version.artifact}",
        state=metadata_store_pb2.Artifact.LIVE,
    )
    write_version(version, row)
    try:
        [artifact_id] = store.put_artifacts([row])
    except ml_metadata.errors.AlreadyExistsError:
        return False
    context = store.get_context_by_type_and_name(RUN_CONTEXT, version.facts.run_id)
    if context is not None:
        attribution = metadata_store_pb2.Attribution(artifact_id=artifact_id, context_id=context.id)
        store.put_attributions_and_associations([attribution], [])
    return True


def version_name(store: ml_metadata.MetadataStore, pushed_model: int) -> str:
    """The version of a PushedModel artifact, empty where it has none."""
    if ARTIFACT_TYPE not in known_types(store):
        return ""
    for row in store.get_artifacts_by_type(ARTIFACT_TYPE):
        if row.custom_properties["pushed_model_id"].int_value == pushed_model:
            return str(row.custom_properties["version"].string_value)
    return ""


def _number(value: object) -> int:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() else 0


def stored_model(version: ModelVersion, store: ml_metadata.MetadataStore) -> str | None:
    """Where a version's model can still be had from: the first place that has it.

    Args:
      version: The version.
      store: The store, which knows the Trainer's own copy.

    Returns:
      A folder with a ``saved_model.pb``, None where all are gone.
    """
    places = [version.uri]
    for row in store.get_artifacts_by_id([version.model]) if version.model else []:
        places.append(f"{row.uri.rstrip('/')}/Format-Serving")
    places += [push.destination for push in reversed(version.pushes)]
    return next((place for place in places if place and _has_model(place)), None)


def is_served(destination: str) -> bool:
    """Whether a pushed folder is still there; in a bucket it is taken for being there."""
    path = local_path(destination)
    return path is None or (path / "saved_model.pb").is_file()


def _has_model(place: str) -> bool:
    path = local_path(place)
    if path is not None:
        return (path / "saved_model.pb").is_file()
    from tfx.dsl.io import fileio

    return bool(fileio.exists(f"{place.rstrip('/')}/saved_model.pb"))
