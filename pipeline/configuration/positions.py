"""YAML with the place of every key, so that an error can point at its line."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from core import errors
from core.yaml_text import compose, construct

KeyPath = tuple[str, ...]
# Ten thousand features take one.
_MOST_BYTES = 4 * 1024**2


@dataclasses.dataclass(frozen=True)
class Origin:
    """Where a value came from.

    Attributes:
      source: A file's path, ``--set``, ``--data`` or ``default``.
      line: The line in the file, counted from 1; 0 where there is none.
    """

    source: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.source}:{self.line}" if self.line else self.source


@dataclasses.dataclass(frozen=True)
class Layer:
    """One layer of configuration: plain values and the origin of every key in them.

    Attributes:
      values: Nested dictionaries, lists and scalars.
      origins: The place of each key, by its path from the top.
    """

    values: dict[str, Any]
    origins: dict[KeyPath, Origin]


def read_yaml(path: Path) -> Layer:
    """Reads a YAML file as one layer.

    Args:
      path: The file.

    Raises:
      errors.UserError: If the file is missing, unreadable, not UTF-8, not YAML,
        not a mapping, or says a key twice.
    """
    import yaml

    try:
        if path.stat().st_size > _MOST_BYTES:
            raise OSError(f"it has more than {_MOST_BYTES // 1024**2} MiB")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise errors.UserError(
            f"there is no configuration file {path}",
            evidence=_neighbours(path),
            hint="name a file such as configs/taxi.yaml",
            code="missing-configuration",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise errors.UserError(
            f"the configuration file {path} cannot be read",
            evidence=[str(error)],
            hint="it must be a text file in UTF-8",
            code="unreadable-configuration",
        ) from None
    try:
        node = compose(text)
        values = None if node is None else construct(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark else str(path)
        raise errors.UserError(
            f"{place} is not valid YAML",
            evidence=[str(getattr(error, "problem", None) or error)],
            hint="look at the indentation and quotes near that line",
            code="invalid-yaml",
        ) from None
    if values is None:
        values, node = {}, None
    if not isinstance(values, dict):
        raise errors.UserError(
            f"{path} must hold keys and values, not {type(values).__name__}",
            code="invalid-configuration",
        )
    origins: dict[KeyPath, Origin] = {}
    if node is not None:
        _collect_origins(node, (), str(path), origins)
    return Layer(values, origins)


def _neighbours(path: Path) -> list[str]:
    folder = path.parent
    if not folder.is_dir():
        return [f"the folder {folder} does not exist"]
    near = errors.nearest(path.name, [item.name for item in folder.glob("*.y*ml")])
    return [f"did you mean {folder / near}?"] if near else []


def _collect_origins(
    node: Any, prefix: KeyPath, source: str, origins: dict[KeyPath, Origin]
) -> None:
    import yaml

    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key_node, value_node in node.value:
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            if key in seen:
                raise errors.UserError(
                    f"{'.'.join((*prefix, key))} stands twice in {source}",
                    evidence=[f"the second one is at {source}:{line}"],
                    hint="keep one of them",
                    code="duplicate-key",
                )
            seen.add(key)
            path = (*prefix, key)
            origins[path] = Origin(source, line)
            _collect_origins(value_node, path, source, origins)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            path = (*prefix, str(index))
            origins[path] = Origin(source, item.start_mark.line + 1)
            _collect_origins(item, path, source, origins)


def nearest_origin(origins: dict[KeyPath, Origin], path: KeyPath) -> Origin | None:
    """The origin of `path`, or of the closest key above it."""
    for length in range(len(path), 0, -1):
        if path[:length] in origins:
            return origins[path[:length]]
    return None
