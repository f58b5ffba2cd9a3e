"""`millrace runs`: the runs of a folder, newest first."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from cli.options import json_option, root_option
from cli.printing import (
    STATUS_STYLES,
    console,
    plain,
    print_json,
)
from core import formats
from core.errors import InfrastructureError
from metadata import run_file
from metadata.run_folder import RunFolder


@click.command()
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    help="List at most so many runs; 0 lists all.",
)
@click.option("--compare", is_flag=True, help="Show the named runs side by side.")
@click.argument("names", metavar="[RUN]...", nargs=-1)
@root_option
@json_option
def runs(limit: int, compare: bool, names: tuple[str, ...], root: Path, as_json: bool) -> None:
    """List the runs, newest first, or compare some.

    Compared are parameters, data, code and metrics; what differs is marked.

    \b
    Examples:
      millrace runs
      millrace runs --compare taxi-20260504-100000 latest
    """
    if compare or names:
        from cli import runs_compare

        runs_compare.compare(root, names, as_json=as_json)
        return
    folder = RunFolder(root)
    known = folder.run_ids()
    shown = known[:limit] if limit else known
    rows = [_row(folder, run_id) for run_id in shown]
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo(f"No runs in {root}. `millrace run` starts one.")
        return
    out = console()
    out.print(_table(rows))
    if len(shown) < len(known):
        older = formats.plural(len(known) - len(shown), "older run")
        out.print(f"{older}: --limit 0 lists all")


def _row(folder: RunFolder, run_id: str) -> dict[str, Any]:
    files = folder.run(run_id)
    try:
        account = run_file.read(files.folder)
    except InfrastructureError as error:
        return {
            "run_id": run_id,
            "status": "unreadable",
            "error": {"headline": error.headline, "evidence": list(error.evidence)},
            "folder": str(files.folder),
        }
    row: dict[str, Any] = plain(account)
    row["seconds"] = account.seconds
    row["folder"] = str(files.folder)
    row["report"] = str(files.report) if files.report.is_file() else None
    return row


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("Run", no_wrap=True)
    table.add_column("Pipeline", overflow="fold")
    table.add_column("Status", no_wrap=True)
    table.add_column("Started", no_wrap=True)
    table.add_column("Time", justify="right", no_wrap=True)
    table.add_column("What happened", overflow="fold")
    for row in rows:
        table.add_row(
            row["run_id"],
            row.get("pipeline", ""),
            Text(row["status"].replace("_", " "), style=STATUS_STYLES[row["status"]]),
            formats.time(row["started"])[: len("2026-01-01 00:00")] if "started" in row else "",
            formats.seconds(row.get("seconds")),
            _story(row),
        )
    return table


def _story(row: dict[str, Any]) -> str:
    error = row.get("error")
    if error:
        node = f"{error['node']}: " if error.get("node") else ""
        return f"{node}{error['headline']}"
    if row["status"] == "interrupted":
        return f"its process was killed; finish it with `millrace resume {row['run_id']}`"
    nodes = row.get("nodes", [])
    last = next((n["result"] for n in reversed(nodes) if n["result"]), "")
    states = Counter(node["state"] for node in nodes)
    counted = ", ".join(f"{states[s]} {s}" for s in ("done", "cached", "skipped") if states[s])
    return "; ".join(words for words in (counted, last) if words)
