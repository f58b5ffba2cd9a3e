"""``millrace models list``."""

from __future__ import annotations

from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from cli.models_options import registry_options
from cli.printing import console, print_json
from core import formats
from metadata.connection import connection_name
from pipeline.access.registry import open_registry
from registry.models import Models
from registry.registration import is_served
from registry.words import (
    data_words,
    interrupted,
    models_document,
    refused_words,
)

_MINUTE = len("2026-01-01 00:00")


@click.command(name="list")
@registry_options
def list_models(
    pipeline: str | None,
    configuration: Path | None,
    profile: str | None,
    root: Path,
    as_json: bool,
) -> None:
    """List the pushed models, the newest first, and those that were refused.

    \b
    Examples:
      millrace models list
      millrace models list --json
      millrace models list --config configs/taxi.yaml --profile kubeflow
    """
    with open_registry(root, configuration, profile, pipeline) as registry:
        if as_json:
            print_json(models_document(registry.models, registry.store))
            return
        if not registry.models.versions and not registry.models.refused:
            click.echo(f"No models in {connection_name(registry.connection)}.")
            return
        console().print(_table(registry.models))
        note = interrupted(registry.store, registry.models)
        if note:
            click.echo(note)


def _table(models: Models) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("Version", "", "Number", "Pushed", "By"):
        table.add_column(name, no_wrap=True)
    for name in ("Run", "Trained on", "Why"):
        table.add_column(name, overflow="fold")
    rows: list[tuple[int, tuple[str | Text, ...]]] = []
    for version in models.versions:
        mark, style = " ".join(models.aliases_of(version)), "bold green"
        why = version.reasons[0] if version.reasons else ""
        if version.withdrawn is not None:
            mark, style = f"{mark} withdrawn".strip(), "red"
            why = version.withdrawn.why
        last = version.pushes[-1] if version.pushes else None
        if version is models.champion and last and not is_served(last.destination):
            mark, style = f"{mark}, gone", "red"
            why = f"{last.destination} was removed: millrace models promote {version.version}"
        cells = (
            str(version.version),
            Text(mark, style=style),
            str(version.number or ""),
            formats.time(last.when)[:_MINUTE] if last else "never",
            last.who if last else "",
            version.facts.run_id,
            "; ".join(data_words(data) for data in version.facts.data),
            why,
        )
        rows.append((version.artifact, cells))
    candidate = models.candidate
    for refused in models.refused:
        mark = "candidate" if refused is candidate else "refused"
        when = formats.time(refused.when)[:_MINUTE]
        words = refused_words(refused)
        text = Text(mark, style="yellow" if refused is candidate else "dim")
        rows.append((refused.artifact, ("", text, "", when, "", refused.run_id, "", words)))
    for _, row in sorted(rows, key=lambda row: row[0], reverse=True):
        table.add_row(*row)
    return table
