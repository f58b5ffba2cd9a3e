"""All that decided whether a model may serve, as one list.

Two blessings are needed: the evaluation's, for how good the model is (the metrics that are
optimised, and fairness), and that of the trial before serving, for what it must not exceed
(size, latency, throughput, memory: satisficing metrics). People want to see them together.
"""

from __future__ import annotations

from components.evaluator.outcome.reading import Evaluation
from components.evaluator.outcome.slices import Check
from components.serving_validator.outcome import Serving, ServingCheck

SERVING = "serving"
_SATISFICING = (
    "start",
    "latency_p50",
    "latency_p99",
    "throughput",
    "memory",
    "memory_growth",
    "size",
)
_ORDER = ("broken", "undecided", "not reached", "kept")
_VERDICTS = {"passed": "kept", "failed": "broken", "not reached": "not reached"}


def decision(evaluation: Evaluation | None, serving: Serving | None) -> tuple[Check, ...]:
    """Every bound with its verdict, the broken ones first, then the evaluation's.

    Args:
      evaluation: What the Evaluator found, None where it did not.
      serving: What the trial before serving found, None where there was none.
    """
    checks = list(evaluation.checks) if evaluation is not None else []
    if serving is not None:
        checks += [_check(found) for found in serving.checks if _decides(found)]
    return tuple(sorted(checks, key=lambda check: _ORDER.index(check.verdict)))


def _decides(found: ServingCheck) -> bool:
    """Whether a check stands in the way, or is one of the satisficing metrics.

    The others compare outputs with what they must be; that they do is no figure.
    """
    return found.state in _VERDICTS and (found.state != "passed" or found.name in _SATISFICING)


def _check(found: ServingCheck) -> Check:
    return Check(
        slice=(),
        metric=found.title,
        bound=found.bound,
        value=found.value,
        baseline=None,
        passed=found.state != "failed",
        message=found.words if found.state == "failed" else "",
        verdict=_VERDICTS[found.state],
        where=SERVING,
        figure=found.figure,
    )
