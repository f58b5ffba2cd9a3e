"""``millrace models``: the registry of pushed models."""

from __future__ import annotations

import click

from cli.lazy_group import LazyGroup

COMMANDS: dict[str, tuple[str, str]] = {
    "list": ("cli.models_list:list_models", "List the versions and their aliases."),
    "show": ("cli.models_show:show", "Show one version: who, when, from what."),
    "compare": ("cli.models_compare:compare", "Compare versions side by side."),
    "promote": ("cli.models_move:promote", "Make a version the champion."),
    "rollback": (
        "cli.models_move:rollback",
        "Restore an older version and withdraw the later ones.",
    ),
}


@click.group(cls=LazyGroup, table=COMMANDS, epilog="Start with: millrace models list")
def models() -> None:
    """Pushed models: their versions, where they come from, which one serves.

    A version is MAJOR.MINOR.PIPELINE: MAJOR grows when the label or a column that the model
    reads has changed, MINOR when a better model follows, PIPELINE when code, configuration or
    only the data are others. `models show` says why a version is what it is.

    The champion is what servers load: the highest number in the serving folder. The
    candidate is a newer model that was not pushed; previous is the champion's predecessor.

    \b
    Examples:
      millrace models list
      millrace models show champion
      millrace models rollback --because "span 5 had broken meters"
      millrace models rollback --before 2026-05-04T10:00
    """
