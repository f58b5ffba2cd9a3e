"""Labels that are none of the classes: left out like missing ones, so named and bounded here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from components.data_gate.findings import LABEL, MOST_VALUES, Finding
from components.data_gate.labels import Label
from components.data_gate.row_checks import effect
from components.data_gate.settings import UnknownClassesSettings


def unknown_classes(
    split: str, label: Label, settings: UnknownClassesSettings
) -> Iterator[Finding]:
    """Finds labels that are none of the classes: too many stop the run, a few are told."""
    count = sum(label.outside.values())
    if settings.severity == "off" or not count:
        return
    examples = int(label.present.sum())
    share = count / examples
    yield Finding(
        split,
        LABEL,
        "unknown_classes",
        effect(settings) if share > settings.at_most else "warn",
        headline=f"{share:.1%} of the labels are none of the classes",
        expected=f"{_listed(label.known_classes)}; of others at most {settings.at_most:.2%}",
        seen="Such rows are left out of training and evaluation: "
        + _listed(_described(text, n, examples, label) for text, n in label.outside.items()),
        values=tuple(label.outside)[:MOST_VALUES],
        count=count,
        examples=examples,
    )


def _described(text: str, count: int, examples: int, label: Label) -> str:
    """A text with its share, and the class that it may have been meant for."""
    meant = next(
        (name for name in label.known_classes if plain_spelling(name) == plain_spelling(text)), None
    )
    like = f", like {meant!r} but for capitals and blanks" if meant is not None else ""
    return f"{text!r} ({count / examples:.1%}{like})"


def plain_spelling(text: str) -> str:
    """A text as it reads without capitals and needless blanks."""
    return " ".join(text.casefold().split())


def _listed(items: Iterable[str]) -> str:
    found = list(items)
    more = len(found) - MOST_VALUES
    return ", ".join(found[:MOST_VALUES]) + (f" and {more:,} more" if more > 0 else "")
