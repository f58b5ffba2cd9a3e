"""``millrace models compare``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from cli.models_options import registry_options
from cli.printing import console, print_json
from core import formats
from core.errors import UserError
from pipeline.access.registry import open_registry
from registry.model_version import ModelVersion
from registry.words import data_words


@click.command()
@click.argument("names", metavar="VERSION...", nargs=-1, required=True)
@registry_options
def compare(
    names: tuple[str, ...],
    pipeline: str | None,
    configuration: Path | None,
    profile: str | None,
    root: Path,
    as_json: bool,
) -> None:
    """Compare versions side by side: data, code, libraries and metrics.

    One version alone is compared with the champion.

    \b
    Examples:
      millrace models compare 1.0.0 1.1.0
      millrace models compare previous champion --json
    """
    with open_registry(root, configuration, profile, pipeline) as registry:
        asked = names if len(names) > 1 else (*names, "champion")
        versions = [registry.models.find_version(name) for name in asked]
    if len({version.name for version in versions}) < 2:
        raise UserError(
            f"{versions[0].version} would be compared with itself",
            hint="name two versions; `millrace models list` lists them",
            code="nothing-to-compare",
        )
    rows = comparison(versions)
    if as_json:
        print_json(
            {
                "versions": [str(version.version) for version in versions],
                "facts": [
                    {"name": name, "values": values, "differs": differs(values)}
                    for name, values in rows
                ],
            }
        )
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("")
    for version in versions:
        table.add_column(str(version.version), overflow="fold")
    table.add_column("", no_wrap=True)
    for name, values in rows:
        texts = [formats.fixed(v) if isinstance(v, float) else str(v or "") for v in values]
        mark = Text("differs", style="yellow") if differs(values) else Text("")
        table.add_row(name, *texts, mark)
    console().print(table)


def comparison(versions: Sequence[ModelVersion]) -> list[tuple[str, list[Any]]]:
    """The facts of some versions, a value for each.

    Args:
      versions: The versions.

    Returns:
      Pairs of a fact's name and its values; metrics are numbers, None where not measured.
    """
    facts = [version.facts for version in versions]
    rows: list[tuple[str, list[Any]]] = [
        ("status", [version.status for version in versions]),
        ("run", [one.run_id for one in facts]),
        ("trained", [formats.time(one.trained) for one in facts]),
        ("data", ["; ".join(data_words(data) for data in one.data) for one in facts]),
        ("fingerprint", ["; ".join(data.fingerprint for data in one.data) for one in facts]),
        ("label", [one.label for one in facts]),
        ("columns", [", ".join(f"{k} {v}" for k, v in one.columns.items()) for one in facts]),
        ("commit", [one.commit for one in facts]),
        ("code", [one.code for one in facts]),
        ("configuration", [one.configuration for one in facts]),
        ("libraries", [" ".join(f"{k}={v}" for k, v in o.libraries.items()) for o in facts]),
    ]
    for name in dict.fromkeys(metric for one in facts for metric in one.metrics):
        rows.append((name, [one.metrics.get(name) for one in facts]))
    return rows


def differs(values: Sequence[Any]) -> bool:
    """Whether values are not all the same."""
    return any(value != values[0] for value in values)
