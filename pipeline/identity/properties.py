"""What a run is made of, noted on its context in ML Metadata.

Not on its executions: TFX's cache would take the same work for other work.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from core.login import login_name
from pipeline.configuration.model import PipelineConfiguration
from pipeline.identity.code import run_digest

if TYPE_CHECKING:
    from tfx.proto.orchestration import pipeline_pb2

    from pipeline.configuration.locations import Locations

COMMIT_VARIABLE = "MILLRACE_COMMIT"
_RUN_CONTEXT = "pipeline_run"
_LIBRARIES = ("tensorflow", "tfx", "keras", "apache-beam", "tensorflow-transform", "millrace")
_GIT_SECONDS = 5.0


def note_identity(
    pipeline: pipeline_pb2.Pipeline, configuration: PipelineConfiguration, locations: Locations
) -> None:
    """Makes every node of a compiled pipeline note what its run is made of.

    Args:
      pipeline: The intermediate representation; changed in place.
      configuration: The resolved configuration.
      locations: Where it reads and writes.
    """
    properties = run_properties(configuration, locations)
    for node in pipeline.nodes:
        for context in node.pipeline_node.contexts.contexts:
            if context.type.name == _RUN_CONTEXT:
                for name, text in properties.items():
                    context.properties[name].field_value.string_value = text


def run_properties(configuration: PipelineConfiguration, locations: Locations) -> dict[str, str]:
    """What is noted of a run, as texts by name.

    Args:
      configuration: The resolved configuration.
      locations: Where it reads and writes.
    """
    pushing = configuration.pushing
    return {
        "configuration": configuration_digest(configuration, locations),
        "code": run_digest(
            configuration.own_modules, locations.own_files(configuration), locations.project
        ),
        "commit": commit_of(locations.project),
        "libraries": json.dumps(_libraries()),
        "started_by": login_name(),
        "pushing": json.dumps({"keep": pushing.keep, "change": pushing.change}),
    }


def configuration_digest(configuration: PipelineConfiguration, locations: Locations) -> str:
    """A digest of what the configuration says about the model.

    Where the data are, which span a run takes, where models are pushed and metadata are kept
    do not count: they differ between runs of one pipeline.
    """
    values = configuration.model_dump(
        mode="json",
        exclude={
            "kubeflow": True,
            "retention": True,
            "metadata": True,
            "beam": True,
            "pushing": True,
            "data": {"path", "span"},
        },
    )
    path = locations.schema_file(configuration)
    schema = ""
    if path is not None and "://" not in path:
        schema = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    return hashlib.sha256(json.dumps([values, schema]).encode()).hexdigest()[:16]


def commit_of(project: Path) -> str:
    """The commit of the project's code, ``-dirty`` where files differ from it.

    Args:
      project: The project's folder.

    Returns:
      The environment's word for it where there is no repository, as in an image; else empty.
    """
    # A folder's own settings may name a program that git would run.
    command = ["git", "-c", "core.fsmonitor=", "-C", str(project)]
    command += ["describe", "--always", "--dirty", "--abbrev=12"]
    try:
        found = subprocess.run(
            command, capture_output=True, text=True, timeout=_GIT_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return os.environ.get(COMMIT_VARIABLE, "")
    return found.stdout.strip()


def _libraries() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
