"""What a person asks about: a version, a run, a path."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path

import ml_metadata

from core.errors import UserError, nearest
from metadata.records import RUN_CONTEXT, Artifact, Reader, read_run
from registry.model_version import ModelVersion
from registry.models import Models

_SPAN = re.compile(r"span[:= ]?(\d+)")
# Of several outputs of a run, the one that has most behind it.
_BY_INTEREST = ("PushedModel", "ModelBlessing", "Model", "TransformGraph", "Examples")


@dataclasses.dataclass(frozen=True)
class Subject:
    """What is asked about.

    Attributes:
      kind: ``version``, ``run``, ``data`` or ``artifact``.
      name: As people call it.
      artifacts: The ids of the artifacts that it stands for; several for data.
      version: The model's version, where it has one.
      run_id: The run, where one was named.
    """

    kind: str
    name: str
    artifacts: tuple[int, ...]
    version: ModelVersion | None = None
    run_id: str = ""


def find_subject(
    store: ml_metadata.MetadataStore, models: Iterable[Models], name: str, runs: Iterable[str]
) -> Subject:
    """Finds what a person means.

    Args:
      store: The store.
      models: The models of the pipelines that count.
      name: A version, an alias, a number in the serving folder, a run or the unique
        beginning of one, ``latest``, ``span:N``, or a path: of an artifact, of a pushed
        model, or of input files.
      runs: Ids of the runs that this machine knows, newest first.

    Raises:
      UserError: If nothing or more than one thing is meant.
    """
    models, runs = list(models), list(runs)
    if name == "latest" and runs:
        name = runs[0]
    for one in models:
        found = _model(one, name)
        if found is not None:
            return found
    run_id = _run(store, name, runs)
    if run_id is not None:
        return _of_run(store, run_id)
    found = _data(store, name) or _path(store, models, name)
    if found is not None:
        return found
    known = [str(version.version) for one in models for version in one.versions]
    aliases = [alias for one in models for alias in one.aliases]
    near = nearest(name, [*known, *runs, *aliases, "latest"])
    raise UserError(
        f"nothing is recorded of {name}",
        evidence=[f"versions: {', '.join(known[-8:])}"] if known else [],
        hint=f"did you mean {near}?"
        if near
        else "name a version, a run, span:N, or the path of an artifact, a pushed model or data",
        code="unknown-subject",
    )


def _model(models: Models, name: str) -> Subject | None:
    try:
        found = models.find(name)
    except UserError as error:
        if error.code == "ambiguous-model":
            raise
        return None
    if isinstance(found, ModelVersion):
        asked = "run" if found.facts.run_id.startswith(name) else "version"
        run_id = found.facts.run_id if asked == "run" else ""
        label = f"{found.version} of {found.pipeline}"
        return Subject("version", label, (found.artifact,), found, run_id)
    return Subject(
        "run", f"the refused model of run {found.run_id}", (found.artifact,), None, found.run_id
    )


def _run(store: ml_metadata.MetadataStore, name: str, runs: list[str]) -> str | None:
    if store.get_context_by_type_and_name(RUN_CONTEXT, name) is not None:
        return name
    matches = [run_id for run_id in runs if name and run_id.startswith(name)]
    if len(matches) > 1:
        raise UserError(
            f"{name} is the beginning of {len(matches)} runs",
            evidence=matches[:10],
            hint="type more of the id",
            code="ambiguous-run",
        )
    return matches[0] if matches else None


def _of_run(store: ml_metadata.MetadataStore, run_id: str) -> Subject:
    made = [
        artifact
        for execution in read_run(store, run_id).executions
        if not execution.type.endswith("Resolver")
        for artifacts in execution.outputs.values()
        for artifact in artifacts
        if artifact.state in ("LIVE", "DELETED")
    ]
    for kind in _BY_INTEREST:
        for artifact in reversed(made):
            if artifact.type == kind:
                return Subject("run", f"run {run_id}", (artifact.id,), None, run_id)
    raise UserError(
        f"the run {run_id} made nothing that has a lineage",
        hint=f"`millrace show {run_id}` says how far it came",
        code="run-without-artifacts",
    )


def _data(store: ml_metadata.MetadataStore, name: str) -> Subject | None:
    asked = _SPAN.fullmatch(name)
    if asked is None:
        return None
    span = int(asked.group(1))
    found = [a.id for a in _inputs(store) if a.value("span") == span]
    return Subject("data", f"span {span}", tuple(found)) if found else None


def _path(store: ml_metadata.MetadataStore, models: list[Models], name: str) -> Subject | None:
    path = name if "://" in name else str(Path(name).absolute())
    path = path.rstrip("/")
    for one in models:
        for push, version in one.pushes:
            if _within(path, push.destination):
                label = f"{version.version} of {one.pipeline}"
                return Subject("version", label, (version.artifact,), version)
    # The longest address that holds the path is what it is of.
    rows = [row for row in store.get_artifacts() if row.uri and _within(path, row.uri)]
    rows = [row for row in rows if row.type not in ("ModelVersion", "ModelRegistry")]
    if rows:
        row = max(rows, key=lambda row: (len(row.uri), -row.id))
        return Subject("artifact", f"{row.type} {row.id}", (row.id,))
    found = tuple(a.id for a in _inputs(store) if is_made_of(store, a, path))
    return Subject("data", name, found) if found else None


def _inputs(store: ml_metadata.MetadataStore) -> list[Artifact]:
    """The Examples artifacts that were made of input files."""
    known = Reader(store).artifacts([row.id for row in store.get_artifacts_by_type("Examples")])
    return [a for a in known.values() if a.value("input_fingerprint") is not None]


def is_made_of(store: ml_metadata.MetadataStore, examples: Artifact, path: str) -> bool:
    """Whether examples were made of the files at a path, or of files below or around it.

    Args:
      store: The store.
      examples: An Examples artifact.
      path: An absolute path or an address.
    """
    from metadata.lineage import trace

    span = examples.value("span")
    for dataset in trace(store, examples.id).datasets:
        base = dataset.input_base.rstrip("/")
        if base and _within(base, path):
            return True
        if dataset.patterns:
            if any(_within(place, path) or fnmatch(path, place) for place in dataset.places):
                return True
        elif base and _within(path, base):
            numbers = re.findall(r"\d+", path[len(base) :])
            return not numbers or span is None or any(int(n) == span for n in numbers)
    return False


def _within(path: str, folder: str) -> bool:
    folder = folder.removeprefix("file://").rstrip("/")
    return path == folder or path.startswith(f"{folder}/")
