"""Which metadata store a run wrote to: its resolved configuration says."""

from __future__ import annotations

from core.errors import InfrastructureError
from core.yaml_text import read_documents
from metadata.connection import (
    Connection,
    connection_config,
    connection_name,
    sqlite_config,
)
from metadata.run_folder import RunFolder


def run_store(folder: RunFolder, run_id: str) -> Connection:
    """The connection of the store that a run wrote to, without a password.

    Args:
      folder: The folder of all runs.
      run_id: The run. One without a configuration used the SQLite file.

    Raises:
      InfrastructureError: If its configuration cannot be read.
    """
    import yaml

    path = folder.run(run_id).configuration
    try:
        values = next(iter(read_documents(path.read_text(encoding="utf-8"))), None)
        section = values.get("metadata") if isinstance(values, dict) else None
        # The usual case, without pydantic.
        if not section or section["kind"] == "sqlite":
            return sqlite_config(folder.store.absolute())
        import pydantic

        from metadata.settings import MetadataSettings

        settings = pydantic.TypeAdapter(MetadataSettings).validate_python(section)
    except FileNotFoundError:
        return sqlite_config(folder.store.absolute())
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise InfrastructureError(
            f"the configuration of the run {run_id} does not say where its metadata is",
            evidence=[f"{path}: {(str(error).splitlines() or [''])[0][:200]}"],
            hint="the file was changed after the run; other runs are not affected",
            code="run-configuration-broken",
        ) from None
    return connection_config(settings, folder.root)


def run_store_name(folder: RunFolder, run_id: str) -> str:
    """The store of a run as people read it, without a password."""
    try:
        return connection_name(run_store(folder, run_id))
    except InfrastructureError as error:
        return f"unknown: {error.headline}"
