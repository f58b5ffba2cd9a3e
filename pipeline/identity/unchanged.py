"""What a run would compute, as digests: the same data, configuration and code?

Decided from the bytes of files (sizes and times above 1 GiB), plain values and source
files, so that asking is quick and imports neither TensorFlow nor TFX. Places count relative
to the project, so that a project that was moved or renamed computes the same.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from components.example_gen.spans.patterns import SPAN_PLACE
from core import errors
from core.fingerprints import Mode, by_content, content_digest
from core.globbing import matching_files
from metadata import run_file
from metadata.run_file import Identity, RunRecord
from metadata.run_folder import RunFolder
from pipeline.configuration import data_source
from pipeline.configuration.locations import Locations
from pipeline.configuration.model import PipelineConfiguration
from pipeline.identity.code import run_digest

if TYPE_CHECKING:
    import ml_metadata
    from ml_metadata.proto import metadata_store_pb2


def identify(configuration: PipelineConfiguration, locations: Locations) -> Identity:
    """The identity of a run of this configuration, now.

    Args:
      configuration: The resolved configuration.
      locations: Where it reads and writes.

    Returns:
      Three digests. That of the data covers all files under its path, told apart as
      `data.fingerprint` says, or what a database says about its rows; that of
      the configuration covers the content of the schema file as well.
    """
    assert configuration.data.path is not None
    # How a cluster would run it does not change what it computes.
    values = configuration.model_dump(mode="json", exclude={"kubeflow", "retention"})
    schema = ""
    path = locations.schema_file(configuration)
    if path is not None and "://" not in path:
        schema = _digest(Path(path).read_bytes())
    push = _placed(locations.push_directory(configuration), locations)
    values["data"]["path"] = _placed(configuration.data.path, locations)
    rows = data_source.fingerprint(configuration.data, locations.project)
    if rows is None:
        path_of_data = locations.in_project(configuration.data.path)
        if "://" in path_of_data:
            rows = _remote(path_of_data)
        else:
            mode, base = configuration.data.fingerprint, _base(path_of_data, locations)
            rows = fingerprint(Path(path_of_data), mode, base)
        rows += _finished(path_of_data, configuration)
    # Not sorted: the order of splits decides which rows each one gets.
    return Identity(
        data=rows,
        configuration=_digest(json.dumps([values, schema, push]).encode()),
        code=run_digest(
            configuration.own_modules, locations.own_files(configuration), locations.project
        ),
    )


def _remote(path: str) -> str:
    """Asks a bucket, which takes TensorFlow some seconds, and no run at all otherwise."""
    from components.example_gen.sources import base_and_pattern
    from components.example_gen.spans.fingerprints import fingerprint as of_split

    base, pattern = base_and_pattern(path)
    return _digest(of_split("data", base, SPAN_PLACE.sub("*", pattern)).encode())


def _base(path: str, locations: Locations) -> Path:
    """The folder that a path is told from: one that may be moved with all that is in it."""
    for folder in (Path(locations.root).absolute(), locations.project.absolute()):
        if Path(path).is_relative_to(folder):
            return folder
    return Path("/")


def _placed(path: str, locations: Locations) -> str:
    if "://" in path:
        return path
    whole = locations.in_project(path)
    return os.path.relpath(whole, _base(whole, locations))


def fingerprint(path: Path, mode: Mode = "auto", base: Path = Path("/")) -> str:
    """A digest of the files at a path: of their names, and of what tells them apart.

    Args:
      path: A file, a folder (all files below it count) or a glob pattern, which may have
        places for spans and versions.
      mode: What tells files apart.
      base: The folder that names are relative to.
    """
    if path.is_file():
        files = [path]
    elif path.is_dir():
        files = [item for item in path.rglob("*") if item.is_file()]
    else:
        # A place for a span or a version stands for any: a new span is new data.
        found = matching_files("/", SPAN_PLACE.sub("*", str(path.absolute())).lstrip("/"))
        files = [Path(item) for item in found if Path(item).is_file()]
    if by_content(files, mode):
        return content_digest(files, base)
    lines = []
    for item in sorted(files):
        status = item.stat()
        lines.append(f"{os.path.relpath(item, base)}\0{status.st_size}\0{status.st_mtime_ns}")
    return _digest("\n".join(lines).encode())


def _finished(path: str, configuration: PipelineConfiguration) -> str:
    """Which spans may be taken now: a marker that was missing makes the same files others."""
    from components.example_gen.sources import base_and_pattern
    from components.example_gen.spans.readiness import resolve_spans

    settings = configuration.data.ingestion
    if settings.ready is None:
        return ""
    try:
        base, pattern = base_and_pattern(path, settings)
        found = resolve_spans(
            base, pattern, settings.ready, asked=configuration.data.span, wait=False
        )
    except errors.MillraceError:
        return ":none"
    return ":" + _digest("\n".join(span.pattern for span in found.spans).encode())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def unchanged_run(root: RunFolder, pipeline: str, identity: Identity) -> RunRecord | None:
    """The newest run of a pipeline, if it ended and computed what a new one would.

    Only the newest one counts: an older equal run may have been followed by others
    whose model is in production now. What it recorded must still be there: its
    executions in the metadata store and their artifacts on disk. Nothing may have been
    quarantined or released among its data since: the next run would take others.

    Args:
      root: The folder of all runs.
      pipeline: The pipeline's name.
      identity: The identity of the run that is asked for.

    Returns:
      That run's account, or None.
    """
    for run_id in root.run_ids():
        try:
            record = run_file.read(root.run(run_id).folder)
        except errors.InfrastructureError:
            continue
        if record.pipeline != pipeline or record.status == "running":
            continue
        complete = record.status in ("succeeded", "not_blessed") and all(
            node.state in ("done", "cached") for node in record.nodes
        )
        if complete and record.identity == identity and _is_intact(root, record):
            return record
        return None
    return None


def _is_intact(root: RunFolder, record: RunRecord) -> bool:
    from core.artifact_files import local_path
    from metadata.leftovers import run_executions
    from metadata.run_store import run_store
    from metadata.store import open_for_reading

    try:
        store = open_for_reading(run_store(root, record.run_id))
    except errors.InfrastructureError:
        return False
    executions = run_executions(store, record.run_id)
    if not executions or any(
        execution.last_known_state not in (execution.COMPLETE, execution.CACHED)
        for execution in executions
    ):
        return False
    if _has_new_decisions(store, record, executions):
        return False
    ids = [execution.id for execution in executions]
    artifacts = {event.artifact_id for event in store.get_events_by_execution_ids(ids)}
    paths = [local_path(item.uri) for item in store.get_artifacts_by_id(sorted(artifacts))]
    # What is in a bucket is taken for being there: asking would need TensorFlow.
    return all(path is None or path.exists() for path in paths)


def _has_new_decisions(
    store: ml_metadata.MetadataStore,
    record: RunRecord,
    executions: Sequence[metadata_store_pb2.Execution],
) -> bool:
    """Whether data beside a run's own were quarantined or released since it started."""
    from components.quarantine.records import entries

    properties = [execution.custom_properties for execution in executions]
    # Data of a database have no folder.
    bases = {p["input_base"].string_value if "input_base" in p else "" for p in properties}
    started = datetime.datetime.fromisoformat(record.started)
    return any(
        entry.data.pipeline == record.pipeline
        and entry.data.input_base in bases
        and entry.last is not None
        and datetime.datetime.fromisoformat(entry.last.when) > started
        for entry in entries(store)
    )
