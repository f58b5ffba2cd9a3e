"""An error as a person sees it: headline, evidence, hint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import errors, terminal

if TYPE_CHECKING:
    from rich.console import Console


def print_error(
    error: errors.MillraceError, *, where: str = "", log: str = "", console: Console | None = None
) -> None:
    """Prints an error to standard error.

    Args:
      error: The error.
      where: The component that failed, if one did.
      log: The path of its log, if there is one.
      console: Where to print; standard error where it is None.
    """
    from rich.text import Text

    console = console or terminal.console(stderr=True, soft_wrap=True)
    place = f" in {where}" if where else ""
    console.print(Text.assemble((f"{error.kind}{place}: ", "bold red"), (error.headline, "bold")))
    for line in error.evidence:
        console.print(Text(f"  {line}"))
    if error.hint:
        console.print(Text.assemble(("  hint: ", "bold yellow"), error.hint))
    if log:
        console.print(Text(f"  log: {log}", "dim"))
