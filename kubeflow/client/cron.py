"""Cron expressions: what people write, and the six fields that Kubeflow reads.

Kubeflow uses robfig/cron (https://pkg.go.dev/github.com/robfig/cron@v1.2.0), whose first
field is the second. Given five fields it takes the first for the second and leaves out
the last: a weekly run would become an hourly one, without a word.
"""

from __future__ import annotations

import dataclasses
import re

from core import errors

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_DESCRIPTORS = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}
_LONGEST_MONTHS = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}


@dataclasses.dataclass(frozen=True)
class _Field:
    name: str
    lowest: int
    highest: int
    words: tuple[str, ...] = ()

    def values(self, text: str) -> set[int]:
        """All values that a field's text stands for; raises ValueError with the reason."""
        found: set[int] = set()
        for part in text.split(","):
            found |= self._part(part.lower())
        return found

    def _part(self, part: str) -> set[int]:
        span, slash, step_text = part.partition("/")
        step = 1
        if slash:
            if not step_text.isdecimal() or int(step_text) < 1:
                raise ValueError(f"{part!r}: the step must be a number above 0")
            step = int(step_text)
        if span in ("*", "?"):
            low, high = self.lowest, self.highest
        elif "-" in span:
            first, _, last = span.partition("-")
            low, high = self._number(first), self._number(last)
            if low > high:
                raise ValueError(f"{part!r} runs backwards")
        else:
            low = self._number(span)
            high = self.highest if slash else low
        return set(range(low, high + 1, step))

    def _number(self, text: str) -> int:
        if text in self.words:
            return self.words.index(text) + self.lowest
        if not re.fullmatch(r"\d{1,2}", text):
            raise ValueError(f"{text!r} is not a number from {self.lowest} to {self.highest}")
        value = int(text)
        if not self.lowest <= value <= self.highest:
            sunday = "; Sunday is 0" if self.words == _DAYS else ""
            raise ValueError(f"{value} is not from {self.lowest} to {self.highest}{sunday}")
        return value


_FIELDS = (
    _Field("second", 0, 59),
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of the week", 0, 6, _DAYS),
)


def six_fields(text: str) -> str:
    """The expression as Kubeflow reads it.

    Args:
      text: Five fields as in crontab (minute, hour, day of the month, month, day of the
        week), six with the second before them, or a word such as ``@daily``.

    Returns:
      Six fields.

    Raises:
      errors.UserError: If it is none of these, or never comes true.
    """
    words = text.split()
    if len(words) == 1 and words[0].startswith("@"):
        return _described(words[0].lower())
    if len(words) not in (5, 6):
        raise _refused(
            text, f"it has {len(words)} fields, not five (minute first) or six (second first)"
        )
    fields = ["0", *words] if len(words) == 5 else words
    values = []
    for field, word in zip(_FIELDS, fields, strict=True):
        try:
            values.append(field.values(word))
        except ValueError as error:
            raise _refused(text, f"{field.name}: {error}") from None
    days, months = values[3], values[4]
    any_weekday = fields[5] in ("*", "?")
    if any_weekday and all(min(days) > _LONGEST_MONTHS.get(month, 31) for month in months):
        raise _refused(text, "no such day is in these months: it would never run")
    return " ".join(fields)


def _described(word: str) -> str:
    if word in _DESCRIPTORS:
        return _DESCRIPTORS[word]
    if word.startswith("@every"):
        raise _refused(word, "an interval is not a cron expression", "say --every 1h")
    near = errors.nearest(word, _DESCRIPTORS)
    raise _refused(
        word, f"known words: {', '.join(_DESCRIPTORS)}", f"did you mean {near}?" if near else ""
    )


def _refused(text: str, why: str, hint: str = "") -> errors.UserError:
    return errors.UserError(
        f"--cron {text!r} is not a valid cron expression",
        evidence=[why],
        hint=hint or 'such as --cron "0 6 * * 1-5": at six, Monday to Friday',
        code="invalid-cron",
    )
