"""Answers about lineage, in words and as a document for programs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from core import formats
from metadata.lineage import Dataset, rows_by_split
from registry.lineage.answers import Answers, Use
from registry.registration import is_served
from registry.words import refused_words


def document(found: Answers) -> dict[str, Any]:
    """The answers as plain values.

    Args:
      found: The answers.
    """
    version, facts = found.version, found.facts
    return {
        "subject": {
            "kind": found.subject.kind,
            "name": found.subject.name,
            "artifact": found.lineage.root.id,
            "type": found.lineage.root.type,
            "uri": found.lineage.root.uri,
            "state": found.lineage.root.state,
        },
        "data": [
            {
                "artifact": dataset.artifact.id,
                "span": dataset.span,
                "version": dataset.version,
                "files": ", ".join(dataset.places),
                "fingerprint": dataset.fingerprint,
                "rows": dict(dataset.rows),
                "rejected": dataset.rejected,
                "models": [_use(use) for use in found.uses.get(dataset.artifact.id, ())],
            }
            for dataset in found.datasets
        ],
        "changed_by": [
            {"node": node, "artifact": artifact.id, "rows": rows_by_split(artifact)}
            for node, artifact in found.lineage.changed_examples
        ],
        "hyperparameters": dict(found.hyperparameters),
        "created_by_run": found.created_by,
        "trained_by_run": found.training_run,
        "trained": facts.trained if facts else None,
        "trained_by": facts.trained_by if facts else None,
        "libraries": dict(facts.libraries) if facts else {},
        "commit": facts.commit if facts else None,
        "code": facts.code if facts else None,
        "configuration": facts.configuration if facts else None,
        "version": str(version.version) if version else None,
        "pushes": [dataclasses.asdict(push) for push in version.pushes] if version else [],
        "withdrawn": dataclasses.asdict(version.withdrawn)
        if version and version.withdrawn
        else None,
        "refused": {**dataclasses.asdict(found.refused), "why": refused_words(found.refused)}
        if found.refused
        else None,
        "steps": [
            {"node": step.execution.node, "run": step.execution.run_id, "id": step.execution.id}
            for step in found.lineage.steps
        ],
    }


def _use(use: Use) -> dict[str, Any]:
    return {
        "model": use.trained.model,
        "run": use.trained.run_id,
        "trained": use.trained.when,
        "version": str(use.version.version) if use.version else None,
        "withdrawn": use.version.withdrawn.why if use.version and use.version.withdrawn else None,
        "refused": refused_words(use.refused) if use.refused and not use.version else None,
    }


def lines(found: Answers) -> Iterator[tuple[str, str]]:
    """The answers as pairs of a question in a word or two, and the answer.

    Args:
      found: The answers.
    """
    if found.lineage.root.state == "DELETED":
        yield "removed", f"its files are gone ({found.lineage.root.uri}); the record stays"
    for dataset in found.datasets:
        yield "data", _data(dataset)
        if dataset.places:
            yield "files", ", ".join(dataset.places)
        if dataset.fingerprint:
            yield "fingerprint", "; ".join(dataset.fingerprint.split("\n"))
    for node, artifact in found.lineage.changed_examples:
        counts = [f"{count:,} {split} rows" for split, count in rows_by_split(artifact).items()]
        yield "changed by", ", ".join([node, *counts])
    if found.hyperparameters:
        values = found.hyperparameters.items()
        yield (
            "hyperparameters",
            ", ".join(f"{k} = {formats.setting(v)}" for k, v in values if v is not None),
        )
    if found.created_by:
        yield "created by", f"run {found.created_by}"
    yield from _training(found)
    yield from _serving(found)
    for dataset in found.datasets:
        uses = found.uses.get(dataset.artifact.id, ())
        if uses:
            what = f"span {dataset.span}" if dataset.span is not None else "these data"
            yield f"trained on {what}", "; ".join(_use_words(use) for use in uses)


def _training(found: Answers) -> Iterator[tuple[str, str]]:
    facts = found.facts
    if facts is None:
        return
    if found.training_run:
        who = f" by {facts.trained_by}" if facts.trained_by else ""
        yield "trained by", f"run {found.training_run}, {formats.time(facts.trained)}{who}"
    if facts.libraries:
        yield "libraries", ", ".join(f"{name} {text}" for name, text in facts.libraries.items())
    for name, text in (
        ("commit", facts.commit),
        ("code", facts.code),
        ("configuration", facts.configuration),
    ):
        if text:
            yield name, text


def _serving(found: Answers) -> Iterator[tuple[str, str]]:
    version = found.version
    if version is not None:
        yield "version", f"{version.version}: {'; '.join(version.reasons)}"
        for push in version.pushes:
            gone = "" if is_served(push.destination) else ", no longer there"
            who = push.who or "unknown"
            when = formats.time(push.when)
            yield "pushed", f"{when} by {who} to {push.destination}{gone} ({push.why})"
        mark = version.withdrawn
        if mark is not None:
            yield "withdrawn", f"{formats.time(mark.when)} by {mark.who}: {mark.why}"
    elif found.refused is not None:
        when = formats.time(found.refused.when)
        yield "not pushed", f"{when}: {refused_words(found.refused)}"


def _data(dataset: Dataset) -> str:
    parts = [f"span {dataset.span}"] if dataset.span is not None else []
    if dataset.version is not None:
        parts.append(f"version {dataset.version}")
    parts += [f"{count:,} {split} rows" for split, count in dataset.rows.items()]
    if dataset.rejected:
        parts.append(f"{dataset.rejected:,} rejected")
    return ", ".join(parts) or dataset.artifact.uri


def _use_words(use: Use) -> str:
    if use.version is not None:
        mark = " (withdrawn)" if use.version.withdrawn else ""
        return f"{use.version.version}{mark} in run {use.trained.run_id}"
    why = refused_words(use.refused) if use.refused else "not pushed"
    return f"the model of run {use.trained.run_id} ({why})"
