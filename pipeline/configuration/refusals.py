"""From pydantic's validation errors to one error that names key, file and line."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from typing import Any

import pydantic

from core import errors
from pipeline.configuration.positions import KeyPath, Layer, nearest_origin


def refusal(
    error: pydantic.ValidationError, layer: Layer, model: type[pydantic.BaseModel]
) -> errors.UserError:
    """Explains why a configuration was refused.

    Args:
      error: What pydantic says.
      layer: The merged values with their origins.
      model: The class that was validated, for the keys that would be valid.

    Returns:
      An error whose headline names the first wrong key, with a line of evidence for
      every wrong key: where it stands and what is wrong.
    """
    lines: list[str] = []
    hints: list[str] = []
    places: list[str] = []
    headline = ""
    code = "invalid-configuration"
    for item in _without_repeats(error.errors(include_url=False)):
        path = _path_in_values(item["loc"], layer.values)
        key = ".".join(path) or "the configuration"
        origin = nearest_origin(layer.origins, path)
        place = str(origin or "")
        places.append(place)
        if item["type"] == "extra_forbidden":
            code = code if headline else "unknown-key"
            known = sorted(_keys_at(model, item["loc"][:-1], layer.values))
            near = errors.nearest(path[-1], known)
            said = f"{key} is not a key that exists"
            hint = f"did you mean {near!r}?" if near else f"valid keys here: {', '.join(known)}"
        elif item["type"] == "missing":
            code = code if headline else "missing-key"
            said = f"{key} is missing"
            hint = f"add {key} to the configuration"
        elif item["type"] == "union_tag_invalid":
            tags = [tag.strip().strip("'") for tag in item["ctx"]["expected_tags"].split(",")]
            tag = str(item["ctx"]["tag"])
            near = errors.nearest(tag, tags)
            said = f"{key}: there is no {item['ctx']['discriminator'].strip(chr(39))} {tag!r}"
            hint = f"did you mean {near!r}?" if near else f"known: {', '.join(tags)}"
        else:
            message = str(item["msg"]).removeprefix("Value error, ")
            said = f"{key}: {message[:1].lower()}{message[1:]}"
            hint = ""
            if not isinstance(item["input"], (dict, list)) and item["input"] is not None:
                said += f", not {item['input']!r}"
        lines.append(f"{said} ({place})" if place else said)
        if hint:
            hints.append(f"{key}: {hint}")
        headline = headline or said
    count = len(lines)
    if count == 1:
        lines = [f"at {place}" for place in places if place]
    else:
        headline = f"{count} things in the configuration are wrong; first: {headline}"
    if count == 1:
        hints = [hint.partition(": ")[2] for hint in hints]
    return errors.UserError(headline, evidence=lines, hint="; ".join(hints), code=code)


def _without_repeats(items: list[Any]) -> Iterator[Any]:
    """A value that fits no member of a union is reported once per member: keep one."""
    seen: set[tuple[object, ...]] = set()
    for item in items:
        mark = (tuple(item["loc"][:2]), item["msg"])
        if mark not in seen:
            seen.add(mark)
            yield item


def _path_in_values(location: tuple[str | int, ...], values: Any) -> KeyPath:
    """Drops from pydantic's location what names a union's member, not a key."""
    path: list[str] = []
    current = values
    for index, part in enumerate(location):
        last = index == len(location) - 1
        if isinstance(current, dict):
            if part in current:
                current = current[part]
            elif not last:
                continue
            path.append(str(part))
        elif isinstance(current, list) and isinstance(part, int) and part < len(current):
            current = current[part]
            path.append(str(part))
        elif last and not path:
            path.append(str(part))
    return tuple(path)


def _keys_at(
    model: type[pydantic.BaseModel], location: tuple[str | int, ...], values: Any
) -> set[str]:
    """The keys that would be valid at a location, over all members of a union there."""
    current: list[Any] = [model]
    for part in location:
        following: list[Any] = []
        named: list[Any] = []
        for annotation in current:
            for kind in _members(annotation):
                if isinstance(kind, type) and issubclass(kind, pydantic.BaseModel):
                    if part in kind.model_fields:
                        following.append(kind.model_fields[str(part)].annotation)
                    if _is_tagged(kind, part):
                        named.append(kind)
                elif typing.get_origin(kind) in (dict, list, tuple):
                    following.extend(typing.get_args(kind)[-1:])
        current = following or named or current
    keys: set[str] = set()
    for annotation in current:
        for kind in _members(annotation):
            if isinstance(kind, type) and issubclass(kind, pydantic.BaseModel):
                keys.update(kind.model_fields)
    return keys


def _members(annotation: Any) -> Iterator[Any]:
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from _members(typing.get_args(annotation)[0])
    elif origin in (typing.Union, types.UnionType):
        for member in typing.get_args(annotation):
            yield from _members(member)
    else:
        yield annotation


def _is_tagged(kind: type[pydantic.BaseModel], tag: str | int) -> bool:
    """Whether a union's discriminator names this class by `tag`."""
    return kind.__name__ == tag or any(
        tag in typing.get_args(field.annotation) for field in kind.model_fields.values()
    )
