"""Where a pipeline reads and writes."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from core import errors
from pipeline.extensions.files import declared_files

if TYPE_CHECKING:
    from pipeline.configuration.model import PipelineConfiguration


@dataclasses.dataclass(frozen=True)
class Locations:
    """Where a pipeline reads and writes.

    Attributes:
      root: The folder of all artifacts and of a SQLite store; a path, or the text of a
        ``gs://`` address.
      project: The folder that relative paths in the configuration mean.
    """

    root: Path | str
    project: Path

    @property
    def artifacts(self) -> str:
        """The pipeline root."""
        return self.below_root("artifacts")

    def below_root(self, *parts: str) -> str:
        """A path or an address below the root."""
        root = str(self.root)
        if "://" in root:
            return "/".join((root.rstrip("/"), *parts))
        return str(Path(root, *parts).absolute())

    def in_project(self, path: str) -> str:
        """A path of the configuration as an absolute one."""
        return path if "://" in path else str((self.project / path).absolute())

    def schema_file(self, configuration: PipelineConfiguration) -> str | None:
        """The curated schema, None where the configuration names none.

        Raises:
          errors.UserError: If it names one that does not exist.
        """
        if configuration.schema_file is None:
            return None
        path = self.in_project(configuration.schema_file)
        if "://" not in path and not Path(path).is_file():
            raise errors.UserError(
                f"the curated schema {path} does not exist",
                hint="correct `schema_file` in the configuration, or leave it out to infer one",
                code="missing-schema",
            )
        return path

    def own_files(self, configuration: PipelineConfiguration) -> tuple[Path, ...]:
        """The files that own code is declared to read.

        Raises:
          errors.UserError: If one does not exist.
        """
        return tuple(
            path
            for key, patterns in configuration.own_files.items()
            for path in declared_files(patterns, self.project.absolute(), key)
        )

    def push_directory(self, configuration: PipelineConfiguration) -> str:
        """Where models are pushed."""
        if configuration.pushing.directory is not None:
            return self.in_project(configuration.pushing.directory)
        return self.below_root("serving", configuration.name)


def serving_statistics_digest(
    configuration: PipelineConfiguration, locations: Locations
) -> str | None:
    """The digest of the serving statistics; None for none, or none on this machine."""
    if configuration.gate.serving_statistics is None:
        return None
    path = locations.in_project(configuration.gate.serving_statistics)
    place = Path(path)
    if "://" in path or not place.exists():
        return None
    found = sorted(item for item in place.rglob("*") if item.is_file()) if place.is_dir() else []
    digest = hashlib.sha256()
    for item in found or [place]:
        if item.is_file():
            digest.update(hashlib.sha256(item.read_bytes()).digest())
    return digest.hexdigest()
