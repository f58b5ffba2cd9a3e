"""A folder of files that tell when they are run, named as what every process imports."""

from __future__ import annotations

from pathlib import Path

OURS = (
    "models",
    "components",
    "metadata",
    "registry",
    "report",
    "pipeline",
    "kubeflow",
    "onboarding",
    "cli",
    "core",
    "schema",
    "preprocessing",
)
STANDARD = ("selectors", "random", "json", "tempfile")
LIBRARIES = ("numpy", "click", "pyarrow", "apache_beam", "yaml")


class Traps:
    """Files in a folder that were not run as long as it has no marks.

    Args:
      folder: The folder; the files are written into it.
      names: Modules (a file) and packages of ours (a folder).
    """

    def __init__(self, folder: Path, names: tuple[str, ...] = OURS + STANDARD + LIBRARIES) -> None:
        self.folder = folder
        for name in names:
            package = name in OURS or name == "numpy"
            path = folder / name / "__init__.py" if package else folder / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            mark = folder / f"{name}.ran"
            path.write_text(f"open({str(mark)!r}, 'w').close()\n")

    @property
    def sprung(self) -> list[str]:
        """The names of those that were run."""
        return sorted(path.stem for path in self.folder.glob("*.ran"))
