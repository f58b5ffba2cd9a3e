"""Every bound of an evaluation: what was bounded, what was found, and the verdict.

Whether a bound was kept is TFMA's verdict (the Evaluator's, where confidence intervals
are asked for); which bounds applied to a slice is worked out from the configuration,
because TFMA records only those that were broken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from components.evaluator.outcome import bounds
from components.evaluator.outcome.gates_file import Gates
from components.evaluator.outcome.slices import Check, Slice, natural

_Key = tuple[tuple[str, str], ...]
COMPARISON = "comparison"
_ORDER = ("broken", "undecided", "kept")


def checks(
    slices: Sequence[Slice],
    config: Any,
    failures: Iterable[tuple[_Key, str, Any]],
    beyond: Gates,
) -> list[Check]:
    """Lists all bounds, the broken ones first.

    Args:
      slices: The metrics by slice.
      config: TFMA's `EvalConfig`.
      failures: Slice key, metric name and TFMA's `ValidationFailure` of each broken bound.
      beyond: What the Evaluator found beside TFMA's files.
    """
    by_key = {found.key: found for found in slices}
    made: dict[tuple[_Key, str, str], Check] = {}
    for key, name, failure in failures:
        for bound in bounds.in_words(failure.metric_threshold):
            made[key, name, bound] = _check(
                by_key.get(key), key, name, bound, "broken", failure.message
            )
    for base_name, spec, threshold in bounds.thresholds(config):
        for found in slices:
            if spec is not None and not bounds.applies(spec, found.key):
                continue
            for name in found.metrics:
                if name.partition(", ")[0] != base_name:
                    continue
                for bound in bounds.in_words(threshold):
                    is_change = "change" in bound
                    if (found.key, name, bound) in made:
                        continue
                    if is_change and found.metrics[name].baseline is None:
                        continue
                    on = "change" if is_change else "value"
                    undecided = (found.key, name, on) in beyond.undecided
                    made[found.key, name, bound] = _check(
                        found, found.key, name, bound, "undecided" if undecided else "kept"
                    )
    every = [*made.values(), *(_fairness_check(gate) for gate in beyond.fairness)]
    # Without any bound nothing is blessed, compared or not.
    if every and beyond.baseline_refused:
        every.append(_no_comparison(beyond))
    if every and beyond.guessing is not None:
        every.append(_guessing_check(beyond.guessing))
    return sorted(
        every,
        key=lambda c: (_ORDER.index(c.verdict), len(c.slice), c.metric, natural(c.slice)),
    )


def _check(
    found: Slice | None, key: _Key, name: str, bound: str, verdict: str, message: str = ""
) -> Check:
    metric = found.metrics.get(name) if found else None
    interval = None
    if metric is not None:
        interval = metric.change_interval if "change" in bound else metric.interval
    return Check(
        slice=key,
        metric=name,
        bound=bound,
        value=metric.value if metric else None,
        baseline=metric.baseline if metric else None,
        passed=verdict != "broken",
        message=" ".join(message.split()),
        interval=interval,
        verdict=verdict,
    )


def _guessing_check(found: Mapping[str, Any]) -> Check:
    interval = found.get("interval")
    guess = f", {found['guess']:.4g}" if "guess" in found else ""
    return Check(
        slice=(),
        metric=found["metric"],
        bound=f"better than guessing{guess}",
        value=found.get("value"),
        baseline=None,
        passed=found["better"],
        message="" if found["better"] else guessing_words(found),
        interval=(interval[0], interval[1]) if interval else None,
        verdict="kept" if found["better"] else "broken",
    )


def guessing_words(found: Mapping[str, Any]) -> str:
    """Why a model does not count as better than guessing."""
    if "problem" in found:
        return f"could not be compared with guessing: {found['problem']}"
    rows = f"{found['examples']:,} rows"
    if found["interval"] is None:
        return f"{rows} are too few to tell it from guessing"
    low, high = found["interval"]
    chance = low <= found["guess"] <= high
    return f"on {rows} " + (
        "chance alone can explain the difference" if chance else "it is worse than guessing"
    )


def _fairness_check(gate: Any) -> Check:
    interval = gate.get("interval")
    return Check(
        slice=(),
        metric=f"gap of {gate['rate']}",
        bound=f"at most {gate['gap_at_most']:g}",
        value=gate.get("gap"),
        baseline=None,
        passed=gate["verdict"] != "broken",
        message=gate.get("message", ""),
        interval=(interval[0], interval[1]) if interval else None,
        verdict=gate["verdict"],
        where=_between(gate),
    )


def _no_comparison(beyond: Gates) -> Check:
    allowed = beyond.allow_no_comparison
    return Check(
        slice=(),
        metric=COMPARISON,
        bound="may be missing" if allowed else "must be made",
        value=None,
        baseline=None,
        passed=allowed,
        message=beyond.baseline_refused,
        verdict="kept" if allowed else "broken",
        where="with the model that serves",
        figure="not made",
    )


def _between(gate: Any) -> str:
    lowest, highest = gate.get("lowest"), gate.get("highest")
    if not lowest or not highest:
        return f"by {gate['feature']}"
    return (
        f"by {gate['feature']}: {lowest['value']} {lowest['rate']:.4g},"
        f" {highest['value']} {highest['rate']:.4g}"
    )
