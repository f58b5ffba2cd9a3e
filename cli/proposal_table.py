"""The columns of a table, and what became of them, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.table import Table

from onboarding.model import ColumnDecision, Use
from onboarding.words import percent

# Of more columns so many are shown; of the rest, how many there are of each kind.
MOST_SHOWN = 40
_SHOWN_OF_MANY = 24
_DROPPED_OF_MANY = 8
_MOST_NAMED = 3
_NARROW = 100
_LONGEST_NAME = 24
_ORDER: tuple[Use, ...] = ("label", "key", "time", "dropped", "feature")
_STYLES: dict[Use, str] = {"label": "bold", "key": "cyan", "time": "cyan", "dropped": "dim"}


def column_tables(columns: Sequence[ColumnDecision], width: int) -> Iterator[Table]:
    """The columns as a table, and what was left out of it as a second one.

    Args:
      columns: All columns, in the table's order.
      width: Signs in a line of the terminal.
    """
    shown = _shown(columns)
    yield _table(shown, width)
    names = {column.facts.name for column in shown}
    rest = [column for column in columns if column.facts.name not in names]
    if rest:
        yield _summary(rest)


def _shown(columns: Sequence[ColumnDecision]) -> list[ColumnDecision]:
    """All columns; of very many, those that are no plain features first."""
    if len(columns) <= MOST_SHOWN:
        return list(columns)
    ranked = sorted(range(len(columns)), key=lambda place: _ORDER.index(columns[place].use))
    dropped = [place for place in ranked if columns[place].use == "dropped"]
    kept = [place for place in ranked if place not in set(dropped[_DROPPED_OF_MANY:])]
    return [columns[place] for place in sorted(kept[:_SHOWN_OF_MANY])]


def _table(columns: Sequence[ColumnDecision], width: int) -> Table:
    narrow = width < _NARROW
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    made.add_column("column", overflow="fold", max_width=18 if narrow else _LONGEST_NAME)
    if not narrow:
        made.add_column("type", no_wrap=True)
    made.add_column("is", overflow="fold", max_width=12 if narrow else None)
    made.add_column("missing", justify="right", no_wrap=True)
    made.add_column("distinct", justify="right", no_wrap=True)
    if not narrow:
        made.add_column("becomes", overflow="fold", max_width=_LONGEST_NAME)
    made.add_column("why", overflow="fold", ratio=1)
    for column in columns:
        facts = column.facts
        kind = column.kind.replace("_", " ")
        becomes = _becomes(column)
        counts = [percent(facts.missing / facts.rows) if facts.missing else "-"]
        counts.append(f"{facts.distinct:,}")
        if narrow:
            said = kind if becomes in ("feature", kind) else f"{kind}, {becomes}"
            cells = [facts.name, said, *counts, column.why]
        else:
            found = facts.type.value if facts.type is not None else "no value"
            cells = [facts.name, found, kind, *counts, becomes, column.why]
        made.add_row(*cells, style=_STYLES.get(column.use))
    return made


def _becomes(column: ColumnDecision) -> str:
    if column.use == "feature":
        same = column.feature in (None, column.facts.name)
        return "feature" if same else f"part of {column.feature}"
    return {"label": "label", "key": "split key", "time": "split time", "dropped": "left out"}[
        column.use
    ]


def _summary(columns: Sequence[ColumnDecision]) -> Table:
    groups: dict[tuple[str, str], list[str]] = {}
    for column in columns:
        becomes = "left out" if column.use == "dropped" else "features"
        groups.setdefault((becomes, column.kind), []).append(column.facts.name)
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    made.add_column(justify="right", no_wrap=True)
    made.add_column(no_wrap=True)
    made.add_column(overflow="ellipsis", no_wrap=True, ratio=1)
    for (becomes, kind), names in sorted(groups.items(), key=lambda item: -len(item[1])):
        more = ", …" if len(names) > _MOST_NAMED else ""
        listed = ", ".join(names[:_MOST_NAMED]) + more
        made.add_row(f"+ {len(names):,}", f"{kind.replace('_', ' ')}, {becomes}", listed)
    return made
