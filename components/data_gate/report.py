"""The gate's report, for machines as JSON and for people as an HTML fragment."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from components.data_gate.findings import Finding
from components.data_gate.questions import Question

if TYPE_CHECKING:
    from components.data_gate.judgement import Judgement

_STYLE = Markup("""<style>
.data-gate { font: 14px/1.5 system-ui, sans-serif; }
.data-gate table { border-collapse: collapse; width: 100%; margin: .5em 0 1.5em; }
.data-gate th, .data-gate td { text-align: left; vertical-align: top; padding: .35em .6em;
  border-bottom: 1px solid #8884; }
.data-gate td.many { max-width: 34em; overflow-wrap: anywhere; }
.data-gate .block { color: #b3261e; font-weight: 600; }
.data-gate .warn { color: #9a6700; font-weight: 600; }
.data-gate .good { color: #1a7f37; font-weight: 600; }
.data-gate .quiet { opacity: .7; }
</style>""")


def report_of(judgement: Judgement, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The report as plain values.

    Args:
      judgement: What the gate says.
      facts: Which data: `splits`, `examples_uri`, `rows`, `baseline` and the like.
    """
    return {
        "accepted": not judgement.refused,
        **facts,
        "questions": [
            {
                "number": question.number,
                "name": question.short_name,
                "title": question.title,
                "answer": _answer(judgement.findings, question),
            }
            for question in Question
        ],
        "refused": [finding.to_json() for finding in judgement.refused],
        "warnings": [finding.to_json() for finding in judgement.warnings],
        "allowed": [finding.to_json() for finding in judgement.allowed],
        "notes": list(judgement.notes),
        "labelled": judgement.labelled,
    }


def to_json(report: Mapping[str, Any]) -> str:
    """Writes a report as JSON."""
    return json.dumps(report, indent=2)


def _answer(findings: Sequence[Finding], question: Question) -> str:
    concerned = [finding for finding in findings if finding.question is question]
    if any(finding.blocks for finding in concerned):
        return "block"
    return "warn" if concerned else "good"


def to_html(report: Mapping[str, Any]) -> str:
    """Draws a report as a fragment that stands alone in any page.

    Args:
      report: What `report_of` gave, or the same read back.
    """
    accepted = report["accepted"]
    verdict = Markup('<p class="{}">{}</p>').format(
        "good" if accepted else "block",
        "✓ The data are accepted." if accepted else "✕ The data are refused.",
    )
    questions = Markup("").join(
        Markup('<tr><td>{}</td><td>{}</td><td class="{}">{}</td></tr>').format(
            item["number"],
            item["title"],
            item["answer"],
            {"good": "✓ yes", "warn": "! see below", "block": "✕ no"}[item["answer"]]
            if item["number"] != Question.UNEXPECTED.number
            else {"good": "✓ none", "warn": "! see below", "block": "✕ yes"}[item["answer"]],
        )
        for item in report["questions"]
    )
    parts = [
        _STYLE,
        Markup('<div class="data-gate">'),
        verdict,
        Markup("<p>{}</p>").format(_compared(report)),
        Markup("<table><tr><th></th><th>Question</th><th>Answer</th></tr>{}</table>").format(
            questions
        ),
        _table("What stops the run", report["refused"], "block"),
        _table("Allowed by the configuration", report["allowed"], "quiet"),
        _table("Warnings", report["warnings"], "warn"),
        *(Markup('<p class="quiet">{}</p>').format(note) for note in report["notes"]),
        Markup("</div>"),
    ]
    return str(Markup("\n").join(part for part in parts if part))


def _compared(report: Mapping[str, Any]) -> str:
    baseline = report.get("baseline")
    if not baseline:
        return "There are no data accepted before to compare with."
    span = f"span {baseline['span']}, " if baseline.get("span") else ""
    return f"Compared with the data accepted before ({span}statistics {baseline['statistics_id']})."


def _table(title: str, findings: Sequence[Mapping[str, Any]], kind: str) -> Markup:
    if not findings:
        return Markup("")
    rows = Markup("").join(
        Markup(
            "<tr><td>{}</td><td>{}</td><td>{}</td><td class='{}'>{}</td><td class='many'>{}</td>"
            "<td class='many'>{}</td><td class='many'>{}</td><td>{}</td></tr>"
        ).format(
            item["question"],
            item["split"],
            f"{item['feature']} ({item['slice']})" if item["slice"] else item["feature"],
            kind,
            item["headline"],
            item["seen"],
            item["expected"],
            ", ".join(item["values"]),
            _count(item),
        )
        for item in findings
    )
    return Markup(
        "<h3>{}</h3><table><tr><th>Question</th><th>Split</th><th>Feature</th><th>Finding</th>"
        "<th>Seen</th><th>Expected</th><th>Values</th><th>Examples</th></tr>{}</table>"
    ).format(title, rows)


def _count(item: Mapping[str, Any]) -> str:
    examples, count = item["examples"], item["count"]
    if examples is None:
        return ""
    return f"{examples:,}" if count is None else f"{count:,} of {examples:,}"
