"""``millrace schema diff``: what two schemas say differently."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from cli.options import json_option, root_option
from cli.printing import console, print_json
from pipeline.curation.naming import named_schema
from schema.difference import FeatureDifference, difference

DIFFERENT = 1
"""The exit code where the schemas differ, as diff's own."""

_STYLES = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow")}


@click.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@root_option
@json_option
@click.pass_context
def diff(context: click.Context, before: str, after: str, root: Path, as_json: bool) -> None:
    """Say what schema B says differently from schema A, feature by feature.

    A and B are schema files (pbtxt), configurations (their curated schema) or runs (the
    schema that their data were checked against; `latest` for the newest). The order of
    features, comments and the names of domains do not count.

    Exit code: 0 if they say the same, 1 if not, 2 if one cannot be read.

    \b
    Examples:
      millrace schema diff schema/taxi/schema.pbtxt inferred.pbtxt
      millrace schema diff latest configs/taxi.yaml
    """
    found = difference(named_schema(before, root), named_schema(after, root))
    if as_json:
        print_json({"equal": not found, "features": list(found)})
    elif found:
        print_differences(console(), found)
    else:
        click.echo("no difference")
    if found:
        context.exit(DIFFERENT)


def print_differences(out: Console, found: tuple[FeatureDifference, ...]) -> None:
    """Prints each feature with what changed in it.

    Args:
      out: Where to print.
      found: The features that differ.
    """
    for feature in found:
        mark, style = _STYLES[feature.kind]
        out.print(Text.assemble((f"{mark} {feature.feature}", f"bold {style}")), soft_wrap=True)
        if feature.kind == "changed":
            lines = [change.describe() for change in feature.changes]
        else:
            said = [(change.aspect, change.after or change.before) for change in feature.changes]
            lines = ["; ".join(f"{aspect}: {words}" for aspect, words in said)]
        for line in lines:
            out.print(f"    {line}", soft_wrap=True)
