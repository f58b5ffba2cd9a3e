"""How the run ended, in one line, with the figures that matter most."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence

from markupsafe import Markup

from components.evaluator.outcome.reading import EXAMPLE_COUNT, Evaluation
from core import formats
from metadata.run_file import ErrorRecord
from report.sections.rows_used import rows_used
from report.statistics import Statistics
from report.story import Missing, Story
from report.templating import render

_SHOWN_BROKEN = 6
_SHOWN_METRICS = 3


@dataclasses.dataclass(frozen=True)
class Verdict:
    """How the run ended.

    Attributes:
      word: Such as ``Pushed`` or ``Not blessed``.
      tone: ``good``, ``bad``, ``warn`` or ``info``.
      sentence: What that means.
    """

    word: str
    tone: str
    sentence: str


@dataclasses.dataclass(frozen=True)
class Tile:
    """One figure."""

    label: str
    value: str
    note: str = ""
    tone: str = ""


def verdict(story: Story) -> Verdict:
    """Decides what the headline says."""
    account = story.account
    if account.status == "failed":
        node = account.error.node if account.error else None
        return Verdict("Failed", "bad", f"at {node}" if node else "before any node ran")
    if account.status == "stopped":
        return Verdict("Stopped", "warn", "before it was finished; `millrace resume` goes on")
    if account.status == "interrupted":
        goes_on = f"`millrace resume {account.run_id}` goes on"
        return Verdict("Interrupted", "warn", f"by the end of its process; {goes_on}")
    if account.status == "running":
        return Verdict("Running", "info", "when this report was written")
    if account.status == "not_blessed":
        return Verdict("Not blessed", "bad", _why_not_blessed(story))
    if isinstance(story.recorded, Missing):
        return Verdict(
            "Finished", "good", "well; what it made cannot be read from the metadata store"
        )
    pushed = story.artifact("pushed_model", "PushedModel")
    if pushed is not None and pushed.value("pushed") == 1:
        to = pushed.value("pushed_destination") or pushed.uri
        return Verdict("Pushed", "good", f"to {to}")
    blessing = story.artifact("blessing", "ModelBlessing")
    if blessing is not None and blessing.value("blessed") == 1:
        return Verdict("Blessed", "good", "and not pushed")
    return Verdict("Finished", "good", "without evaluating or pushing a model")


def _why_not_blessed(story: Story) -> str:
    words = [*_why_unsafe(story), *_why_worse(story)]
    return "; ".join(words) or "the model did not keep its bounds"


def _why_unsafe(story: Story) -> list[str]:
    if isinstance(story.serving, Missing) or story.serving.blessed:
        return []
    failed = ", ".join(check.title for check in story.serving.failed)
    return [f"not safe to serve: {failed}"]


def _why_worse(story: Story) -> list[str]:
    found = story.evaluation
    if isinstance(found, Missing):
        return []
    broken = sum(not check.passed for check in found.bounds)
    words = ["not compared with the model that serves"] if found.beyond.lacks_comparison else []
    words += [f"{broken} of {formats.plural(len(found.bounds), 'bound')} broken"] if broken else []
    if found.missing_slices:
        words.append(f"no examples for {', '.join(found.missing_slices)}")
    return words


def tiles(story: Story) -> list[Tile]:
    """The figures under the headline, as many as the run has."""
    account = story.account
    states = Counter(node.state for node in account.nodes)
    ran = ", ".join(
        f"{states[s]} {s}" for s in ("done", "cached", "failed", "skipped", "waiting") if states[s]
    )
    found = [
        Tile("Wall time", formats.seconds(account.seconds), formats.time(account.started)),
        Tile("Nodes", str(len(account.nodes)), ran),
    ]
    if isinstance(story.statistics, Statistics):
        found += _data_tiles(story.statistics)
    used = rows_used(story)
    if used:
        share = sum(rows.used for rows in used) / sum(rows.total for rows in used)
        note = " · ".join(rows.words for rows in used)
        found.append(Tile("Rows used", formats.percent(share), note, "" if share == 1 else "warn"))
    if not isinstance(story.anomalies, Missing):
        count = sum(len(a.anomaly_info) for a in story.anomalies.values())
        note = "in all splits" if len(story.anomalies) > 1 else ""
        found.append(Tile("Anomalies", str(count), note, "bad" if count else "good"))
    if isinstance(story.evaluation, Evaluation):
        found += _metric_tiles(story.evaluation)
    return found


def _data_tiles(data: Statistics) -> list[Tile]:
    note = " · ".join(f"{split} {rows:,}" for split, rows in data.rows.items())
    return [Tile("Examples", formats.number(sum(data.rows.values())), note)]


def _metric_tiles(found: Evaluation) -> list[Tile]:
    tiles = []
    kept = sum(check.passed for check in found.checks)
    if found.checks:
        tone = "good" if kept == len(found.checks) else "bad"
        tiles.append(Tile("Bounds kept", f"{kept} of {len(found.checks)}", "in all slices", tone))
    overall = found.overall
    if overall:
        bounded = {check.metric for check in found.checks}
        names = [name for name in overall.metrics if name != EXAMPLE_COUNT]
        names = [name for name in names if name in bounded] or names
        for name in names[:_SHOWN_METRICS]:
            metric = overall.metrics[name]
            note = (
                f"baseline {formats.fixed(metric.baseline)}"
                if metric.baseline is not None
                else "all examples"
            )
            tiles.append(Tile(name, formats.fixed(metric.value), note))
    return tiles


def fragment(story: Story) -> Markup:
    """Renders headline, error card and figures."""
    broken: Sequence[object] = ()
    if story.account.status == "not_blessed" and isinstance(story.evaluation, Evaluation):
        broken = [check for check in story.evaluation.checks if not check.passed]
    return render(
        "verdict.html.jinja",
        verdict=verdict(story),
        account=story.account,
        error=story.account.error,
        log=_log(story, story.account.error),
        broken=broken[:_SHOWN_BROKEN],
        more=max(0, len(broken) - _SHOWN_BROKEN),
        tiles=tiles(story),
    )


def _log(story: Story, error: ErrorRecord | None) -> str:
    if error is None or error.node is None:
        return ""
    return str(story.files.log(error.node))
