"""``millrace models show``."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click
from rich.text import Text

from cli.models_options import registry_options
from cli.printing import console, print_json
from core import formats
from pipeline.access.registry import open_registry
from registry.model_version import ModelVersion
from registry.words import facts_lines, refused_words, version_document


@click.command()
@click.argument("name", metavar="VERSION", default="champion")
@registry_options
def show(
    name: str,
    pipeline: str | None,
    configuration: Path | None,
    profile: str | None,
    root: Path,
    as_json: bool,
) -> None:
    """Show one version: why it is that version, who trained and pushed it, from what.

    VERSION is a version, an alias (champion, candidate, previous), a number in the serving
    folder, or a run.

    \b
    Examples:
      millrace models show
      millrace models show 1.1.0 --json
    """
    with open_registry(root, configuration, profile, pipeline) as registry:
        found = registry.models.find(name)
        if not isinstance(found, ModelVersion):
            if as_json:
                print_json({"status": "refused", **dataclasses.asdict(found)})
                return
            click.echo(f"The model of run {found.run_id} was not pushed: {refused_words(found)}.")
            click.echo(f"`millrace show {found.run_id}` says why.")
            return
        document = version_document(registry.models, found, registry.store)
        if as_json:
            print_json(document)
            return
        out = console()
        marks = " ".join([*document["aliases"], *(["withdrawn"] if found.withdrawn else [])])
        out.print(Text.assemble((str(found.version), "bold"), f" of {found.pipeline}  ", marks))
        for line in found.reasons:
            out.print(f"  {line}", soft_wrap=True)
        if document["stored_at"] is None:
            out.print("  its files are gone: it cannot be rolled back to", style="red")
        out.print()
        for label, text in facts_lines(found):
            out.print(Text.assemble((f"{label:<20}", "dim"), text), soft_wrap=True)
        for metric, value in found.facts.metrics.items():
            out.print(Text.assemble((f"{metric:<20}", "dim"), formats.fixed(value)))
