"""The one door to the terminal: what steers it comes from us, never from data.

A column name, a label or a row may hold escape sequences that clear the screen, retitle the
window or hide what stands there, and marks that turn the direction of text around. They are
written as what they are, such as ``\\u001b`` (which JSON reads back as the same character).
Standard output and error are guarded as a whole, so that nothing has to remember to; rich,
which steers the terminal itself, is given texts that were cleaned before it adds its own.
"""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console

# C0 but tab and line feed, DEL, C1, and the controls of Unicode's bidirectional algorithm
# (https://trojansource.codes).
_STEERING = (
    *(code for code in range(0x20) if code not in (0x09, 0x0A)),
    *range(0x7F, 0xA0),
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
)
_VISIBLE = {code: f"\\u{code:04x}" for code in _STEERING}


def visible(text: str) -> str:
    """The text with everything that would steer a terminal written out."""
    return text.translate(_VISIBLE)


class GuardedStream:
    """A text stream that writes what is visible only.

    Args:
      stream: The stream behind it.
    """

    def __init__(self, stream: TextIO) -> None:
        # Rich takes the stream behind from an attribute of this name.
        self.rich_proxied_file = stream

    def write(self, text: str) -> int:
        """Writes a text."""
        return self.rich_proxied_file.write(visible(text))

    def writelines(self, lines: Iterable[str]) -> None:
        """Writes texts."""
        self.rich_proxied_file.writelines(map(visible, lines))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rich_proxied_file, name)


def guard_streams() -> None:
    """Guards this process's standard output and error; done once, where a process begins.

    A character that the locale cannot write is written by its number: no output fails for it.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None or isinstance(stream, GuardedStream):
            continue
        if hasattr(stream, "reconfigure"):
            # Under LC_ALL=C; click and Python's own UTF-8 mode choose the same.
            plain = codecs.lookup(stream.encoding).name == "ascii"
            stream.reconfigure(
                encoding="utf-8" if plain else stream.encoding, errors="backslashreplace"
            )
        setattr(sys, name, GuardedStream(stream))


def overwrite(text: str) -> None:
    """Writes over the line that the cursor of standard error is in."""
    stream = getattr(sys.stderr, "rich_proxied_file", sys.stderr)
    stream.write(f"\r{visible(text)}")
    stream.flush()


def console(**options: Any) -> Console:
    """A console of rich that shows what steers a terminal instead of sending it.

    Args:
      **options: As for `rich.console.Console`; nothing is highlighted where they are silent.
    """
    from rich.console import Console
    from rich.segment import Segment

    class VisibleConsole(Console):
        """Cleans texts at the last moment at which they are apart from rich's own controls."""

        def _render_buffer(self, buffer: Iterable[Segment]) -> str:
            return super()._render_buffer(
                part if part.control else Segment(visible(part.text), part.style) for part in buffer
            )

    return VisibleConsole(**{"highlight": False, **options})
