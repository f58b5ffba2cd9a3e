"""Spans and points of time as people write them."""

from __future__ import annotations

import datetime
import re

import click

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_PART = re.compile(r"(\d+)\s*([smhdw]?)")


class Duration(click.ParamType):
    """Whole seconds: ``90``, ``90s``, ``15m``, ``1h30m``, ``7d``."""

    name = "duration"

    def convert(
        self, value: object, parameter: click.Parameter | None, context: click.Context | None
    ) -> int:
        """Reads it."""
        if isinstance(value, int):
            return value
        text = str(value).strip().lower()
        parts = _PART.findall(text)
        if not parts or _PART.sub("", text).strip() or any(not unit for _, unit in parts[:-1]):
            self.fail(
                f"{value!r} is not a duration: write 90s, 15m, 1h30m or 7d", parameter, context
            )
        seconds = sum(int(number) * _UNITS[unit] for number, unit in parts)
        if seconds < 1:
            self.fail(f"{value!r} is too short: at least a second", parameter, context)
        return seconds


class Instant(click.ParamType):
    """A point of time in ISO 8601; without a time zone it is UTC."""

    name = "time"

    def convert(
        self, value: object, parameter: click.Parameter | None, context: click.Context | None
    ) -> datetime.datetime:
        """Reads it."""
        if isinstance(value, datetime.datetime):
            return value
        text = re.sub(r"[zZ]$", "+00:00", str(value).strip())
        try:
            found = datetime.datetime.fromisoformat(text)
        except ValueError:
            self.fail(
                f"{value!r} is not a time: write 2026-11-30 or 2026-11-30T06:00:00Z",
                parameter,
                context,
            )
        if found.tzinfo is None:
            found = found.replace(tzinfo=datetime.timezone.utc)
        return found.astimezone(datetime.timezone.utc)


def spoken(seconds: float) -> str:
    """A span of time in the largest unit that divides it, such as ``15 minutes``."""
    for name, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size and seconds % size == 0:
            count = int(seconds // size)
            return f"{count} {name}{'s' if count != 1 else ''}"
    return f"{seconds:g} second{'s' if seconds != 1 else ''}"
