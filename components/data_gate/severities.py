"""How bad a finding is: what the configuration says, and what it allows."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Literal

from components.data_gate.findings import Finding
from components.data_gate.questions import anomaly_names, check_names
from components.data_gate.settings import GateSettings
from core.errors import UserError, nearest

_ANY = ""


def parse_allowed(allowed: Iterable[str]) -> dict[str, set[str]]:
    """Reads the features and ``feature:ANOMALY`` pairs that do not stop a run.

    Returns:
      The allowed checks by feature; the empty one stands for every one.

    Raises:
      UserError: If there is no anomaly or check of the name.
    """
    known = [*anomaly_names(), *check_names()]
    kinds: dict[str, set[str]] = {}
    for entry in allowed:
        feature, separator, kind = entry.rpartition(":")
        if not separator:
            feature, kind = entry, _ANY
        elif kind not in known:
            close = nearest(kind, known)
            raise UserError(
                f"there is no anomaly {kind!r}",
                evidence=[f"allowed: {entry}"],
                hint=f"did you mean {feature}:{close}?" if close else "name the feature only",
                code="unknown-anomaly",
            )
        kinds.setdefault(feature, set()).add(kind)
    return kinds


class Severities:
    """Gives findings their severity.

    Args:
      settings: The gate's settings.

    Raises:
      UserError: If the settings allow an anomaly that there is not.
    """

    def __init__(self, settings: GateSettings) -> None:
        self._allowed = parse_allowed(settings.allowed)
        self._configured: Mapping[str, str] = settings.severities

    def judge(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings with the configured severities, without the ignored ones.

        A check's own severity wins over that of its question, and either over the
        one that the finding came with.
        """
        judged = []
        for finding in findings:
            severity = self._configured.get(
                finding.check,
                self._configured.get(finding.question.short_name, finding.severity),
            )
            if severity == "ignore":
                continue
            kept: Literal["block", "warn"] = "block" if severity == "block" else "warn"
            kinds = self._allowed.get(finding.feature, set())
            allowed = kept == "block" and bool(kinds & {_ANY, finding.check})
            judged.append(dataclasses.replace(finding, severity=kept, allowed=allowed))
        return judged
