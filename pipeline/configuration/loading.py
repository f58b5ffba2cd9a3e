"""Reads a configuration: layers merged, checked, with the origin of every value."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pydantic

from core import errors
from pipeline.configuration.checks import checks
from pipeline.configuration.layers import assignments_layer, merge, profile_layer
from pipeline.configuration.model import PipelineConfiguration
from pipeline.configuration.positions import KeyPath, Layer, Origin, nearest_origin, read_yaml
from pipeline.configuration.refusals import refusal

DEFAULT = Origin("default")

_COMPONENT = re.compile(r"\bcomponents\.\w+")


@dataclasses.dataclass(frozen=True)
class LoadedConfiguration:
    """A checked configuration and where its values came from.

    Attributes:
      configuration: The values.
      origins: The origin of every key that some layer set; the rest are defaults.
      path: The base file.
    """

    configuration: PipelineConfiguration
    origins: dict[KeyPath, Origin]
    path: Path

    def origin(self, path: KeyPath) -> Origin:
        """Where the value at `path` came from.

        A key that no layer set is a default, also below a mapping that some layer
        wrote; below a shorthand (``fare: numeric``) it comes from the shorthand.
        """
        above = [path[:length] for length in range(len(path), 0, -1)]
        closest = next((key for key in above if key in self.origins), None)
        if closest is None:
            return DEFAULT
        is_mapping = closest != path and any(
            len(key) > len(closest) and key[: len(closest)] == closest for key in self.origins
        )
        return DEFAULT if is_mapping else self.origins[closest]


def load(
    path: Path | str,
    *,
    profile: str | None = None,
    assignments: Sequence[str] = (),
    overrides: Sequence[Layer] = (),
) -> LoadedConfiguration:
    """Reads, merges and checks a configuration.

    Args:
      path: The base file.
      profile: The name of an overlay in ``profiles/`` beside it.
      assignments: ``--set`` texts, stronger than both files.
      overrides: Stronger layers still, such as the one ``--data`` makes.

    Raises:
      errors.UserError: If a file is missing or wrong, a key unknown, or a value
        refused; the error names key, file, line and the nearest valid key.
    """
    base = Path(path)
    layers = [read_yaml(base)]
    if profile:
        layers.append(profile_layer(base, profile))
    if assignments:
        layers.append(assignments_layer(assignments))
    merged = merge([*layers, *overrides])
    return LoadedConfiguration(check(merged), merged.origins, base)


def check(layer: Layer) -> PipelineConfiguration:
    """Validates one merged layer.

    Raises:
      errors.UserError: If a key or value is refused.
    """
    try:
        configuration = PipelineConfiguration.model_validate(layer.values)
    except pydantic.ValidationError as error:
        raise refusal(error, layer, PipelineConfiguration) from None
    for key, run_check in checks(configuration).items():
        with naming_origin(layer.origins, tuple(key.split("."))):
            run_check()
    return configuration


@contextlib.contextmanager
def naming_origin(origins: dict[KeyPath, Origin], path: KeyPath) -> Iterator[None]:
    """Adds to an error of the block where the key stands that it is about.

    Args:
      origins: The origins of the merged layers.
      path: The key.

    Raises:
      errors.MillraceError: The block's own, with one more line of evidence.
    """
    try:
        yield
    except errors.MillraceError as error:
        origin = nearest_origin(origins, path)
        if origin is not None:
            error.evidence = (*error.evidence, f"{'.'.join(path)} stands at {origin}")
        raise


def component_places(loaded: LoadedConfiguration) -> dict[str, str]:
    """Where each component of the project's own stands, by its key."""
    return {
        f"components.{name}": str(loaded.origin(("components", name)))
        for name in loaded.configuration.components
    }


@contextlib.contextmanager
def naming_component(places: Mapping[str, str]) -> Iterator[None]:
    """Adds to an error of the block where the component stands that it names.

    Whether a component fits shows when the pipeline is built, perhaps in another process
    than the one that has read the configuration.

    Args:
      places: What `component_places` gives.

    Raises:
      errors.UserError: The block's own, with one more line of evidence.
    """
    try:
        yield
    except errors.UserError as error:
        named = _COMPONENT.search(str(error))
        if named and named[0] in places:
            error.evidence = (*error.evidence, f"{named[0]} stands at {places[named[0]]}")
        raise


def data_layer(data: str) -> Layer:
    """The layer that ``--data PATH`` makes."""
    origin = Origin("--data")
    return Layer({"data": {"path": data}}, {("data",): origin, ("data", "path"): origin})


def flattened(values: Any, prefix: KeyPath = ()) -> list[tuple[KeyPath, Any]]:
    """Every leaf of nested settings with its path, in order."""
    if isinstance(values, dict) and values:
        return [
            leaf for key, item in values.items() for leaf in flattened(item, (*prefix, str(key)))
        ]
    return [(prefix, values)]
