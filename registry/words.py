"""A model of the registry as a document for programs, and its facts in words."""

from __future__ import annotations

import dataclasses
from typing import Any

import ml_metadata

from core import formats
from registry.model_version import Data, ModelVersion
from registry.models import Models, Refused
from registry.moves_record import Move, moves, registry_row, under_way
from registry.registration import is_served, stored_model


def version_document(
    models: Models, version: ModelVersion, store: ml_metadata.MetadataStore
) -> dict[str, Any]:
    """All that is known of a version, as plain values.

    Args:
      models: The models that it is one of.
      version: The version.
      store: The store.
    """
    found = dataclasses.asdict(version)
    return {
        **found,
        "version": str(version.version),
        "status": version.status,
        "aliases": models.aliases_of(version),
        "number": version.number,
        "stored_at": stored_model(version, store),
        "served": [push.number for push in version.pushes if is_served(push.destination)],
    }


def models_document(models: Models, store: ml_metadata.MetadataStore) -> dict[str, Any]:
    """All models of a pipeline, as plain values."""
    current = under_way(registry_row(store, models.pipeline)) if models.pipeline else None
    return {
        "pipeline": models.pipeline,
        "aliases": dict(models.aliases),
        "versions": [version_document(models, version, store) for version in models.versions],
        "refused": [dataclasses.asdict(refused) for refused in models.refused],
        "moves": [dataclasses.asdict(move) for move in moves(store, models.pipeline)],
        "under_way": None if current is None else dataclasses.asdict(current),
    }


def interrupted(store: ml_metadata.MetadataStore, models: Models) -> str:
    """What to do about a move that was killed, empty where there is none."""
    current = under_way(registry_row(store, models.pipeline)) if models.pipeline else None
    if current is None or not current.is_gone():
        return ""
    option = "--to " if current.action == "rollback" else ""
    return (
        f"A {current.action} to {current.version} by {current.who} was interrupted; finish it "
        f"with `millrace models {current.action} {option}{current.version}`."
    )


def moved(move: Move) -> str:
    """A move in a sentence."""
    before = f", before {move.before}" if move.before else ""
    did = "rolled back to" if move.action == "rollback" else "promoted"
    why = f": {move.why}" if move.why else ""
    return f"{move.who} {did} {move.version} as number {move.number}{before}{why}"


def data_words(data: Data) -> str:
    """What a model was trained on, such as ``span 3, 600 train, 300 eval rows``."""
    parts = [f"span {data.span}"] if data.span is not None else []
    if data.version is not None:
        parts.append(f"version {data.version}")
    if data.rows:
        counts = ", ".join(f"{count:,} {split}" for split, count in data.rows.items())
        parts.append(f"{counts} rows")
    return ", ".join(parts) or data.input_base


def refused_words(refused: Refused) -> str:
    """Why a model was not pushed."""
    lacks = {"ModelBlessing": "not blessed by the evaluation", "InfraBlessing": "not safe to serve"}
    parts = [lacks.get(part, part) for part in refused.refused_by.split(", ") if part]
    return " and ".join(parts) or "not blessed"


def facts_lines(version: ModelVersion) -> list[tuple[str, str]]:
    """Where a version comes from, as pairs of a name and a text; empty texts left out."""
    facts = version.facts
    libraries = ", ".join(f"{name} {text}" for name, text in facts.libraries.items())
    pairs = [
        ("run", facts.run_id),
        ("trained", f"{formats.time(facts.trained)} by {facts.trained_by or 'unknown'}"),
        *[("data", data_words(data)) for data in facts.data],
        ("label", facts.label),
        ("commit", facts.commit),
        ("code", facts.code),
        ("configuration", facts.configuration),
        ("libraries", libraries),
        ("stored at", version.uri),
    ]
    for push in version.pushes:
        gone = "" if is_served(push.destination) else ", no longer in the serving folder"
        who = push.who or "unknown"
        pairs.append(
            (
                "pushed",
                f"{formats.time(push.when)} by {who} to {push.destination} ({push.why}){gone}",
            )
        )
    if version.withdrawn is not None:
        mark = version.withdrawn
        pairs.append(("withdrawn", f"{formats.time(mark.when)} by {mark.who}: {mark.why}"))
    return [(name, text) for name, text in pairs if text]
