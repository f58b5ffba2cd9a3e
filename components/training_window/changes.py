"""Which accepted spans have other files now than when they were accepted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from tfx.types import Artifact

from components.data_gate.accepted_data import fingerprint_of, span_of, version_of
from components.example_gen.spans.fingerprints import fingerprint, made_by
from components.example_gen.spans.patterns import Span, find_spans, has_span
from core.errors import MillraceError


def written_again(files: Mapping[str, str], accepted: Iterable[Artifact]) -> list[str]:
    """Names the spans that were processed again since they were accepted.

    Buckets are not asked: they answer late.

    Args:
      files: ExampleGen's `input_base` and `input_config`, spans not filled in.
      accepted: The Examples of accepted spans.

    Returns:
      A few words for each: another version, or other files of the same one.
    """
    base = files["input_base"]
    splits = json.loads(files["input_config"])["splits"]
    name, pattern = splits[0]["name"], splits[0]["pattern"]
    if "://" in base or len(splits) > 1 or not has_span(pattern):
        return []
    newest: dict[int, Span] = {}
    try:
        for span in find_spans(base, pattern):
            if span.files:
                newest.setdefault(span.number, span)
    except MillraceError:
        return []  # ExampleGen has said what is wrong, if it concerns this run
    words = []
    for item in accepted:
        now = newest.get(span_of(item))
        if now is None:
            continue
        if (now.version or 0) != version_of(item):
            words.append(f"{now.describe()} was written")
        elif fingerprint_of(item) != fingerprint(
            name, base, now.pattern, made_by(fingerprint_of(item))
        ):
            words.append(f"{now.describe()} was written again")
    return words
