"""Which spans are written to the end, and which are not taken yet.

A program that writes a span takes its time, and a run that starts meanwhile would train
on a part of it. Where the configuration says how a finished span is told
(`ReadySettings`), others are passed over for an older one, or refused where they were
asked for. Nothing of TensorFlow here.
"""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable, Sequence

from components.example_gen.settings import ReadySettings
from components.example_gen.spans.patterns import (
    Span,
    check_span,
    describe_span,
    find_spans,
    glob_files,
    has_span,
    shown,
)
from core import progress
from core.errors import DataError, UserError, nearest

_POLL_SECONDS = 1.0
_SHOWN = 5
_NOTHING_THERE = "its folder holds no data file"
_FINISHED_EMPTY = "it is marked as finished and holds no data file"


@dataclasses.dataclass(frozen=True)
class Skipped:
    """A span, or one version of it, that is not taken.

    Attributes:
      span: The version of the span.
      reason: Why, in a few words.
    """

    span: Span
    reason: str

    def describe(self) -> str:
        """Names the span and the reason."""
        return f"{self.span.describe()}: {self.reason}"


@dataclasses.dataclass(frozen=True)
class Resolution:
    """The spans that may be taken.

    Attributes:
      spans: The newest version that may be taken of each span, the newest span first;
        one span alone where it was asked for. Never empty.
      skipped: What is newer than the first of them and is passed over.
    """

    spans: tuple[Span, ...]
    skipped: tuple[Skipped, ...]


def resolve_spans(
    base: str,
    pattern: str,
    ready: ReadySettings | None = None,
    *,
    asked: int | None = None,
    wait: bool = True,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> Resolution:
    """Finds the spans that may be taken, after waiting for the newest one if configured.

    A folder of a span without any data file is passed over, since it may be about to be
    filled; where its marker says that it is finished, it is refused.

    Args:
      base: The folder.
      pattern: The pattern below it; one without a place for a span is one span, 0.
      ready: How a finished span is told; None takes all of them.
      asked: The only span that may be taken; the newest where it is None.
      wait: Whether to wait as long as `ready` says.
      clock: The time in seconds since 1970.
      sleep: Waits for so many seconds.

    Raises:
      UserError: If the span that was asked for does not exist, or the pattern has no place
        for one.
      DataError: If no span may be taken, the one that was asked for may not, or a span is
        marked as finished and holds nothing.
    """
    check_span(pattern, asked)
    end = clock() + (ready.patience if ready is not None and wait else 0.0)
    while True:
        judged = [
            (span, _why_not(base, span, pattern, ready, clock))
            for span in _existing(base, pattern, asked)
        ]
        newest, reason = judged[0]
        if reason is None or reason == _NOTHING_THERE or clock() >= end:
            return _resolution(base, pattern, judged, asked)
        progress.report(f"waiting for {newest.describe()}: {reason}")
        sleep(min(_POLL_SECONDS, max(0.0, end - clock())))


def marker_paths(base: str, span: Span, pattern: str, marker: str) -> tuple[str, ...]:
    """Where the marker of a finished span lies.

    Args:
      base: The folder.
      span: The version of the span.
      pattern: The pattern that it was found with.
      marker: The marker's name.

    Returns:
      One path in the span's own folder: the deepest that the span, date or version is
      part of the name of. Where these are part of the files' names, one path beside each
      file: its name with the marker at its end.
    """
    parts = pattern.split("/")
    with_place = [index for index, part in enumerate(parts) if has_span(part)]
    if with_place and with_place[-1] == len(parts) - 1:
        return tuple(path + marker for path in span.files)
    depth = with_place[-1] + 1 if with_place else 0
    return ("/".join([base.rstrip("/"), *span.pattern.split("/")[:depth], marker]),)


def _why_not(
    base: str,
    span: Span,
    pattern: str,
    ready: ReadySettings | None,
    clock: Callable[[], float],
) -> str | None:
    """Why a version of a span cannot be taken; None where it can."""
    if ready is not None and ready.marker is not None:
        missing = [
            path for path in marker_paths(base, span, pattern, ready.marker) if not _modified(path)
        ]
        if missing:
            name = os.path.basename(missing[0])
            return f"it has no {name} yet" if span.files else f"it is empty and has no {name} yet"
        return None if span.files else _FINISHED_EMPTY
    if not span.files:
        return _NOTHING_THERE
    if ready is not None and ready.stable_seconds is not None:
        age = clock() - max(_modified(path) or 0.0 for path in span.files)
        if age < ready.stable_seconds:
            if age < 0:
                return "a file of it is dated in the future"
            return f"a file of it changed {age:.0f} s ago"
    return None


def _modified(path: str) -> float | None:
    """When a file was changed, seconds since 1970; None where it does not exist."""
    if "://" not in path:
        try:
            return os.stat(path).st_mtime
        except FileNotFoundError:
            return None
    from tfx.dsl.io import fileio

    return fileio.stat(path).mtime_nsec / 1e9 if fileio.exists(path) else None


def _existing(base: str, pattern: str, asked: int | None) -> list[Span]:
    """The versions of all spans, or of the one that was asked for; never empty."""
    where = f"{base.rstrip('/')}/{pattern}"
    found: tuple[Span, ...]
    if has_span(pattern):
        found = find_spans(base, pattern)
    else:
        # Files that start with _ or . are other programs' marks.
        names = sorted(glob_files(base, pattern))
        files = tuple(p for p in names if not os.path.basename(p).startswith(("_", ".")))
        found = (Span(0, None, pattern, files),)
    if not found:
        names = sorted(os.listdir(base))[:5] if os.path.isdir(base) else []
        raise DataError(
            "the data's path finds no span",
            evidence=[where, *([f"there: {', '.join(names)}"] if names else [])],
            hint="check data.path; only digits stand in the place of a span",
            code="no-files",
        )
    if asked is None:
        return list(found)
    chosen = [span for span in found if span.number == asked]
    if not chosen:
        there = [span for span in found if span.files]
        near = nearest(str(asked), {str(span.number) for span in there})
        raise UserError(
            f"there is no {describe_span(asked, is_date=found[0].is_date)}",
            evidence=[where, f"spans there: {shown(there) or 'none'}"],
            hint=f"did you mean {near}?" if near else "leave data.span empty for the newest",
            code="unknown-span",
        )
    return chosen


def _resolution(
    base: str, pattern: str, judged: Sequence[tuple[Span, str | None]], asked: int | None
) -> Resolution:
    taken: dict[int, Span] = {}
    skipped: list[Skipped] = []
    for span, reason in judged:
        if reason is None:
            taken.setdefault(span.number, span)
        elif not taken:
            skipped.append(Skipped(span, reason))
    if taken and (not skipped or skipped[0].reason != _FINISHED_EMPTY):
        return Resolution(tuple(taken.values()), tuple(skipped))
    newest = skipped[0]
    name = newest.span.describe() if has_span(pattern) else "the data"
    evidence = [f"{base.rstrip('/')}/{pattern}", *(skip.describe() for skip in skipped[:_SHOWN])]
    if newest.reason == _FINISHED_EMPTY or not any(skip.span.files for skip in skipped):
        raise DataError(
            f"there is no data file in {name}",
            evidence=evidence,
            hint="write its files again, or take its folder away",
            code="empty-span",
        )
    if asked is None and has_span(pattern):
        headline = "no span is finished"
    else:
        headline = f"{name} {'is' if has_span(pattern) else 'are'} not finished"
    raise DataError(
        headline,
        evidence=evidence,
        hint="try again when it is written, or let the run wait with data.ready.wait_seconds",
        code="span-not-ready",
    )
