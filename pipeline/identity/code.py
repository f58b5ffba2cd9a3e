"""Digests of the code that a node, or a whole run, depends on.

TFX's cache looks at a component's inputs and properties, not at the code that it
runs. A digest of that code among the properties makes an edited ``preprocessing_fn``
run again, and leaves the nodes alone that it does not concern.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline.extensions.files import files_digest
from pipeline.extensions.modules import sources_digest

# What each node's result depends on besides its inputs and properties.
NODE_PACKAGES: dict[str, tuple[str, ...]] = {
    "ExampleGen": (
        "components.example_gen",
        "components.quarantine",
        "core.globbing",
        "core.arrow_files",
        "core.columnar_examples",
        "preprocessing.time_format",
    ),
    "StatisticsGen": (
        "components.statistics_gen",
        "components.in_memory",
        "core.arrow_files",
        "core.columnar_examples",
    ),
    "DataGate": (
        "components.data_gate",
        "core.arrow_files",
        "core.columnar_examples",
        "components.example_gen.bundled",
        "components.example_gen.formats.detection",
        "components.example_gen.records.tfrecords",
        "components.quarantine.report_line",
        "preprocessing",
        "schema.statistics",
        "schema.tfdv_library",
    ),
    "Transform": (
        "preprocessing",
        "components.transform",
        "components.statistics_gen",
        "components.example_gen.records.encoding",
        "components.example_gen.records.tfrecords",
        "core.import_path",
        "components.in_memory",
        "core.arrow_files",
        "core.columnar_examples",
    ),
    "Tuner": ("preprocessing", "models", "core.arrow_files", "core.columnar_examples"),
    "Trainer": (
        "preprocessing",
        "models",
        "components.trainer",
        "core.arrow_files",
        "core.columnar_examples",
    ),
    "ServingValidator": (
        "components.serving_validator",
        "components.evaluator.inference",
        "components.evaluator.metrics.scores",
        "components.in_memory",
        "core.arrow_files",
        "core.columnar_examples",
        "models.outputs",
        "preprocessing.plain_names",
        "preprocessing.time_format",
    ),
    "Evaluator": (
        "components.evaluator",
        "preprocessing",
        "components.in_memory",
        "core.arrow_files",
        "core.columnar_examples",
    ),
}
# What the identity of a whole run covers. Displays, reports and commands are left out:
# they change how a run looks, not what it computes.
RUN_PACKAGES = (
    "core",
    "preprocessing",
    "models",
    "components",
    "metadata.settings",
    "pipeline.configuration",
    "pipeline.definition",
)


def _files(package: str) -> list[Path]:
    try:
        spec = importlib.util.find_spec(package)
    except ModuleNotFoundError:
        return []
    if spec is None:
        return []
    if spec.submodule_search_locations:
        folders = [Path(folder) for folder in spec.submodule_search_locations]
        return sorted(path for folder in folders for path in folder.rglob("*.py"))
    return [Path(spec.origin)] if spec.origin else []


@functools.cache
def code_digest(packages: tuple[str, ...]) -> str:
    """A digest of the source files of some packages or modules.

    Args:
      packages: Dotted names; one that does not exist counts as empty.

    Returns:
      Sixteen hexadecimal digits.
    """
    digest = hashlib.sha256()
    for package in packages:
        for path in _files(package):
            digest.update(f"{package}/{path.name}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def library_versions(names: Iterable[str] = ("tfx", "tensorflow", "keras", "apache-beam")) -> str:
    """The versions of the libraries that decide a run's result, as one text."""
    from importlib import metadata

    return " ".join(f"{name}={metadata.version(name)}" for name in names)


def node_digest(
    node_id: str,
    modules: tuple[str, ...] = (),
    files: Sequence[Path] = (),
    project: Path = Path("/"),
) -> str:
    """The digest of one node's code, the project's own modules included.

    Args:
      node_id: The node's id; one without code of ours gets the libraries' digest.
      modules: Further modules that the configuration names for this node; what they
        import of the project, and the files that they name, count as well.
      files: Further files that the configuration declares for it.
      project: The project's folder.
    """
    own = code_digest(NODE_PACKAGES.get(node_id, ())) + sources_digest(modules)
    own += files_digest(files, project)
    return hashlib.sha256(f"{own} {library_versions()}".encode()).hexdigest()[:16]


def run_digest(
    modules: tuple[str, ...] = (), files: Sequence[Path] = (), project: Path = Path("/")
) -> str:
    """The digest of all code that a run depends on, with the files that it reads."""
    own = code_digest(RUN_PACKAGES) + sources_digest(modules)
    own += files_digest(files, project)
    return hashlib.sha256(f"{own} {library_versions()}".encode()).hexdigest()[:16]
