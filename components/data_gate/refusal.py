"""The error that ends a run at the gate."""

from __future__ import annotations

from collections.abc import Sequence

from components.data_gate.findings import DATASET, Finding, count_features
from components.data_gate.questions import Question
from components.quarantine.report_line import REPORT_LINE
from core.errors import DataError

MOST_LINES = 20
SPLIT_CHECKS = ("worse_than_guessing", "split_contradiction", "split_label_drift")
CODE = "data-anomalies"


def refusal(
    refused: Sequence[Finding], hint: str, *, report_folder: str | None = None
) -> DataError:
    """Explains why data are refused.

    Args:
      refused: What stops the run, worst first.
      hint: What to do.
      report_folder: Where the whole report lies.
    """
    evidence = [finding.describe() for finding in refused[:MOST_LINES]]
    if len(refused) > MOST_LINES:
        evidence.append(f"and {len(refused) - MOST_LINES} more")
    if report_folder:
        evidence.append(f"{REPORT_LINE}{report_folder}")
    if all(finding.check in SPLIT_CHECKS for finding in refused):
        # The data are not at fault: nothing is set aside.
        return DataError(
            "the split would judge models wrongly",
            evidence=evidence,
            hint=(
                "split otherwise: `data.split.method: row`, or hash without a key; where the rows "
                f"are meant to differ so, set `gate.checks.{refused[0].check}: warn`"
            ),
            code="misleading-split",
        )
    return DataError(
        _headline(refused),
        evidence=evidence,
        hint=hint,
        code=CODE,
    )


def _headline(refused: Sequence[Finding]) -> str:
    count = count_features([finding for finding in refused if finding.feature != DATASET])
    what = "1 feature" if count == 1 else f"{count} features"
    questions = sorted({finding.question.number for finding in refused})
    if not count:
        what, singular = "the new data as a whole", False
    else:
        what, singular = f"{what} of the new data", count == 1
    if all(finding.check.isupper() for finding in refused):
        return f"{what} {'breaks' if singular else 'break'} the schema"
    if questions == [Question.SIMILAR.number]:
        return f"{what} {'is' if singular else 'are'} unlike the data accepted before"
    numbers = " and ".join(str(number) for number in questions)
    plural = "s" if len(questions) > 1 else ""
    return f"{what} {'fails' if singular else 'fail'} question{plural} {numbers} of the data gate"
