"""Do tables as people have them go from file to pushed model?

    python -m benchmarks.awkward_tables [NAME ...] [--keep FOLDER]

Every good table of `tests/awkward_tables.py` goes through `millrace init` and, with what it
wrote untouched, through `millrace run`; every bad one must be refused by `init` with
nothing written. Prints a table: what was decided, seconds, whether the model was pushed,
and its headline metric beside that of guessing and of the best plain model.
"""

from __future__ import annotations

import collections
import dataclasses
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from components.evaluator.metric_names import HEADLINE_METRICS
from core.errors import DataError, UserError
from tests.awkward_tables import BAD, GOOD, AwkwardTable, make
from tests.e2e.command import Finished, millrace

_HEADER = ("table", "decided", "init s", "run s", "ended", "metric", "guess", "plain", "model")
_LOWER_IS_BETTER = ("error", "loss")


@dataclasses.dataclass(frozen=True)
class Tried:
    """How a table fared.

    Attributes:
      name: Of the table.
      fine: Whether it went as it should: pushed and better than guessing, not blessed where
        nothing can be learned, or refused.
      cells: What the table of results says.
      trouble: What was said where it did not.
    """

    name: str
    fine: bool
    cells: Sequence[str]
    trouble: str = ""


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder for the tables and projects; default: a temporary one.",
)
def main(names: Sequence[str], keep: Path | None) -> None:
    """Tries the awkward tables, or those that are named."""
    unknown = [name for name in names if name not in (*GOOD, *BAD)]
    if unknown:
        raise UserError(f"there is no table {unknown[0]}", hint=", ".join((*GOOD, *BAD)))
    with tempfile.TemporaryDirectory() as scratch:
        folder = keep or Path(scratch)
        click.echo(f"| {' | '.join(_HEADER)} |\n|{'---|' * len(_HEADER)}")
        found = []
        for name in names or (*GOOD, *BAD):
            own = folder / name
            own.mkdir(parents=True)
            table = make(name, own / "data")
            one = _refusal(own, table) if name in BAD else _whole(own, table)
            click.echo(f"| {' | '.join([name, *one.cells])} |")
            found.append(one)
    troubled = [one for one in found if not one.fine]
    for one in troubled:
        click.echo(f"\n{one.name}: {one.trouble}")
    click.echo(f"\n{len(found) - len(troubled)} of {len(found)} tables as they should be")
    sys.exit(1 if troubled else 0)


def _whole(folder: Path, table: AwkwardTable) -> Tried:
    began = time.perf_counter()
    proposed = millrace(folder, "init", *table.arguments(), "--json")
    seconds = [f"{time.perf_counter() - began:.1f}"]
    if proposed.code != 0:
        return _failed(table, proposed, ["", *seconds, "", f"init: exit {proposed.code}"])
    document = json.loads(proposed.output)
    began = time.perf_counter()
    ran = millrace(folder, "run", document["files"][0], "--json")
    seconds.append(f"{time.perf_counter() - began:.1f}")
    metric, values = _metrics(folder, document)
    end = ran.events[-1].get("status", "?") if ran.output else "?"
    cells = [_decided(document), *seconds, end, metric, *(f"{value:.4g}" for value in values)]
    if not table.learnable:
        refused = end == "not_blessed"
        return Tried(table.name, True, cells) if refused else _failed(table, ran, cells)
    if ran.code != 0:
        return _failed(table, ran, cells)
    guess, _, model = values
    better = model < guess if metric.endswith(_LOWER_IS_BETTER) else model > guess
    return Tried(table.name, better, cells, "" if better else "the model is no better than a guess")


def _metrics(folder: Path, proposed: dict[str, Any]) -> tuple[str, tuple[float, float, float]]:
    """The headline metric: of guessing, of the best plain model, of ours."""
    scores = proposed["baselines"]
    shown = json.loads(millrace(folder, "show", "latest", "--json").output or "{}")
    slices = (shown.get("evaluation") or {}).get("slices") or []
    overall: dict[str, Any] = next((one["metrics"] for one in slices if not one["slice"]), {})
    ours = {name: one["value"] for name, one in overall.items()}
    for name in HEADLINE_METRICS:
        known = [score[name] for score in scores.values() if name in score]
        if known:
            best = min(known) if name.endswith(_LOWER_IS_BETTER) else max(known)
            return name, (known[0], best, ours.get(name, float("nan")))
    return "", (float("nan"),) * 3


def _decided(document: dict[str, Any]) -> str:
    uses = collections.Counter(
        column["kind"] if column["use"] == "feature" else column["use"]
        for column in document["columns"]
    )
    counts = ", ".join(f"{count} {use}" for use, count in uses.most_common() if use != "label")
    return f"{document['task']['value']}: {counts}"


def _refusal(folder: Path, table: AwkwardTable) -> Tried:
    before = sorted(folder.rglob("*"))
    began = time.perf_counter()
    refused = millrace(folder, "init", *table.arguments())
    seconds = f"{time.perf_counter() - began:.1f}"
    said = refused.errors.splitlines()[0] if refused.errors else refused.output[:80]
    cells = [said.replace("|", "\\|"), seconds, "", f"exit {refused.code}", "", "", "", ""]
    words = " ".join(refused.errors.lower().split())
    right = refused.code in (UserError.exit_code, DataError.exit_code) and all(
        word in words for word in table.refused
    )
    if right and sorted(folder.rglob("*")) == before:
        return Tried(table.name, True, cells)
    return _failed(table, refused, cells)


def _failed(table: AwkwardTable, ended: Finished, cells: Sequence[str]) -> Tried:
    said = f"{ended.output[-1_500:]}\n{ended.errors[-1_500:]}".strip()
    filled = [*cells, *[""] * (len(_HEADER) - 1 - len(cells))]
    return Tried(table.name, False, filled, said)


if __name__ == "__main__":
    main()
