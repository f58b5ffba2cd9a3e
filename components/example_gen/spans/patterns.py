"""The spans and versions that a pattern finds; nothing of TensorFlow here.

TFX's driver finds only the newest of them, and stops at the first folder whose name has
no number where the pattern has ``{SPAN}``. Whoever passes over a span (half written,
quarantined) must know the others, so all of them are listed here, with the meaning that
TFX gives to the places in a pattern: a date is the span that counts days from 1 January
1970, and the number of a span may be written with leading zeros.
"""

from __future__ import annotations

import dataclasses
import datetime
import errno
import fnmatch
import glob
import os
import re
from collections.abc import Iterable, Mapping

from core.errors import DataError, UserError
from core.globbing import matching_files

# The parts of a pattern that stand for a span, a date or a version.
SPAN_PLACE = re.compile(r"\{(?:SPAN|VERSION)(?::[^}]*)?\}|\{(?:YYYY|MM|DD)\}")
_EPOCH = datetime.date(1970, 1, 1)
_DATE = ("YYYY", "MM", "DD")
_DATE_DIGITS = {"YYYY": 4, "MM": 2, "DD": 2}
_SHOWN = 8


@dataclasses.dataclass(frozen=True)
class Span:
    """One version of one span.

    Attributes:
      number: The span's number; days since 1970 for a date.
      version: Its version, None where the pattern has no place for one.
      pattern: The pattern, its places filled as the names on the disk are written.
      files: The data files; empty for a folder without any.
      is_date: Whether the pattern has a date for the span.
    """

    number: int
    version: int | None
    pattern: str
    files: tuple[str, ...]
    is_date: bool = False

    def describe(self) -> str:
        """Names it: ``span 7``, ``span 7, version 2``, ``span 19783 (2024-03-01)``."""
        return describe_span(self.number, self.version, is_date=self.is_date)


def describe_span(number: int, version: int | None = None, *, is_date: bool = False) -> str:
    """Names a span and its version for people."""
    text = f"span {number}"
    if is_date:
        text += f" ({_EPOCH + datetime.timedelta(number)})"
    return text if version is None else f"{text}, version {version}"


def has_span(pattern: str) -> bool:
    """Whether a pattern has a place for a span, a date or a version."""
    return SPAN_PLACE.search(pattern) is not None


def check_places(pattern: str) -> None:
    """Refuses places for spans that TFX would refuse, or could not fill.

    Raises:
      UserError: If a place stands twice, a version stands without a span, a date is
        incomplete or stands beside a span, or a width is no positive number.
    """
    places = [place[1:-1] for place in SPAN_PLACE.findall(pattern)]
    names = [place.partition(":")[0] for place in places]
    dates = [name for name in names if name in _DATE]
    trouble = ""
    if twice := sorted({name for name in names if names.count(name) > 1}):
        trouble = f"{{{twice[0]}}} stands twice"
    elif dates and "SPAN" in names:
        trouble = "a span is either {SPAN} or a date, not both"
    elif dates and len(dates) < len(_DATE):
        trouble = "a date needs all of {YYYY}, {MM} and {DD}"
    elif "VERSION" in names and not dates and "SPAN" not in names:
        trouble = "{VERSION} needs {SPAN} or a date beside it"
    else:
        for place in places:
            _, separator, width = place.partition(":")
            if separator and not (width.isdigit() and int(width) > 0):
                trouble = f"{{{place}}} has no number of digits after the colon"
    if trouble:
        raise UserError(
            f"the pattern's places for a span make no sense: {trouble}",
            evidence=[pattern],
            hint="write span-{SPAN}/v{VERSION}/*.csv, or {YYYY}-{MM}-{DD}/*.csv, for example",
            code="span-pattern",
        )


def check_span(pattern: str, asked: int | None) -> None:
    """Refuses a wish for a span that a path cannot fulfil.

    Args:
      pattern: The data's path, or its part below a folder.
      asked: The number of the span that is wanted; None for the newest.

    Raises:
      UserError: If the places in the pattern make no sense, or a span is wanted and there
        is none.
    """
    check_places(pattern)
    if asked is not None and not has_span(pattern):
        raise UserError(
            f"span {asked} is wanted, and the data's path has no place for a span",
            evidence=[pattern],
            hint="leave data.span empty, or write {SPAN} or {YYYY}-{MM}-{DD} into data.path",
            code="span-without-place",
        )


def find_spans(base: str, pattern: str) -> tuple[Span, ...]:
    """Lists every version of every span, the newest first.

    Names without a number (or without a date that exists) in a span's place are left
    out, and so are files whose names start with ``_`` or ``.``. Folders of spans that
    hold no data file are listed, with no files, where `base` is on this machine.

    Args:
      base: The folder.
      pattern: The pattern below it; has a place for a span or a date.

    Raises:
      UserError: If the places in the pattern make no sense.
      DataError: If one version of a span lies in two places, such as ``span-7`` and
        ``span-07``.
    """
    check_places(pattern)
    found: dict[tuple[int, int | None], dict[str, list[str]]] = {}
    paths = [path for path in glob_files(base, SPAN_PLACE.sub("*", pattern)) if _is_data(path)]
    is_date = "{YYYY}" in pattern
    for path, tokens in _matches(base, pattern, paths):
        if (key := _numbers(tokens)) is not None:
            found.setdefault(key, {}).setdefault(_filled(pattern, tokens), []).append(path)
    folder = _folder_pattern(pattern)
    if folder and "://" not in base:
        spread = os.path.join(glob.escape(base), SPAN_PLACE.sub("*", folder))
        folders = [path for path in glob.glob(spread) if os.path.isdir(path)]
        for _, tokens in _matches(base, folder, folders):
            key = _numbers(tokens)
            if key is not None and key not in found:
                found[key] = {_filled(pattern, tokens): []}
    ordered = sorted(found, key=lambda key: (key[0], -1 if key[1] is None else key[1]))
    spans = []
    for number, version in reversed(ordered):
        places = found[number, version]
        if len(places) > 1:
            name = describe_span(number, version, is_date=is_date)
            raise DataError(
                f"{name} lies in {len(places)} places",
                evidence=[f"{base.rstrip('/')}/{place}" for place in sorted(places)[:_SHOWN]],
                hint="keep one, or give one of them another version",
                code="overlapping-versions",
            )
        [(filled, files)] = places.items()
        spans.append(Span(number, version, filled, tuple(sorted(files)), is_date))
    return tuple(spans)


def shown(spans: Iterable[Span]) -> str:
    """The numbers of spans with their versions, in few words."""
    versions: dict[str, list[str]] = {}
    for span in spans:
        held = versions.setdefault(describe_span(span.number, is_date=span.is_date)[5:], [])
        held += [] if span.version is None else [str(span.version)]
    texts = [
        number + (f" (version{'s' if len(held) > 1 else ''} {', '.join(held)})" if held else "")
        for number, held in versions.items()
    ]
    more = len(texts) - _SHOWN
    return ", ".join(texts[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def glob_files(base: str, pattern: str) -> list[str]:
    """The files below a folder, local or remote, that a pattern matches."""
    if "://" not in base:
        _check_folders(base, os.path.dirname(pattern.partition("**")[0]))
        return matching_files(base, pattern)
    from tfx.dsl.io import fileio

    return [path for path in fileio.glob(f"{base}/{pattern}") if not fileio.isdir(path)]


def _check_folders(base: str, pattern: str) -> None:
    """Glob passes over a folder that may not be listed, and its rows would vanish."""
    while True:
        for path in glob.glob(os.path.join(glob.escape(base), pattern)):
            if os.path.isdir(path) and not os.access(path, os.R_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        if not pattern:
            return
        pattern = os.path.dirname(pattern)


def _is_data(path: str) -> bool:
    return not os.path.basename(path).startswith(("_", "."))


def _matches(
    base: str, pattern: str, paths: Iterable[str]
) -> Iterable[tuple[str, Mapping[str, str]]]:
    """The texts in the pattern's places, for each path that has digits there."""
    pieces = SPAN_PLACE.split(pattern)
    places = [place[1:-1] for place in SPAN_PLACE.findall(pattern)]
    # fnmatch wraps what it gives as (?s:…)\\Z.
    expression = re.escape(base.rstrip("/") + "/") + fnmatch.translate(pieces[0])[4:-3]
    for place, piece in zip(places, pieces[1:], strict=True):
        name, _, width = place.partition(":")
        digits = width or _DATE_DIGITS.get(name)
        expression += f"(?P<{name}>[0-9]{f'{{{digits}}}' if digits else '+'})"
        expression += fnmatch.translate(piece)[4:-3]
    matcher = re.compile(expression)
    for path in paths:
        if match := matcher.fullmatch(path):
            yield path, match.groupdict()


def _numbers(tokens: Mapping[str, str]) -> tuple[int, int | None] | None:
    version = int(tokens["VERSION"]) if "VERSION" in tokens else None
    if "SPAN" in tokens:
        return int(tokens["SPAN"]), version
    try:
        date = datetime.date(*(int(tokens[name]) for name in _DATE))
    except ValueError:
        return None
    return (date - _EPOCH).days, version


def _filled(pattern: str, tokens: Mapping[str, str]) -> str:
    return SPAN_PLACE.sub(lambda place: tokens[place[0][1:-1].partition(":")[0]], pattern)


def _folder_pattern(pattern: str) -> str:
    """The pattern of a span's folder; nothing where the places stand in the files' names."""
    folder, _, name = pattern.rpartition("/")
    return "" if has_span(name) else folder
