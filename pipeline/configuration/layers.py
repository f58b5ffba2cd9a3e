"""Base file, profile overlay and ``--set``: later layers win, key by key."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from core import errors, yaml_text
from pipeline.configuration.positions import KeyPath, Layer, Origin, read_yaml

SET_SOURCE = "--set"


def merge(layers: Iterable[Layer]) -> Layer:
    """Merges layers; mappings key by key, everything else as a whole.

    Args:
      layers: From the weakest to the strongest.
    """
    values: dict[str, Any] = {}
    origins: dict[KeyPath, Origin] = {}
    for layer in layers:
        _merge_into(values, origins, layer.values, layer.origins, ())
    return Layer(values, origins)


def _merge_into(
    values: dict[str, Any],
    origins: dict[KeyPath, Origin],
    overlay: dict[str, Any],
    overlay_origins: dict[KeyPath, Origin],
    prefix: KeyPath,
) -> None:
    own: dict[KeyPath, dict[KeyPath, Origin]] = {}
    for known, at in overlay_origins.items():
        own.setdefault(known[: len(prefix) + 1], {})[known] = at
    for key, value in overlay.items():
        path = (*prefix, str(key))
        below = values.get(key)
        if isinstance(value, dict) and isinstance(below, dict):
            _merge_into(below, origins, value, own.get(path, {}), path)
            continue
        if key in values:
            for known in [known for known in origins if known[: len(path)] == path]:
                del origins[known]
        values[key] = _copied(value)
        origins.update(own.get(path, {}))


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return value


def profile_layer(configuration: Path, profile: str) -> Layer:
    """Reads the overlay ``profiles/<profile>.yaml`` beside a configuration file.

    Raises:
      errors.UserError: If there is no such profile.
    """
    folder = configuration.parent / "profiles"
    path = folder / f"{profile}.yaml"
    if not path.is_file():
        known = sorted(item.stem for item in folder.glob("*.yaml"))
        near = errors.nearest(profile, known)
        raise errors.UserError(
            f"there is no profile {profile!r}",
            evidence=[f"looked for {path}", f"profiles here: {', '.join(known) or 'none'}"],
            hint=f"did you mean {near!r}?" if near else "write that file, or leave out --profile",
            code="unknown-profile",
        )
    return read_yaml(path)


def assignments_layer(assignments: Iterable[str], source: str = SET_SOURCE) -> Layer:
    """Turns ``a.b=value`` texts into a layer; values are read as YAML scalars.

    Args:
      assignments: Texts such as ``trainer.train_steps=2000``.
      source: What to name as their origin.

    Raises:
      errors.UserError: If a text has no ``=`` or an empty key.
    """
    import yaml

    layers = []
    for text in assignments:
        key, separator, raw = text.partition("=")
        path = tuple(part.strip() for part in key.split("."))
        if not separator or not all(path):
            raise errors.UserError(
                f"cannot read {source} {text!r}",
                hint=f"write it as {source} trainer.train_steps=2000",
                code="invalid-assignment",
            )
        try:
            value = yaml_text.read_yaml(raw)
        except yaml.YAMLError:
            value = raw
        nested: dict[str, Any] = {path[-1]: value}
        for part in reversed(path[:-1]):
            nested = {part: nested}
        origins = {path[: index + 1]: Origin(source) for index in range(len(path))}
        layers.append(Layer(nested, origins))
    return merge(layers)
