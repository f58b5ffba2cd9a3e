"""``millrace doctor``: whether this machine can run Millrace, and what to do if not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import json_option, root_option
from core import terminal

if TYPE_CHECKING:
    from rich.table import Table

    from cli.health.checks import Check


_STYLES = {"ok": "green", "warning": "yellow", "failed": "bold red"}


@click.command()
@root_option
@json_option
def doctor(root: Path, as_json: bool) -> int:
    """Check this machine and installation.

    Exit codes: 0 all is well or nearly so, 5 something must be put right first.
    """
    from core.errors import InfrastructureError

    checks = _look(root, quiet=as_json or not sys.stderr.isatty())
    failed = [check for check in checks if check.status == "failed"]
    if as_json:
        from cli.printing import print_json

        print_json({"healthy": not failed, "checks": checks})
    else:
        console = terminal.console()
        console.print(_table(checks))
        console.print(f"{len(failed)} of {len(checks)} checks failed" if failed else "ready to run")
    return InfrastructureError.exit_code if failed else 0


def _look(root: Path, *, quiet: bool) -> list[Check]:
    """Runs all checks; says on a terminal that it is at work, for imports take long."""
    from cli.health.checks import all_checks

    found: list[Check] = []
    console = terminal.console(stderr=True, quiet=quiet)
    with console.status("looking ..."):
        for check in all_checks(root):
            found += check()
    return found


def _table(checks: list[Check]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("check", "", "found", "fix"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("check", ""))
    for check in checks:
        style = _STYLES[check.status]
        table.add_row(check.name, Text(check.status, style), Text(check.found), Text(check.fix))
    return table
