"""`millrace runs --compare A B`: runs side by side, the differences marked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from cli.printing import console, print_json
from core import formats
from core.errors import UserError
from metadata.run_folder import RunFolder
from pipeline.experiments.comparison import Row, compare_runs


def compare(root: Path, names: Sequence[str], *, as_json: bool) -> None:
    """Prints runs side by side.

    Args:
      root: The folder of all runs.
      names: The runs, as people type them.
      as_json: Whether to write JSON.

    Raises:
      UserError: If there are fewer than two, or no such run.
    """
    folder = RunFolder(root)
    run_ids = list(dict.fromkeys(folder.find(name) for name in names))
    if len(run_ids) < 2:
        raise UserError(
            f"--compare needs two runs and was given {', '.join(names) or 'none'}",
            hint="`millrace runs` lists them; then `millrace runs --compare A B`",
            code="nothing-to-compare",
        )
    rows = compare_runs(root, run_ids)
    if as_json:
        print_json(
            {
                "runs": run_ids,
                "facts": [
                    {
                        "section": row.section,
                        "name": row.name,
                        "values": list(row.values),
                        "differs": row.differs,
                    }
                    for row in rows
                ],
            }
        )
        return
    console().print(_table(run_ids, rows))
    same = sum(row.section == "parameter" and not row.differs for row in rows)
    click.echo(f"{formats.plural(same, 'more parameter is', 'more parameters are')} the same")


def _table(run_ids: Sequence[str], rows: Sequence[Row]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("")
    for run_id in run_ids:
        table.add_column(run_id, overflow="fold")
    table.add_column("", no_wrap=True)
    for row in rows:
        # Most of the many parameters are the same in all runs.
        if row.section == "parameter" and not row.differs:
            continue
        values = [_text(value) for value in row.values]
        mark = Text("differs", style="yellow") if row.differs else Text("")
        table.add_row(row.name, *values, mark)
    return table


def _text(value: object) -> str:
    if value is None:
        return formats.NONE
    return formats.fixed(value) if isinstance(value, float) else str(value)
