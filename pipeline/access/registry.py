"""Finding the registry that a person means."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ml_metadata

from core.errors import InfrastructureError, UserError, nearest
from metadata.connection import Connection, connection_name
from metadata.store import STORE_ERRORS
from pipeline.access.quarantine import quarantine_of
from registry.models import Models
from registry.registration import read_models


@dataclasses.dataclass(frozen=True)
class Registry:
    """The registry of one pipeline in an open store.

    Attributes:
      store: The store, open for writing.
      connection: Its connection, without a password.
      models: The models as they are now.
    """

    store: ml_metadata.MetadataStore
    connection: Connection
    models: Models


@contextmanager
def open_registry(
    root: Path, configuration: Path | None, profile: str | None, pipeline: str | None
) -> Iterator[Registry]:
    """Opens the registry that a person means, and explains what the store says meanwhile.

    Args:
      root: The folder of the runs and of a SQLite store.
      configuration: A configuration whose section `metadata` names the store; else the
        newest run's.
      profile: The configuration's overlay.
      pipeline: The pipeline; the only one of the store where it is left out.

    Raises:
      UserError: If there is no such store, or the pipeline is not in it.
      InfrastructureError: If the store does not answer.
    """
    found = quarantine_of(root, configuration, profile)
    name = connection_name(found.connection)
    store = found.open_for_changes()
    try:
        yield Registry(store, found.connection, _of_pipeline(read_models(store), pipeline, name))
    except STORE_ERRORS as error:
        raise InfrastructureError(
            f"the registry in {name} cannot be read",
            evidence=[(str(error).splitlines() or [""])[0][:200]],
            hint="try again; if another process is writing, it will finish soon",
            code="metadata-read",
        ) from error


def _of_pipeline(known: dict[str, Models], pipeline: str | None, name: str) -> Models:
    if pipeline is not None:
        if pipeline in known:
            return known[pipeline]
        near = nearest(pipeline, known)
        raise UserError(
            f"the store {name} has no models of a pipeline {pipeline}",
            evidence=[f"its pipelines: {', '.join(known)}"] if known else [],
            hint=f"did you mean {near}?" if near else "`millrace models list` lists them",
            code="unknown-pipeline",
        )
    if len(known) == 1:
        return next(iter(known.values()))
    if not known:
        return Models("")
    raise UserError(
        f"the store {name} has models of {len(known)} pipelines",
        evidence=sorted(known),
        hint="name one with --pipeline",
        code="ambiguous-pipeline",
    )
