"""The spans of a window in words."""

from __future__ import annotations

from collections.abc import Iterable


def spans_in_words(spans: Iterable[int]) -> str:
    """Writes the numbers of spans, neighbours as a range: ``2, 4 to 7``."""
    groups: list[list[int]] = []
    for span in sorted(spans):
        if groups and span == groups[-1][-1] + 1:
            groups[-1].append(span)
        else:
            groups.append([span])
    texts: list[str] = []
    for group in groups:
        if len(group) > 2:
            texts.append(f"{group[0]} to {group[-1]}")
        else:
            texts += map(str, group)
    return ", ".join(texts)
