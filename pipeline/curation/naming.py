"""What a person may name to mean a schema."""

from __future__ import annotations

from pathlib import Path

from tensorflow_metadata.proto.v0 import schema_pb2

from core.errors import UserError
from metadata.run_folder import RunFolder
from report.story import Missing, gather
from schema.reading import read_schema

_SCHEMA_FILE = "schema.pbtxt"


def named_schema(name: str, root: Path) -> schema_pb2.Schema:
    """Reads the schema that a name stands for.

    Args:
      name: A schema file, a folder that holds a ``schema.pbtxt``, a configuration (its
        curated schema), or a run (the schema that its data were checked against).
      root: The folder of all runs.

    Raises:
      UserError: If there is nothing of the name, or the schema is wrong.
    """
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        return read_schema(curated_file(path))
    if path.is_dir():
        return read_schema(path / _SCHEMA_FILE)
    if path.exists() or path.suffix or path.parent != Path("."):
        return read_schema(path)
    return _schema_of_run(name, root)


def curated_file(configuration: Path) -> Path:
    """The curated schema file that a configuration names.

    Raises:
      UserError: If it names none, or one that is not on this machine.
    """
    from pipeline.configuration.loading import load
    from pipeline.definition import Locations
    from pipeline.start import project_folder

    loaded = load(configuration)
    locations = Locations(root=Path(), project=project_folder(configuration))
    path = locations.schema_file(loaded.configuration)
    if path is None:
        raise UserError(
            f"{configuration} names no schema_file: its schema is inferred in each run",
            hint="`millrace schema infer` makes one to curate",
            code="no-curated-schema",
        )
    return local_file(path)


def local_file(path: str) -> Path:
    """A schema file's path, which must be on this machine.

    Raises:
      UserError: If it is not.
    """
    if "://" in path:
        raise UserError(
            f"the schema file {path} is not on this machine",
            hint="copy it here and name the copy",
            code="remote-schema",
        )
    return Path(path)


def _schema_of_run(name: str, root: Path) -> schema_pb2.Schema:
    try:
        run_id = RunFolder(root).find(name)
    except UserError as error:
        raise UserError(
            f"there is no schema file, configuration or run {name!r}",
            evidence=[error.headline],
            hint=error.hint,
            code="unknown-schema",
        ) from None
    found = gather(root, run_id).schema
    if isinstance(found, Missing):
        raise UserError(
            f"the schema of run {run_id} cannot be had",
            evidence=[found.reason],
            hint="name another run or a file",
            code="no-schema-in-run",
        )
    return found
