"""The resolver strategy that finds the spans to train on."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from absl import logging
from ml_metadata import MetadataStore
from tfx.dsl.components.common import resolver
from tfx.types import Artifact, artifact_utils

from components.data_gate.accepted_data import span_of, version_of
from components.data_gate.artifacts import BLESSED_PROPERTY, EXAMPLES_PROPERTY
from components.example_source import reading_execution
from components.training_window.changes import written_again
from components.training_window.words import spans_in_words
from core import progress

CURRENT_KEY = "current"
EXAMPLES_KEY = "examples"
BLESSING_KEY = "blessing"


class TrainingWindow(resolver.ResolverStrategy):
    """Takes this run's examples and those of the spans before that were accepted.

    Of each span the newest version counts, and of one version what was accepted last: a
    span that was processed again, and accepted, takes the place of what it was. Spans
    newer than this run's are left out, so that a run of an older span gives the model
    that it would have given then. So are examples whose files are gone, that were made
    from other data than this run's, or with other splits.

    A span whose files were written again since it was accepted is said so: it is
    trained on as it was accepted, until a run of that span has judged the new files.

    Args:
      spans: How many spans to take, this run's included; fewer where there are not so
        many.
      files: ExampleGen's `input_base` and `input_config` (JSON), spans not filled in;
        None where the data are not files.
    """

    def __init__(self, spans: int, files: Mapping[str, str] | None = None) -> None:
        self._spans = spans
        self._files = files

    def resolve_artifacts(
        self, store: MetadataStore, input_dict: dict[str, list[Artifact]]
    ) -> dict[str, list[Artifact]]:
        """Picks the examples to train on.

        Args:
          store: The metadata store, asked for what the examples were made from.
          input_dict: This run's examples, and all examples and blessings.

        Returns:
          The chosen examples, the oldest span first; nothing else.
        """
        current = max(input_dict[CURRENT_KEY], key=_id, default=None)
        if current is None:
            return {CURRENT_KEY: [], EXAMPLES_KEY: [], BLESSING_KEY: []}
        accepted = {
            blessing.get_int_custom_property(EXAMPLES_PROPERTY)
            for blessing in input_dict[BLESSING_KEY]
            if blessing.get_int_custom_property(BLESSED_PROPERTY) == 1
        }
        candidates = [
            item
            for item in input_dict[EXAMPLES_KEY]
            if item.id in accepted
            and span_of(item) < span_of(current)
            and _splits(item) == _splits(current)
            and _has_files(item)
        ]
        sources = _sources(store, [current, *candidates])
        candidates = [item for item in candidates if sources[item.id] == sources[current.id]]
        chosen = [current, *newest_of_each_span(candidates)[: self._spans - 1]]
        said = f"{len(chosen)} of {self._spans} spans: {spans_in_words(map(span_of, chosen))}"
        if len(chosen) < self._spans:
            logging.warning("The training window holds %s; no others were accepted yet.", said)
        progress.report(said)
        for words in written_again(self._files, chosen[1:]) if self._files else ():
            logging.warning(
                "%s since it was accepted; `millrace run CONFIG --set data.span=N --to DataGate`"
                " has the new files judged.",
                words,
            )
            progress.report(words)
        return {CURRENT_KEY: [], EXAMPLES_KEY: chosen[::-1], BLESSING_KEY: []}


def newest_of_each_span(examples: Iterable[Artifact]) -> list[Artifact]:
    """The newest version of each span, the newest span first.

    Args:
      examples: Examples, several of one span among them.
    """
    best: dict[int, Artifact] = {}
    for item in sorted(examples, key=lambda item: (version_of(item), item.id)):
        best[span_of(item)] = item
    return [best[span] for span in sorted(best, reverse=True)]


def _sources(store: MetadataStore, examples: Iterable[Artifact]) -> Mapping[int, str]:
    """What each artifact was made from: folder and pattern, whatever span stands in it."""
    return {item.id: _source(reading_execution(store, item.id)) for item in examples}


def _source(execution: Any) -> str:
    if execution is None:
        return ""
    values = execution.custom_properties
    names = ("input_base", "input_config")
    base, config = (values[n].string_value if n in values else "" for n in names)
    # The driver filled the span in; what stays is the pattern.
    return base.rstrip("/") + re.sub(r"\d+", "#", config)


def _splits(examples: Artifact) -> set[str]:
    return set(artifact_utils.decode_split_names(examples.split_names))


def _has_files(examples: Artifact) -> bool:
    if "://" in examples.uri:
        return True  # not asked: a bucket answers late, and Transform says what is missing
    return all(os.path.isdir(f"{examples.uri}/Split-{split}") for split in _splits(examples))


def _id(artifact: Artifact) -> int:
    return int(artifact.id)
