"""Numbers, times and sizes as people read them."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence

NONE = "\N{EN DASH}"

_HUGE = 1e13
_TINY = 1e-4


def number(value: float | int | None, digits: int = 4) -> str:
    """Writes a number with about `digits` significant digits.

    Whole numbers are written in full with separators, and so is the whole part of
    large fractions; only huge and tiny numbers have an exponent.

    Args:
      value: Any number; None, NaN and infinities are allowed.
      digits: Significant digits of a fraction.
    """
    if value is None or math.isnan(value):
        return NONE
    if isinstance(value, bool):
        return str(value).lower()
    if math.isinf(value):
        return str(value)
    magnitude = abs(value)
    if magnitude >= _HUGE or 0 < magnitude < _TINY:
        return f"{value:.{max(digits - 1, 0)}e}"
    if float(value).is_integer():
        return f"{int(value):,}"
    decimals = max(0, digits - 1 - math.floor(math.log10(magnitude)))
    text = f"{value:,.{min(decimals, 8)}f}"
    # 0.0010 where four digits were asked for says no more than 0.001.
    return text.rstrip("0").rstrip(".") if magnitude < 0.1 and "." in text else text


def setting(value: object) -> str:
    """Writes a value that a person chose the way it was chosen: ``0.001``, ``256``, ``a, b``."""
    if isinstance(value, (list, tuple)):
        return ", ".join(map(setting, value))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def distinct(values: Sequence[float], digits: int = 3) -> list[str]:
    """Writes numbers with as few digits as tell them apart.

    Args:
      values: Numbers, such as the ticks of an axis.
      digits: The fewest significant digits.
    """
    labels: list[str] = []
    for enough in range(digits, 16):
        labels = [number(float(f"{value:.{enough}g}"), enough) for value in values]
        if len(set(labels)) == len(set(values)):
            break
    return labels


def fixed(value: float | None, decimals: int = 4) -> str:
    """Writes a metric with a fixed number of decimals, so that columns align."""
    if value is None or math.isnan(value):
        return NONE
    if math.isinf(value):
        return str(value)
    if abs(value) >= 1000:
        return number(value)
    return f"{value:.{decimals}f}"


def signed(value: float | None, decimals: int = 4) -> str:
    """Writes a difference with its sign."""
    if value is None or math.isnan(value):
        return NONE
    if math.isinf(value):
        return str(value)
    if abs(value) >= 1000:
        return ("+" if value > 0 else "\N{MINUS SIGN}") + number(abs(value))
    return f"{value:+.{decimals}f}".replace("-", "\N{MINUS SIGN}")


def interval(bounds: tuple[float, float] | None, *, change: bool = False) -> str:
    """Writes a confidence interval as ``0.85 … 0.95``, that of a change with its signs."""
    if bounds is None:
        return NONE
    write = signed if change else fixed
    return " … ".join(write(value) for value in bounds)


def percent(share: float | None, decimals: int = 1) -> str:
    """Writes a share (0 to 1) as a percentage; tiny shares do not look like none."""
    if share is None or math.isnan(share):
        return NONE
    if math.isinf(share):
        return str(share)
    smallest = 10**-decimals
    if 0 < share * 100 < smallest / 2:
        return f"<{smallest:g} %"
    if 0 < (1 - share) * 100 < smallest / 2:
        return f">{100 - smallest:g} %"
    if share in (0, 1):
        return f"{100 * share:.0f} %"
    return f"{100 * share:.{decimals}f} %"


def seconds(value: float | None) -> str:
    """Writes a duration: ``0.4 s``, ``12.3 s``, ``3 min 05 s``, ``1 h 02 min``."""
    if value is None:
        return NONE
    if value < 59.95:
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
    return f"{text[:head]}…{text[len(text) - (length - 1 - head) :]}"
