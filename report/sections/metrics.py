"""Metrics by slice, the bounds and who kept them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from markupsafe import Markup

from components.decision import SERVING, decision
from components.evaluator.buckets import feature_label
from components.evaluator.outcome.reading import EXAMPLE_COUNT, Evaluation
from components.evaluator.outcome.slices import Check, Slice
from components.serving_validator.outcome import Serving
from report.sections import plots, remarks
from report.templating import render

_SHOWN_SLICES = 60
_SHOWN_CHECKS = 40


@dataclasses.dataclass(frozen=True)
class Group:
    """Slices over the same features.

    Attributes:
      columns: The features.
      slices: The slices; the largest where there are too many.
      left_out: How many are not shown.
      too_small: Values of the slices for which the Evaluator computed nothing.
    """

    columns: tuple[str, ...]
    slices: tuple[Slice, ...]
    left_out: int
    too_small: tuple[str, ...]


def groups(found: Evaluation) -> list[Group]:
    """Gathers slices by their features, without the one of all examples."""
    by_columns: dict[tuple[str, ...], list[Slice]] = {}
    for one in found.slices:
        if one.key:
            by_columns.setdefault(tuple(column for column, _ in one.key), []).append(one)
    made = []
    for columns, slices in by_columns.items():
        small = [
            " \N{MULTIPLICATION SIGN} ".join(v for _, v in one.key)
            for one in slices
            if not one.metrics
        ]
        slices = [one for one in slices if one.metrics]
        kept: Sequence[Slice] = slices
        if len(slices) > _SHOWN_SLICES:
            largest = sorted(slices, key=lambda s: -(s.examples or 0))[:_SHOWN_SLICES]
            keys = {one.key for one in largest}
            kept = [one for one in slices if one.key in keys]
        columns = tuple(feature_label(column) for column in columns)
        made.append(Group(columns, tuple(kept), len(slices) - len(kept), tuple(small)))
    return made


def fragment(found: Evaluation, serving: Serving | None = None) -> Markup:
    """Renders bounds, metrics over all examples, slices and pictures.

    Args:
      found: The evaluation.
      serving: The trial before serving, whose bounds decide as well; None where it is not
        known.
    """
    decided = decision(found, serving)
    broken = {(check.slice, check.metric) for check in found.checks if not check.passed}
    kept = {(check.slice, check.metric) for check in found.checks if check.passed} - broken
    names = sorted({name for one in found.slices for name in one.metrics} - {EXAMPLE_COUNT})
    residuals = found.beyond.residuals
    return render(
        "metrics.html.jinja",
        evaluation=found,
        decided=decided,
        blessed=found.ok is not False and all(check.passed for check in decided),
        shown=_shown(decided),
        residuals=residuals,
        remarks=remarks.remarks(found),
        with_intervals=any(check.interval for check in found.checks),
        overall=found.overall,
        names=names,
        count_name=EXAMPLE_COUNT,
        groups=groups(found),
        broken=broken,
        kept=kept,
        largest=max((one.examples or 0 for one in found.slices if one.key), default=0),
        plots=plots.fragment(found),
        segments=plots.segments(residuals) if residuals else None,
    )


def _shown(decided: Sequence[Check]) -> list[Check]:
    """All that stand in the way, all of the trial, and as many of the others as fit."""
    kept = [check for check in decided if check.verdict == "kept" and check.where != SERVING]
    room = max(_SHOWN_CHECKS - (len(decided) - len(kept)), 0)
    folded = {id(check) for check in kept[room:]}
    return [check for check in decided if id(check) not in folded]
