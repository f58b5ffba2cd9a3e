"""A group of commands that are imported when they are used.

The table of a group names each command's module as text, so that ``--help`` loads none of
them.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click

from core import errors


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used.

    Args:
      table: By the command's name: where it is, and one line of help that is shown
        without loading it. ``package.module`` means the object of the command's own name
        in there, ``package.module:object`` any other.
      **settings: What `click.Group` takes.
    """

    def __init__(self, *, table: Mapping[str, tuple[str, str]], **settings: Any) -> None:
        super().__init__(**settings)
        self.table = table

    def list_commands(self, context: click.Context) -> list[str]:
        """All commands, in the order in which a newcomer meets them."""
        return list(self.table)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Loads one command."""
        if name not in self.table:
            return None
        module, _, attribute = self.table[name][0].partition(":")
        command = getattr(importlib.import_module(module), attribute or name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Finds the command; an unknown one is answered with the nearest."""
        if args and args[0] not in self.table and not args[0].startswith("-"):
            near = errors.nearest(args[0], self.table)
            path = context.command_path
            raise errors.UserError(
                f"there is no command {args[0]!r}",
                hint=f"did you mean `{path} {near}`?" if near else f"see `{path} --help`",
                code="unknown-command",
            )
        return super().resolve_command(context, args)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.table.items()])
