"""Which files ExampleGen reads: a span and its version, found as `readiness` finds them.

TFX's own processor finds the newest span and its newest version by the names on the disk.
This one passes over spans that are not finished and over folders that are no spans, and
finds ``span-007`` with the pattern ``span-{SPAN}``. What it resolves has the form that
TFX's driver records: the number of the span, its version, and a fingerprint.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from absl import logging
from tfx.components.example_gen import input_processor
from tfx.proto import example_gen_pb2, range_config_pb2

from components.example_gen.settings import ReadySettings
from components.example_gen.spans.fingerprints import fingerprint
from components.example_gen.spans.patterns import Span, check_places, find_spans, has_span
from components.example_gen.spans.readiness import resolve_spans
from core import progress
from core.errors import DataError
from core.fingerprints import Mode


class SpanInputProcessor(input_processor.FileBasedInputProcessor):
    """Takes the newest span that is finished, or the one that is asked for.

    Args:
      input_base_uri: The folder or address of the files.
      splits: The input splits with their patterns.
      range_config: The span that is asked for; the newest where it is None.
      ready: How a finished span is told; None takes all of them.
      mode: What tells files apart.

    Raises:
      UserError: If a pattern's places for spans make no sense.
    """

    def __init__(
        self,
        input_base_uri: str,
        splits: Sequence[example_gen_pb2.Input.Split],
        range_config: range_config_pb2.RangeConfig | None,
        ready: ReadySettings | None = None,
        mode: Mode = "auto",
    ) -> None:
        for split in splits:
            check_places(split.pattern)
        super().__init__(input_base_uri, splits, range_config)
        self._base = input_base_uri
        self._patterns = {split.name: split.pattern for split in splits}
        self._asked = asked_span(range_config)
        self._ready = ready
        self._mode: Mode = mode
        self._filled: Mapping[str, str] = {}

    def candidates(self) -> Sequence[Span]:
        """The spans that may be taken, the newest first, after waiting for the newest one.

        Raises:
          UserError: If the span that is asked for does not exist.
          DataError: If there is none.
        """
        first = next(iter(self._patterns.values()))
        resolution = resolve_spans(self._base, first, self._ready, asked=self._asked)
        for skip in resolution.skipped:
            logging.warning("ExampleGen passes over %s.", skip.describe())
            progress.report(f"passes over {skip.describe()}")
        return resolution.spans

    def resolve_span_and_version(self) -> tuple[int, int | None]:
        """Takes the first of `candidates`.

        Raises:
          UserError, DataError: As `candidates` and `take`.
        """
        span = self.candidates()[0]
        self.take(span)
        return span.number, span.version

    def take(self, span: Span) -> None:
        """Fills all patterns with a span, and computes the fingerprint of its files.

        Args:
          span: One of `candidates`.

        Raises:
          DataError: If the pattern of another input split does not have it.
        """
        filled = {}
        for index, (name, pattern) in enumerate(self._patterns.items()):
            if index and has_span(pattern):
                filled[pattern] = self._same_span(name, pattern, span).pattern
            else:
                filled[pattern] = span.pattern if not index else pattern
        self._filled = filled
        self._fingerprint = "\n".join(
            fingerprint(name, self._base, filled[pattern], self._mode)
            for name, pattern in self._patterns.items()
        )

    def get_pattern_for_span_version(self, pattern: str, span: int, version: int | None) -> str:
        """The pattern with the places filled as the taken span's names are written."""
        del span, version
        return self._filled[pattern]

    def _same_span(self, name: str, pattern: str, span: Span) -> Span:
        for found in find_spans(self._base, pattern):
            if (found.number, found.version) == (span.number, span.version) and found.files:
                return found
        raise DataError(
            f"the input split {name!r} has no {span.describe()}",
            evidence=[f"{self._base.rstrip('/')}/{pattern}"],
            hint="every input split needs the same spans and versions",
            code="split-without-span",
        )


def asked_span(range_config: range_config_pb2.RangeConfig | None) -> int | None:
    """The span that a fixed range asks for; None for the newest."""
    if range_config is None or not range_config.HasField("static_range"):
        return None
    return int(range_config.static_range.start_span_number)
