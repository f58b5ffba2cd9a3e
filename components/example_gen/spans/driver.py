"""The driver: TFX's own, except that it takes no data that are quarantined or half written."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from tfx.components.example_gen import driver as example_gen_driver
from tfx.orchestration import data_types as pipeline_data_types
from tfx.proto import example_gen_pb2, range_config_pb2
from tfx.types import standard_component_specs
from tfx.utils import proto_utils

from components.example_gen.properties import custom_config, read_settings
from components.example_gen.settings import ReadySettings
from components.example_gen.spans.quarantine_check import FindBlocking, QuarantineCheck
from components.example_gen.spans.span_processor import SpanInputProcessor
from components.quarantine.entry import DataIdentity, Entry
from core import progress
from core.errors import DataError
from core.fingerprints import Mode

_SHOWN_ENTRIES = 10


class Driver(QuarantineCheck, example_gen_driver.FileBasedDriver):
    """Resolves span, version and fingerprint, passing over quarantined data.

    Where the newest span is quarantined, the next older one's newest version is taken, so
    that a schedule goes on with the last good data. Which entries were passed over is
    noted in the metadata store beside the run, not on the examples: their properties are
    part of the cache keys of all nodes that read them.

    Args:
      metadata_handle: The metadata store, not yet entered.
    """

    _ready: ReadySettings | None = None
    _mode: Mode = "auto"

    def resolve_exec_properties(
        self,
        exec_properties: dict[str, Any],
        pipeline_info: pipeline_data_types.PipelineInfo,
        component_info: pipeline_data_types.ComponentInfo,
    ) -> dict[str, Any]:
        """Adds span, version and fingerprint, and fills the patterns, as TFX's driver does.

        How long to wait for a span, whether it was asked for or is the newest, and what
        tells files apart is taken out: the same files then have the same cache key.

        Args:
          exec_properties: Those of FileBasedExampleGen.
          pipeline_info: Not used.
          component_info: Not used.

        Raises:
          UserError: If the span that is asked for does not exist.
          DataError: If there is nothing that may be taken.
        """
        settings = read_settings(exec_properties)
        self._ready, self._mode = settings.ready, settings.fingerprint
        resolved: dict[str, Any] = super().resolve_exec_properties(
            exec_properties, pipeline_info, component_info
        )
        plain = custom_config(settings.model_copy(update={"ready": None, "fingerprint": "auto"}))
        resolved[standard_component_specs.CUSTOM_CONFIG_KEY] = proto_utils.proto_to_json(plain)
        resolved[standard_component_specs.RANGE_CONFIG_KEY] = ""
        return resolved

    def get_input_processor(
        self,
        splits: Iterable[example_gen_pb2.Input.Split],
        range_config: range_config_pb2.RangeConfig | None = None,
        input_base_uri: str | None = None,
    ) -> AcceptedInputProcessor:
        """The part of TFX's driver that chooses the files."""
        assert input_base_uri is not None
        return AcceptedInputProcessor(
            input_base_uri,
            list(splits),
            range_config,
            self._ready,
            self._mode,
            self._pipeline,
            self._find,
        )


class AcceptedInputProcessor(SpanInputProcessor):
    """Chooses the newest span that is finished and not quarantined.

    Args:
      input_base_uri: The folder or address of the files.
      splits: The input splits with their patterns.
      range_config: The span that was asked for; the newest where it is None.
      ready: How a finished span is told; None takes all of them.
      mode: What tells files apart.
      pipeline: The pipeline's name.
      find: Finds the entry that keeps runs from taking data.

    Attributes:
      skipped: The entries whose data were passed over.
    """

    def __init__(
        self,
        input_base_uri: str,
        splits: Sequence[example_gen_pb2.Input.Split],
        range_config: range_config_pb2.RangeConfig | None,
        ready: ReadySettings | None,
        mode: Mode,
        pipeline: str,
        find: FindBlocking,
    ) -> None:
        super().__init__(input_base_uri, splits, range_config, ready, mode)
        self._pipeline = pipeline
        self._find = find
        self.skipped: list[Entry] = []

    def resolve_span_and_version(self) -> tuple[int, int | None]:
        """The span and version to take.

        Raises:
          UserError: If the span that is asked for does not exist.
          DataError: If there is nothing that may be taken.
        """
        for span in self.candidates():
            self.take(span)
            if self._may_take(span.number, span.version):
                return span.number, span.version
        raise nothing_to_take(self.skipped)

    def _may_take(self, span: int, version: int | None) -> bool:
        entry = self._find(self._identity(span, version))
        if entry is None:
            return True
        self.skipped.append(entry)
        said = f"skips {entry.data.words}, {entry.status} as {entry.id}"
        logging.warning("ExampleGen %s: %s", said, entry.reason)
        progress.report(said)
        return False

    def _identity(self, span: int, version: int | None) -> DataIdentity:
        fill: Any = self.get_pattern_for_span_version
        return DataIdentity(
            pipeline=self._pipeline,
            input_base=self._input_base_uri,
            patterns={s.name: fill(s.pattern, span, version) for s in self._splits},
            span=span,
            version=version,
            fingerprint=self.get_input_fingerprint(span, version) or "",
        )


def nothing_to_take(skipped: Sequence[Entry]) -> DataError:
    """The error where all data that could be taken are quarantined.

    Args:
      skipped: Their entries, the newest data first; at least one.
    """
    first = skipped[0]
    if len(skipped) == 1:
        headline = f"{first.data.words} is {first.status}, and no run takes it"
        evidence = describe(first)
    else:
        headline = f"all {len(skipped)} spans are quarantined; there is nothing to train on"
        evidence = [
            f"{entry.data.words}: {entry.status} as {entry.id}: {entry.reason}"
            for entry in skipped[:_SHOWN_ENTRIES]
        ]
        if len(skipped) > _SHOWN_ENTRIES:
            evidence.append(f"and {len(skipped) - _SHOWN_ENTRIES} more")
    hint = "correct the data: changed files are judged anew without any other step"
    # What was discarded is never released.
    quarantined = [entry.id for entry in skipped if entry.status == "quarantined"]
    if quarantined:
        hint += (
            "; where the refusal was wrong, change the schema or the gate's settings and "
            f"`millrace data quarantine release {quarantined[0]}`"
        )
    return DataError(headline, evidence=evidence, hint=hint, code="data-quarantined")


def describe(entry: Entry) -> list[str]:
    """Who set data aside, when and why, a line each."""
    lines = [f"entry {entry.id}: {place}" for place in entry.data.places]
    for change in entry.history:
        where = f" in run {change.run_id}" if change.run_id else ""
        why = f": {change.why}" if change.why else ""
        lines.append(f"{change.action} by {change.who} on {change.when}{where}{why}")
    return lines
