"""Which version a model gets, and why."""

from __future__ import annotations

import math
from collections.abc import Sequence

from components.evaluator.metric_names import HEADLINE_METRICS
from registry.model_version import Facts, ModelVersion
from registry.version import FIRST, Change, Version, following

# Of these a smaller value is better.
_LOSSES = ("error", "loss")


def next_version(
    facts: Facts, champion: ModelVersion | None, known: Sequence[ModelVersion]
) -> tuple[Version, tuple[str, ...]]:
    """The version of a new model.

    MAJOR grows when the label or a column that the model reads has changed, so that
    whoever calls it must change too; MINOR when a better model follows; PIPELINE when it is
    not better and the code, the configuration or only the data are others.

    Args:
      facts: Of the new model; `Facts.change` decides before all else.
      champion: The version that it follows, None for the first.
      known: All versions that there were.

    Returns:
      The version, and the reasons, a line each.
    """
    if champion is None:
        if not known:
            return FIRST, ("the first version",)
        champion = known[-1]
    versions = [version.version for version in known]
    change, reasons = _change(facts, champion)
    asked = facts.change
    if asked in ("major", "minor", "pipeline"):
        reasons = [f"pushing.change asks for a {asked} change", *reasons]
        change = asked  # type: ignore[assignment]
    return following(champion.version, change, versions), tuple(reasons)


def _change(facts: Facts, champion: ModelVersion) -> tuple[Change, list[str]]:
    broken = incompatibilities(facts, champion.facts)
    if broken:
        return "major", broken
    better, words = compared(facts, champion)
    others = [words] if words else []
    if facts.code != champion.facts.code:
        others.append("the code has changed")
    if facts.configuration != champion.facts.configuration:
        others.append("the configuration has changed")
    if len(others) <= 1:
        others.append("code and configuration are the same: trained again, on other data or anew")
    return ("minor" if better else "pipeline"), others


def incompatibilities(facts: Facts, before: Facts) -> list[str]:
    """Why a model cannot take another's place; empty where it can.

    Args:
      facts: Of the new model.
      before: Of the other one. What is not recorded of either does not count.
    """
    found = []
    for name, new, old in (
        ("label", facts.label, before.label),
        ("task", facts.task, before.task),
    ):
        if new and old and new != old:
            found.append(f"the {name} was `{old}` and is `{new}`")
    if facts.columns and before.columns:
        for name in sorted({*facts.columns, *before.columns}):
            now, then = facts.columns.get(name), before.columns.get(name)
            if then is None:
                found.append(f"the model reads a new column, {name}")
            elif now is None:
                found.append(f"the model reads the column {name} no more")
            elif now != then:
                found.append(f"the column {name} was {then} and is {now}")
    return found


def compared(facts: Facts, champion: ModelVersion) -> tuple[bool, str]:
    """Whether a model is better than the champion, and how that shows.

    Args:
      facts: Of the model. Where it was compared with the champion on the same
        examples, that counts; else what the champion's own evaluation said.
      champion: The champion.
    """
    same_examples = facts.compared_with == champion.model
    others = facts.baselines if same_examples else champion.facts.metrics
    for name in [*HEADLINE_METRICS, *facts.metrics]:
        now, then = facts.metrics.get(name), others.get(name)
        if now is None or then is None or not (math.isfinite(now) and math.isfinite(then)):
            continue
        better = now < then if name.endswith(_LOSSES) else now > then
        where = "on the same examples" if same_examples else "in its own evaluation"
        how = "better" if better else ("as good" if now == then else "worse")
        words = f"{name} {now:.4f} is {how}: {champion.version} had {then:.4f} {where}"
        return better, words
    return False, ""
