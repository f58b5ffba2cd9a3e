"""Numbers, times and sizes as people read them."""

from __future__ import annotations

import datetime
import math

NONE = "–"


def number(value: float | int | None, digits: int = 4) -> str:
    """Writes a number with about `digits` significant digits.

    Integers below ten million are written in full with separators; very large
    and very small numbers with an exponent.

    Args:
      value: Any number; None, NaN and infinities are allowed.
      digits: Significant digits of a fraction.
    """
    if value is None:
        return NONE
    if isinstance(value, bool):
        return str(value).lower()
    if not math.isfinite(value):
        return str(value)
    if float(value).is_integer() and abs(value) < 1e7:
        return f"{int(value):,}"
    size = abs(value)
    if size >= 10 ** max(digits, 7) or size < 1e-4:
        return f"{value:.{digits - 1}g}"
    decimals = max(0, digits - 1 - math.floor(math.log10(size)))
    return f"{value:,.{min(decimals, 6)}f}"


def fixed(value: float | None, decimals: int = 4) -> str:
    """Writes a metric with a fixed number of decimals, so that columns align."""
    if value is None:
        return NONE
    if not math.isfinite(value):
        return str(value)
    if abs(value) >= 1000:
        return number(value)
    return f"{value:.{decimals}f}"


def signed(value: float | None, decimals: int = 4) -> str:
    """Writes a difference with its sign."""
    if value is None:
        return NONE
    if not math.isfinite(value):
        return str(value)
    return f"{value:+.{decimals}f}".replace("-", "\N{MINUS SIGN}")


def percent(share: float | None, decimals: int = 1) -> str:
    """Writes a share (0 to 1) as a percentage; tiny shares do not look like none."""
    if share is None:
        return NONE
    if not math.isfinite(share):
        return str(share)
    smallest = 10**-decimals
    if 0 < share * 100 < smallest / 2:
        return f"<{smallest:g} %"
    if share in (0, 1):
        return f"{100 * share:.0f} %"
    return f"{100 * share:.{decimals}f} %"


def seconds(value: float | None) -> str:
    """Writes a duration: ``0.4 s``, ``12.3 s``, ``3 min 05 s``, ``1 h 02 min``."""
    if value is None:
        return NONE
    if value < 60:
        return f"{value:.1f} s" if value >= 0.05 else f"{1000 * value:.0f} ms"
    minutes, rest = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def size(number_of_bytes: float | None) -> str:
    """Writes a number of bytes with a decimal unit."""
    if number_of_bytes is None:
        return NONE
    value = float(number_of_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} TB"


def time(value: str | datetime.datetime | None) -> str:
    """Writes a moment as ``2026-11-20 23:06:38 UTC``."""
    if value is None:
        return NONE
    moment = datetime.datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


def plural(count: int, noun: str, many: str | None = None) -> str:
    """Writes ``1 feature`` or ``12 features``."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def shorten(text: str, length: int) -> str:
    """Cuts a text in the middle, where a path or an id says least."""
    if len(text) <= length:
        return text
    head = (length - 1) * 2 // 3
    return f"{text[:head]}…{text[len(text) - (length - 1 - head):]}"
