"""The resolver strategy that finds the data accepted before those of this run."""

from __future__ import annotations

from typing import Any

from ml_metadata import MetadataStore
from tfx.dsl.components.common import resolver
from tfx.types import Artifact

from components.data_gate import artifacts
from components.example_gen.bundled import BUNDLED_PROPERTY

EXAMPLES_KEY = "examples"
STATISTICS_KEY = "statistics"
BLESSING_KEY = "blessing"
# The names that TFX's ExampleGen driver gives them.
_FINGERPRINT = "input_fingerprint"
_SPAN = "span"
_VERSION = "version"


class LatestAcceptedData(resolver.ResolverStrategy):
    """Takes the statistics and the blessing of the data accepted last.

    Data with the fingerprint of this run's examples are left out, so that no data
    are compared with themselves. Of data with spans, those of the newest span that is
    not newer than this one are taken. Data that were accepted once are compared with
    the same data again, whatever has been accepted since. Bundled data, which are made up,
    and a person's own are not compared with one another: where only the others were
    accepted, their blessing is given without statistics, and so can be told.
    """

    def resolve_artifacts(
        self, store: MetadataStore, input_dict: dict[str, list[Artifact]]
    ) -> dict[str, list[Artifact]]:
        """Picks the baseline.

        Args:
          store: The metadata store; not asked.
          input_dict: This run's examples, and all statistics and blessings.

        Returns:
          The examples, and one statistics and one blessing, or none.
        """
        examples = input_dict[EXAMPLES_KEY]
        current = max(examples, key=_id, default=None)
        accepted = [item for item in input_dict[BLESSING_KEY] if _number(item, "blessed") == 1]
        alike = [item for item in accepted if bool(bundled_of(item)) == bool(bundled_of(current))]
        found = _baseline(current, {item.id: item for item in input_dict[STATISTICS_KEY]}, alike)
        others = [] if alike else accepted
        statistics, blessing = found or ([], sorted(others, key=_id)[-1:])
        return {EXAMPLES_KEY: examples, STATISTICS_KEY: statistics, BLESSING_KEY: blessing}


def _baseline(
    examples: Artifact | None, statistics: dict[int, Artifact], blessings: list[Artifact]
) -> tuple[list[Artifact], list[Artifact]] | None:
    fingerprint = fingerprint_of(examples)
    span = span_of(examples)
    by_statistics = {
        _number(blessing, artifacts.STATISTICS_PROPERTY): blessing
        for blessing in sorted(blessings, key=_id)
    }
    by_statistics = {key: item for key, item in by_statistics.items() if key in statistics}
    same = [item for item in by_statistics.values() if _fingerprint(item) == fingerprint]
    if same and fingerprint:
        chosen = _number(max(same, key=_id), artifacts.BASELINE_PROPERTY)
        if chosen == 0:
            return None
        if chosen in by_statistics:
            return [statistics[chosen]], [by_statistics[chosen]]
    others = [item for item in by_statistics.values() if _fingerprint(item) != fingerprint]
    if not others:
        return None
    before = [item for item in others if _number(item, artifacts.SPAN_PROPERTY) <= span]
    blessing = max(
        before or others,
        key=lambda item: (_number(item, artifacts.SPAN_PROPERTY) if before else 0, item.id),
    )
    return [statistics[_number(blessing, artifacts.STATISTICS_PROPERTY)]], [blessing]


def bundled_of(artifact: Artifact | None) -> str:
    """Which bundled data examples, or those of a blessing, are; empty where they are none."""
    if artifact is None:
        return ""
    return str(artifact.get_string_custom_property(BUNDLED_PROPERTY))


def fingerprint_of(examples: Artifact | None) -> str:
    """The fingerprint of the files that examples were made from, empty where unknown."""
    if examples is None:
        return ""
    return str(examples.get_string_custom_property(_FINGERPRINT))


def span_of(examples: Artifact | None) -> int:
    """The span of examples, 0 where they have none."""
    return _loose_number(examples, _SPAN)


def version_of(examples: Artifact | None) -> int:
    """The version of examples, 0 where they have none."""
    return _loose_number(examples, _VERSION)


def _loose_number(examples: Artifact | None, name: str) -> int:
    # TFX writes some of them as text.
    if examples is None:
        return 0
    value: Any = examples.get_custom_property(name)
    if not value and name in (examples.PROPERTIES or {}):
        value = getattr(examples, name, None)
    try:
        return int(value or 0)
    except (TypeError, ValueError):
        return 0


def _id(artifact: Artifact) -> int:
    return int(artifact.id)


def _number(artifact: Artifact, name: str) -> int:
    return int(artifact.get_int_custom_property(name))


def _fingerprint(blessing: Artifact) -> str:
    return str(blessing.get_string_custom_property(artifacts.FINGERPRINT_PROPERTY))
