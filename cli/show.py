"""`millrace show RUN`: one run's nodes, metrics against bounds, lineage and paths."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.options import json_option, root_option
from cli.printing import (
    STATE_STYLES,
    console,
    plain,
    print_json,
)
from components.decision import SERVING, decision
from components.evaluator.outcome.reading import EXAMPLE_COUNT, Evaluation
from components.evaluator.outcome.slices import Check
from core import formats
from metadata.lineage import Lineage
from metadata.quarantine_words import document as entry_document
from metadata.quarantine_words import in_run
from metadata.run_folder import RunFolder
from metadata.run_store import run_store_name
from report.sections import origin, remarks
from report.sections.rows_used import rows_used
from report.sections.verdict import verdict
from report.statistics import Statistics
from report.story import Missing, Story, gather

_TONES = {"good": "bold green", "bad": "bold red", "warn": "bold yellow", "info": "bold blue"}
_VERDICT_STYLES = {
    "kept": "green",
    "undecided": "yellow",
    "not reached": "yellow",
    "broken": "red",
}
_SHOWN_KEPT = 12
_CHECK_STYLES = {"passed": "green", "failed": "red"}


@click.command()
@click.argument("run", default="latest")
@root_option
@json_option
def show(run: str, root: Path, as_json: bool) -> None:
    """Show one run: RUN is an id, the unique beginning of one, or `latest`."""
    story = gather(root, RunFolder(root).find(run))
    if as_json:
        print_json(document(story))
        return
    out = console()
    _headline(out, story)
    out.print(_nodes(story))
    _set_aside(out, story)
    _rows_used(out, story)
    _evaluation(out, story)
    _serving(out, story)
    _lineage(out, story)
    _paths(out, story)


def document(story: Story) -> dict[str, Any]:
    """All that `show` knows, for programs.

    Args:
      story: What was gathered of the run.
    """
    ending = verdict(story)
    evaluation, lineage = story.evaluation, story.lineage
    return {
        **plain(story.account),
        "seconds": story.account.seconds,
        "verdict": {"word": ending.word, "sentence": ending.sentence},
        "decision": [
            {**plain(check), "slice_label": check.slice_label} for check in _decision(story)
        ],
        "rows": dict(story.statistics.rows) if isinstance(story.statistics, Statistics) else {},
        "rows_used": {rows.split: plain(rows) for rows in rows_used(story)},
        "evaluation": _why(evaluation)
        if isinstance(evaluation, Missing)
        else {
            "ok": evaluation.ok,
            "has_baseline": evaluation.has_baseline,
            "missing_slices": list(evaluation.missing_slices),
            "empty_slices": list(evaluation.beyond.empty_slices),
            "confidence": evaluation.beyond.confidence,
            "baseline_refused": evaluation.beyond.baseline_refused or None,
            "allow_no_comparison": evaluation.beyond.allow_no_comparison,
            "bounds": [
                {**plain(check), "slice_label": check.slice_label} for check in evaluation.checks
            ],
            "guessing": plain(evaluation.beyond.guessing),
            "fairness": plain(list(evaluation.beyond.fairness)),
            "residuals": plain(evaluation.beyond.residuals),
            "slices": [
                {
                    "slice": dict(one.key),
                    "metrics": {
                        name: {**plain(metric), "change": plain(metric.change)}
                        for name, metric in one.metrics.items()
                    },
                }
                for one in evaluation.slices
            ],
        },
        "serving": _why(story.serving)
        if isinstance(story.serving, Missing)
        else plain(story.serving),
        "set_aside": _why(story.set_aside)
        if isinstance(story.set_aside, Missing)
        else [
            {**entry_document(entry), "in_this_run": in_run(entry, story.account.run_id)}
            for entry in story.set_aside
        ],
        "registered": _why(story.registered)
        if isinstance(story.registered, Missing)
        else plain(story.registered),
        "lineage": _why(lineage) if isinstance(lineage, Missing) else lineage_document(lineage),
        "trained_with": {}
        if isinstance(story.training, Missing)
        else plain(dict(story.training.hyperparameters)),
        "paths": dict(_path_list(story)),
    }


def lineage_document(lineage: Lineage) -> dict[str, Any]:
    """A lineage for programs.

    Args:
      lineage: As `metadata.lineage.trace` gives it.
    """
    return {
        "artifact": lineage.root.id,
        "datasets": [
            {
                "artifact": dataset.artifact.id,
                "uri": dataset.artifact.uri,
                "span": dataset.span,
                "version": dataset.version,
                "fingerprint": dataset.fingerprint,
                "rows": dict(dataset.rows),
                "rejected": dataset.rejected,
                "input_base": dataset.input_base,
            }
            for dataset in lineage.datasets
        ],
        "hyperparameters": plain(dict(lineage.hyperparameters)),
        "artifacts": [
            {
                "id": artifact.id,
                "type": artifact.type,
                "uri": artifact.uri,
                "created": artifact.created.isoformat(),
                "properties": plain({**artifact.properties, **artifact.custom_properties}),
            }
            for artifact in sorted(lineage.artifacts.values(), key=lambda a: a.id)
        ],
        "steps": [
            {
                "execution": step.execution.id,
                "node": step.execution.node,
                "run_id": step.execution.run_id,
                "inputs": [{"key": key, "artifact": made} for key, made in step.inputs],
                "outputs": [{"key": key, "artifact": made} for key, made in step.outputs],
            }
            for step in lineage.steps
        ],
        "references": [artifact.id for artifact in lineage.references],
    }


def _why(missing: Missing) -> dict[str, str]:
    return {"missing": missing.reason}


def _headline(out: Console, story: Story) -> None:
    account, ending = story.account, verdict(story)
    out.print(
        Text.assemble(
            (ending.word, _TONES[ending.tone]),
            f" {ending.sentence}",
            (f"  {account.run_id}", "dim"),
        ),
        soft_wrap=True,
    )
    took = f", {formats.seconds(account.seconds)}" if account.seconds is not None else ""
    out.print(f"{account.pipeline}, started {formats.time(account.started)}{took}", soft_wrap=True)
    error = account.error
    if error is not None:
        out.print()
        out.print(Text(error.headline, style="bold"), soft_wrap=True)
        for line in error.evidence:
            out.print(f"  {line}", soft_wrap=True)
        if error.hint:
            out.print(f"  hint: {error.hint}", soft_wrap=True)
    out.print()


def _nodes(story: Story) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("Node", overflow="fold")
    table.add_column("State", no_wrap=True)
    table.add_column("Time", justify="right", no_wrap=True)
    table.add_column("Result", overflow="fold")
    for node in story.account.nodes:
        table.add_row(
            node.id,
            Text(node.state, style=STATE_STYLES[node.state]),
            formats.seconds(node.seconds),
            node.result,
        )
    return table


def _set_aside(out: Console, story: Story) -> None:
    entries = () if isinstance(story.set_aside, Missing) else story.set_aside
    if entries:
        out.print()
    for entry in entries:
        did = in_run(entry, story.account.run_id)
        out.print(
            Text.assemble(
                (f"{did + ' data':<20}", "dim"),
                f"{entry.data.words}, now {entry.status} as {entry.id}: {entry.reason}",
            ),
            soft_wrap=True,
        )


def _rows_used(out: Console, story: Story) -> None:
    used = rows_used(story)
    if used:
        out.print()
        said = ", ".join(rows.words for rows in used)
        out.print(Text.assemble((f"{'rows used':<20}", "dim"), said), soft_wrap=True)


def _evaluation(out: Console, story: Story) -> None:
    out.print()
    found = story.evaluation
    if isinstance(found, Missing):
        out.print(f"No metrics: {found.reason}", soft_wrap=True)
        return
    if not found.checks:
        out.print(_metrics(found))
    decided = _decision(story)
    if decided:
        out.print(_bounds(decided, with_baseline=found.has_baseline))
    folded = len(decided) - len(_shown(decided))
    if folded:
        out.print(f"and {folded} more bounds that were kept")
    for line in remarks.remarks(found):
        out.print(line, soft_wrap=True)
    worst = remarks.worst_segments(found)
    if worst:
        out.print(
            Text.assemble((f"{'worst segments':<20}", "dim"), ", ".join(worst)), soft_wrap=True
        )


def _decision(story: Story) -> tuple[Check, ...]:
    return decision(
        None if isinstance(story.evaluation, Missing) else story.evaluation,
        None if isinstance(story.serving, Missing) else story.serving,
    )


def _shown(decided: Sequence[Check]) -> list[Check]:
    """All that stand in the way, all of the trial, and some of the others."""
    kept = [check for check in decided if check.verdict == "kept" and check.where != SERVING]
    folded = {id(check) for check in kept[_SHOWN_KEPT:]}
    return [check for check in decided if id(check) not in folded]


def _bounds(decided: Sequence[Check], *, with_baseline: bool) -> Table:
    """Why the model was blessed or not: the missed thresholds first."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("Metric", "Slice", "Threshold"):
        table.add_column(name, overflow="fold")
    with_intervals = any(check.interval for check in decided)
    if with_baseline:
        table.add_column("Baseline", justify="right", no_wrap=True)
    table.add_column("Candidate", justify="right", no_wrap=True)
    if with_intervals:
        table.add_column("Interval", justify="right", no_wrap=True)
    table.add_column("Verdict", no_wrap=True)
    for check in _shown(decided):
        # What has a unit is a figure of the trial, without baseline and interval.
        values = [formats.fixed(check.baseline) if not check.figure else ""] * with_baseline
        values.append(check.figure or formats.fixed(check.value))
        if with_intervals:
            around = formats.interval(check.interval, change="change" in check.bound)
            values.append("" if check.figure else around)
        verdict = Text(check.verdict, style=_VERDICT_STYLES[check.verdict])
        table.add_row(check.metric, check.slice_label, check.bound, *values, verdict)
    return table


def _metrics(found: Evaluation) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("Metric")
    table.add_column("Model", justify="right")
    if found.has_baseline:
        table.add_column("Baseline", justify="right")
    for name, metric in (found.overall.metrics if found.overall else {}).items():
        if name != EXAMPLE_COUNT:
            values = [formats.fixed(metric.value)]
            if found.has_baseline:
                values.append(formats.fixed(metric.baseline))
            table.add_row(name, *values)
    return table


def _serving(out: Console, story: Story) -> None:
    """Every check of a model that is not safe to serve; of others how many there were."""
    found = story.serving
    if isinstance(found, Missing):
        return
    out.print()
    if found.blessed:
        passed = formats.plural(sum(check.state == "passed" for check in found.checks), "check")
        said = f"{passed} passed, on {formats.plural(found.rows, 'row')}"
        out.print(Text.assemble((f"{'safe to serve':<20}", "dim"), said), soft_wrap=True)
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("Safe to serve", "Bound"):
        table.add_column(name, overflow="fold")
    table.add_column("Model", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("", overflow="fold")
    for check in found.checks:
        table.add_row(
            check.title,
            check.bound,
            check.figure,
            Text(check.state, style=_CHECK_STYLES.get(check.state, "dim")),
            "; ".join(filter(None, (check.words, *check.evidence))),
        )
    out.print(table)


def _lineage(out: Console, story: Story) -> None:
    out.print()
    if isinstance(story.lineage, Missing):
        out.print(f"No lineage: {story.lineage.reason}", soft_wrap=True)
        return
    for line in origin.lines(story.lineage, origin.beside(story)):
        out.print(
            Text.assemble((f"{line.name:<20}", "dim"), ", ".join(line.values)), soft_wrap=True
        )


def _path_list(story: Story) -> list[tuple[str, str]]:
    files = story.files
    store = run_store_name(RunFolder(story.root), story.account.run_id)
    found = [("folder", str(files.folder)), ("logs", str(files.logs)), ("store", store)]
    if files.report.is_file():
        found.insert(0, ("report", str(files.report)))
    return found


def _paths(out: Console, story: Story) -> None:
    out.print()
    for name, path in _path_list(story):
        out.print(Text.assemble((f"{name:<20}", "dim"), path), soft_wrap=True)
