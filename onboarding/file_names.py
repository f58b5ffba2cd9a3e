"""What a proposal's pipeline and files are called, and where they go."""

from __future__ import annotations

import dataclasses
import os
import re
import unicodedata
from pathlib import Path

from core.errors import UserError

_LONGEST = 63
_VALID = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
# Such a name says nothing of a table; that of the folder may.
_SAY_NOTHING = frozenset(
    {
        "",
        "csv",
        "data",
        "dataset",
        "file",
        "files",
        "input",
        "part",
        "parquet",
        "raw",
        "rows",
        "table",
    }
    | {"train", "training"}
)


@dataclasses.dataclass(frozen=True)
class ProjectFiles:
    """The files of one dataset in a project folder.

    Attributes:
      project: The project folder.
      configuration: The configuration.
      schema: The curated schema.
      test: The test of both.
    """

    project: Path
    configuration: Path
    schema: Path
    test: Path

    @property
    def all(self) -> tuple[Path, Path, Path]:
        """All of them."""
        return self.configuration, self.schema, self.test


def project_files(project: Path, name: str) -> ProjectFiles:
    """Where the files of a dataset go.

    Args:
      project: The project folder.
      name: The pipeline's name.
    """
    return ProjectFiles(
        project,
        project / "configs" / f"{name}.yaml",
        project / "schema" / name / "schema.pbtxt",
        project / "tests" / "datasets" / f"test_{name.replace('-', '_')}.py",
    )


def pipeline_name(asked: str | None, data: str) -> str:
    """The pipeline's name: the one asked for, or one made of the data's path.

    Args:
      asked: What a person asked for.
      data: A file, a folder or a pattern.

    Raises:
      UserError: If the name that was asked for cannot be one.
    """
    if asked is not None:
        if _VALID.fullmatch(asked) and len(asked) <= _LONGEST:
            return asked
        valid = _made_valid(asked)
        raise UserError(
            f"{asked!r} cannot be a pipeline's name",
            evidence=["lower case letters, digits and dashes, at most 63, as Kubernetes has it"],
            hint=f"--name {valid}" if valid else "choose another",
            code="pipeline-name",
        )
    for part in reversed(Path(os.path.abspath(data)).parts):
        stem = "" if re.search(r"[*?\[{]", part) else part.split(".")[0]
        name = _made_valid(stem)
        if name and re.sub(r"[-0-9]+$", "", name) not in _SAY_NOTHING:
            return name
    return "table"


def path_in_project(data: str, project: Path) -> str:
    """The data's path as a configuration names it: relative inside the project folder.

    Args:
      data: A file, a folder or a pattern, as the working folder sees it.
      project: The project folder.
    """
    whole = Path(os.path.abspath(data))
    try:
        inside = whole.relative_to(os.path.abspath(project))
    except ValueError:
        return str(whole)
    return f"{inside}/" if whole.is_dir() else str(inside)


def _made_valid(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST].strip("-")
