"""What a person names to upload or run: a package, or a configuration to compile first."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import TYPE_CHECKING

from core import errors
from kubeflow.client.options import Compile
from kubeflow.client.version_name import version_name
from pipeline.configuration.cluster import KubeflowSettings

if TYPE_CHECKING:
    from kubeflow.package.package import Package

# Keys at the top of a package, of Vertex's job, of Argo's workflow; the checker tells them apart.
_PACKAGE_KEYS = re.compile(
    r"^(pipelineInfo|schemaVersion|deploymentSpec|components|root|sdkVersion|pipelineSpec"
    r"|apiVersion)\s*:",
    re.MULTILINE,
)
_FILE_NAME = "package.yaml"


@dataclasses.dataclass(frozen=True)
class Source:
    """A checked package, ready to upload.

    Attributes:
      package: It, read.
      content: Its file's content.
      version: The name of its version.
      settings: The section ``kubeflow`` of its configuration, where that is at hand.
      warnings: What a person should know, a sentence each.
    """

    package: Package
    content: bytes
    version: str
    settings: KubeflowSettings | None = None
    warnings: tuple[str, ...] = ()

    @property
    def pipeline(self) -> str:
        """The pipeline's name."""
        return str(self.package.spec.pipeline_info.name)


def read_source(path: Path, compile_with: Compile) -> Source:
    """Reads a package, or compiles a configuration, and checks it.

    Args:
      path: The file.
      compile_with: How to compile; for a configuration only.

    Raises:
      errors.UserError: If the file is neither, or the server would refuse it.
    """
    if not _is_package(path):
        return _compiled(path, compile_with)
    refuse_compile_options(compile_with, f"{path} is a package, compiled already")
    from kubeflow.package.checker import check_package
    from kubeflow.package.package import read_package

    package = read_package(path)
    check_package(package)
    content = path.read_bytes()
    return Source(package, content, version_name(content, Path.cwd(), path.absolute().parent))


def refuse_compile_options(compile_with: Compile, why: str) -> None:
    """Refuses what would have no effect.

    Args:
      compile_with: How to compile a configuration, of which there is none.
      why: What there is in its place.

    Raises:
      errors.UserError: If something was said about compiling.
    """
    for option in ("data", "profile", "image"):
        if getattr(compile_with, option) is not None:
            raise errors.UserError(
                f"--{option} is for configurations; {why}",
                hint="name the configuration, or compile the package again with it",
                code="package-is-compiled",
            )


def settings_for(path: Path, compile_with: Compile) -> KubeflowSettings | None:
    """The section ``kubeflow`` of a configuration, without compiling it.

    Args:
      path: The file.
      compile_with: How it would be compiled.

    Returns:
      The settings; None for a package, which holds none.

    Raises:
      errors.UserError: If there is no such file, or the configuration is wrong.
    """
    if _is_package(path):
        return None
    from pipeline.configuration.loading import load

    return load(path, profile=compile_with.profile).configuration.kubeflow


def _compiled(path: Path, compile_with: Compile) -> Source:
    from kubeflow.graph.compilation import compile_graph
    from kubeflow.package.package import package_text
    from kubeflow.renderers.kfp.pipeline import render
    from pipeline.start import project_folder

    compilation = compile_graph(path, **dataclasses.asdict(compile_with))
    package = render(compilation.graph)
    content = package_text(package).encode()
    return Source(
        package=package,
        content=content,
        version=version_name(content, project_folder(path)),
        settings=compilation.loaded.configuration.kubeflow,
        warnings=compilation.warnings,
    )


def _is_package(path: Path) -> bool:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise errors.UserError(
            f"there is no file {path}",
            hint="name a configuration or a package; `millrace kubeflow compile` writes one",
            code="file-missing",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise errors.UserError(
            f"cannot read {path}",
            evidence=[str(error)],
            hint="name a configuration or a package, both YAML files",
            code="file-unreadable",
        ) from error
    return text.lstrip()[:1] == "{" or bool(_PACKAGE_KEYS.search(text))


def write_for_upload(source: Source, folder: str) -> Path:
    """Writes what was checked, so that nothing else is uploaded.

    Args:
      source: The package.
      folder: Where to write.

    Returns:
      The file's path; the server knows packages by the name's ending.
    """
    path = Path(folder) / _FILE_NAME
    path.write_bytes(source.content)
    return path
