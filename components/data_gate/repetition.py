"""One fault shows in many ways; a message needs it once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from components.data_gate.findings import Finding
from components.data_gate.questions import Question

_DISTRIBUTION = ("drift", "skew", "extrapolation", "unknown_categories")
_ABSENCE = ("no_values", "low_fraction_with_values", "FEATURE_TYPE_LOW_FRACTION_PRESENT")


def without_repetition(
    findings: Sequence[Finding], slice_counts: Mapping[str, int]
) -> list[Finding]:
    """Leaves out what another finding says already.

    * Distributions of a feature that has another type, or no values at all.
    * A changed share of examples with a value where the schema's share is missed.
    * Slices, where the whole has the same fault and so has more than half of them.

    Args:
      findings: All findings.
      slice_counts: How many slices each split has.
    """
    broken = {
        (finding.split, finding.feature)
        for finding in findings
        if finding.check == "no_values" or _is_of_type(finding)
    }
    absent = {(finding.split, finding.feature) for finding in findings if finding.check in _ABSENCE}
    whole = {_key(finding) for finding in findings if not finding.slice}
    slices = Counter(_key(finding) for finding in findings if finding.slice)

    def is_repeated(finding: Finding) -> bool:
        place = (finding.split, finding.feature)
        if finding.check in (*_DISTRIBUTION, "proportion_change") and place in broken:
            return True
        if finding.check == "proportion_change" and not finding.slice and place in absent:
            return True
        everywhere = slices[_key(finding)] > slice_counts.get(finding.split, 0) / 2
        return bool(finding.slice) and _key(finding) in whole and everywhere

    return [finding for finding in findings if not is_repeated(finding)]


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.split, finding.feature, finding.check


def _is_of_type(finding: Finding) -> bool:
    return finding.question is Question.TYPE and (
        finding.check == "UNEXPECTED_DATA_TYPE" or "_NOT_" in finding.check
    )
