"""A pipeline package: the file that Kubeflow Pipelines takes."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from core import errors, files
from core.yaml_text import read_documents

# The server's limit, and the largest file that is read here.
LARGEST_BYTES = 32 * 1024 * 1024


@dataclasses.dataclass(frozen=True)
class Package:
    """A package.

    Attributes:
      spec: The pipeline, a ``PipelineSpec``.
      platform: The document for Kubernetes (volumes, secrets, node selectors), None
        where there is none.
    """

    spec: Any
    platform: dict[str, Any] | None = None


def package_text(package: Package) -> str:
    """The package as YAML; the same package gives the same text.

    Args:
      package: The package.

    Returns:
      One document with the bare pipeline spec, and a second one where there is a
      platform document.
    """
    from google.protobuf import json_format

    info = package.spec.pipeline_info
    header = f"# PIPELINE DEFINITION\n# Name: {info.name}\n"
    if info.description:
        continued = f"\n{'#':<14} ".join(info.description.splitlines())
        header += f"# Description: {continued}\n"
    documents = [json_format.MessageToDict(package.spec)]
    if package.platform is not None:
        documents.append(package.platform)
    return header + "---\n".join(_yaml(document) for document in documents)


def write_package(package: Package, path: Path | str) -> int:
    """Writes a package that has been checked.

    Args:
      package: The package.
      path: The file.

    Returns:
      Its size in bytes.

    Raises:
      errors.UserError: If the file cannot be written there.
    """
    text = package_text(package)
    try:
        files.write_text(path, text)
    except OSError as error:
        raise errors.UserError(
            f"the package cannot be written to {path}",
            evidence=[error.strerror or str(error)],
            hint="name another file with --output",
            code="unwritable-package",
        ) from None
    return len(text.encode())


def read_package(path: Path | str) -> Package:
    """Reads a package.

    Args:
      path: The file, YAML or JSON.

    Raises:
      errors.UserError: If there is no such file or it is no package.
    """
    place = Path(path)
    try:
        if place.stat().st_size > LARGEST_BYTES:
            raise _no_package(place, "it is larger than 32 MiB, which the server refuses")
        text = place.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise _no_package(place, "it is not UTF-8 text") from None
    except OSError as error:
        raise errors.UserError(
            f"the package {place} cannot be read",
            evidence=[error.strerror or str(error)],
            hint="write one with `millrace kubeflow compile CONFIG --output FILE`",
            code="missing-package",
        ) from None
    return parse_package(text, place)


def parse_package(text: str, place: Path | str = "package") -> Package:
    """Reads a package's text.

    Args:
      text: YAML or JSON, one or two documents.
      place: What to call it in errors.

    Raises:
      errors.UserError: If it is no package.
    """
    import yaml

    try:
        documents = read_documents(text)
    except yaml.YAMLError as error:
        raise _no_package(place, " ".join(str(error).split())) from None
    specs = [item for item in documents if isinstance(item, dict) and "pipelineInfo" in item]
    platforms = [item for item in documents if isinstance(item, dict) and "platforms" in item]
    if any(isinstance(item, dict) and "pipelineSpec" in item for item in documents):
        raise _no_package(place, "it is a PipelineJob (Vertex), not a bare PipelineSpec")
    if len(specs) != 1:
        raise _no_package(place, f"it holds {len(specs)} pipeline specs in place of one")
    if len(platforms) > 1:
        raise _no_package(place, f"it holds {len(platforms)} platform documents")
    if len(specs) + len(platforms) != len(documents):
        raise _no_package(place, "it holds a document that is not part of a package")
    return Package(_spec(specs[0], place), platforms[0] if platforms else None)


def _spec(document: dict[str, Any], place: Path | str) -> Any:
    from google.protobuf import json_format

    from kubeflow.package.pipeline_spec import pipeline_spec_pb2

    try:
        return json_format.ParseDict(document, pipeline_spec_pb2().PipelineSpec())
    except json_format.ParseError as error:
        raise _no_package(place, str(error)) from None


def _no_package(place: Path | str, why: str) -> errors.UserError:
    return errors.UserError(
        f"{place} is not a pipeline package",
        evidence=[why[:500]],
        hint="write one with `millrace kubeflow compile CONFIG --output FILE`",
        code="not-a-package",
    )


def _yaml(document: dict[str, Any]) -> str:
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    # One line for each value, however long: lines of a folded one are hard to search.
    text = yaml.dump(document, Dumper=dumper, sort_keys=True, allow_unicode=False, width=10**9)
    return str(text)
