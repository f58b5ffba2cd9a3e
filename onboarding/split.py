"""Which rows train and which judge: by the features' values, a key, the row, or time."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from components.example_gen.records.encoding import Column, encode_examples
from components.example_gen.settings import ColumnType
from components.example_gen.splitting import (
    key_splits,
    row_splits,
    time_cuts,
    time_splits,
    time_values,
    value_splits,
)
from core.errors import DataError, UserError
from onboarding.column_facts import ObservedColumn
from onboarding.label import ReadLabel
from onboarding.model import Choice, Request, SampledTable
from onboarding.moments import FORMATS, text_moment_verdict
from onboarding.variety import variety
from onboarding.verdict import share
from preprocessing import time_format

_MOST_VALUES = 3_000_000
_MOST_TIMELESS = 0.05
# Of more columns those that are not hashed are named, where these are fewer.
_MOST_NAMED = 40
# Other weights for keys of few values, until the eval split has a fair share of the rows.
_WEIGHTS = ((2, 1), (3, 1), (4, 1), (3, 2), (1, 1), (5, 1), (5, 2))


@dataclasses.dataclass(frozen=True)
class SplitDecision:
    """How rows are split.

    Attributes:
      choices: The keys of the section `data` and their values.
      places: int64, 0 for train and 1 for eval, of the first rows of the sample.
      remarks: What a person should look at.
      gate: The keys of the section `gate` that the split calls for.
    """

    choices: Mapping[str, Choice]
    places: np.ndarray
    remarks: tuple[str, ...] = ()
    gate: Mapping[str, Choice] = dataclasses.field(default_factory=dict)


def decide_split(
    request: Request,
    sample: SampledTable,
    columns: Mapping[str, ObservedColumn],
    label: ReadLabel,
    hashed: Sequence[str],
) -> SplitDecision:
    """Chooses the split and tries it on the sample, as ExampleGen computes it.

    Args:
      request: What a person asked for; its key and time exist.
      sample: The table.
      columns: The columns.
      label: The label.
      hashed: The columns that features may read, without the label's.

    Raises:
      UserError: If the key or the time cannot split the rows.
      DataError: If a split would lack what it needs: rows, or a class of two.
    """
    if request.time is not None:
        decision = _by_time(columns[request.time], sample)
    elif request.key is not None:
        decision = _by_key(columns[request.key], sample)
    else:
        decision = _by_values(sample, columns, label, hashed)
    remarks = (*decision.remarks, *_check_classes(decision.places, label, sample))
    return dataclasses.replace(decision, remarks=remarks)


def _weights(rows: int) -> tuple[tuple[int, int], str]:
    if rows < 10_000:
        error = 50 / np.sqrt(max(1, rows / 3))
        return (2, 1), (
            f"a third judges, which tells an accuracy to about ±{error:.1f} points; fewer rows"
            " would tell less"
        )
    if rows < 200_000:
        return (4, 1), f"a fifth judges: about {rows // 5:,} rows are enough for that"
    return (9, 1), f"a tenth judges: about {rows // 10:,} rows are plenty for that"


def _filling(
    rows: int, split: Callable[[tuple[int, int]], np.ndarray]
) -> tuple[tuple[int, int], np.ndarray, str]:
    """Weights under which both splits get a fair share of the rows.

    Where few different things are hashed, the weights say little about the shares.

    Args:
      rows: Rows of the table.
      split: The place of each row, from the weights.

    Returns:
      The weights, the places, and the reason, empty where the usual weights do not fit.
    """
    preferred, why = _weights(rows)
    best, places, distance = preferred, split(preferred), 1.0
    for pair in (preferred, *_WEIGHTS):
        tried = places if pair == preferred else split(pair)
        judging = float((tried == 1).mean())
        if 0.1 <= judging <= 0.45 or (pair == preferred and 0.05 <= judging <= 0.45):
            return pair, tried, why if pair == preferred else ""
        if abs(judging - 1 / 3) < distance:
            best, places, distance = pair, tried, abs(judging - 1 / 3)
    return best, places, ""


def _by_values(
    sample: SampledTable,
    columns: Mapping[str, ObservedColumn],
    label: ReadLabel,
    hashed: Sequence[str],
) -> SplitDecision:
    """Equal rows together; where there are few different ones, each row by itself."""
    hashed = hashed or [name for name in columns if name not in label.expression.columns]
    rows = max(1, min(sample.table.num_rows, _MOST_VALUES // len(hashed)))
    head = sample.table.select(list(hashed)).slice(0, rows)
    found = variety(row_bytes(head), {name: columns[name] for name in hashed}, label)
    (train, judging), why = _weights(sample.rows)
    if not found.suffices(judging / (train + judging)):
        return _by_row(sample, columns, label, found.distinct, rows)
    values = {name: _example_column(head.column(name)) for name in hashed}
    weights, places, why = _filling(sample.rows, lambda pair: value_splits(values, pair))
    if why == "":
        share_judging = share((places == 1).mean(), 1)
        why = f"with only {found.distinct:,} different rows {share_judging} judge"
    choices = {
        "split.method": Choice("hash", "equal rows are always in the same split"),
        **_hashed_choice(hashed, columns),
        "split.splits": Choice(dict(zip(("train", "eval"), weights, strict=True)), why),
    }
    return SplitDecision(choices, places)


def _hashed_choice(
    hashed: Sequence[str], columns: Mapping[str, ObservedColumn]
) -> dict[str, Choice]:
    others = [name for name in columns if name not in hashed]
    why = (
        "equal in these columns, none of them the label's; named, so that no row changes its split"
        " when the features change"
    )
    if len(hashed) > _MOST_NAMED and len(others) < len(hashed):
        return {"split.without": Choice(others, why.replace("in these", "in all but these"))}
    return {"split.columns": Choice(list(hashed), why)}


def _by_row(
    sample: SampledTable,
    columns: Mapping[str, ObservedColumn],
    label: ReadLabel,
    distinct: int,
    rows: int,
) -> SplitDecision:
    """Each row by a number of its own, or by its place in its file."""
    weights, why = _weights(sample.rows)
    few = (
        f"the rows differ in {distinct:,} ways only, too few to keep equal ones together; equal"
        " rows in both splits give nothing away where all that comes is like them"
    )
    choices = {"split.method": Choice("row", f"each row by its place in its file: {few}")}
    places = row_splits("sample", np.arange(rows), weights)
    number = next((c for c in columns.values() if _is_row_number(c, label)), None)
    if number is not None:
        choices = {
            "split.method": Choice("hash"),
            "split.key": Choice(number.name, f"another one in every row: {few}"),
        }
        places = key_splits(_example_column(number.values), weights)
    choices["split.splits"] = Choice(dict(zip(("train", "eval"), weights, strict=True)), why)
    alike = Choice("off", "rows are alike by nature")
    return SplitDecision(
        choices,
        places,
        gate={"checks.duplicated_rows": alike, "checks.split_overlap": alike},
    )


def _is_row_number(column: ObservedColumn, label: ReadLabel) -> bool:
    facts = column.facts
    one_each = facts.distinct == facts.rows and facts.type is not ColumnType.FLOAT
    return one_each and column.name not in label.expression.columns


def _by_key(column: ObservedColumn, sample: SampledTable) -> SplitDecision:
    name, facts = column.name, column.facts
    if facts.type is ColumnType.FLOAT:
        raise UserError(
            f"{name!r} cannot be the key: it holds numbers with fractions",
            evidence=[f"from {facts.lowest:g} to {facts.highest:g}"],
            hint="a key holds whole numbers or text, such as a customer's number",
            code="bad-split-column",
        )
    if facts.distinct < 2:
        shown = f"one value, {facts.common[0][0]!r}" if facts.common else "no value"
        raise UserError(
            f"{name!r} cannot be the key: it has {shown}, and so all rows would be in one split",
            hint="choose a key of many values, or leave --key out",
            code="bad-split-column",
        )
    remarks = []
    if facts.distinct >= 0.999 * facts.present:
        remarks.append(
            f"{name} is another one in every row: splitting by it is splitting row by row."
        )
    example = _example_column(column.values)
    weights, places, why = _filling(sample.rows, lambda pair: key_splits(example, pair))
    judging = float((places == 1).mean())
    if judging in (0.0, 1.0):
        raise UserError(
            f"{name!r} cannot be the key: with {facts.distinct} values no split works out",
            evidence=[f"{value!r}: {count:,} rows" for value, count in facts.common],
            hint="choose a key of more values, or leave --key out",
            code="bad-split-column",
        )
    why = why or f"with these {facts.distinct} keys {share(judging, 1)} of the rows judge"
    if facts.missing:
        remarks.append(f"{facts.missing:,} rows have no {name}: all of them are in one split.")
    choices = {
        "split.method": Choice("hash"),
        "split.key": Choice(
            name, f"rows of one {name} stay together ({facts.distinct:,} different ones)"
        ),
        "split.splits": Choice(dict(zip(("train", "eval"), weights, strict=True)), why),
    }
    return SplitDecision(choices, places, tuple(remarks))


def _by_time(column: ObservedColumn, sample: SampledTable) -> SplitDecision:
    name = column.name
    times, missing, pattern = _times(column)
    gone = int(missing.sum())
    if gone > _MOST_TIMELESS * len(times):
        bad = next((text for text in column.distinct if _unreadable(text, pattern)), None)
        raise UserError(
            f"{name!r} cannot split by time: {share(gone, len(times))} of the rows have no time",
            evidence=[f"such as {bad!r}"] if bad is not None else [f"{gone:,} rows lack a value"],
            hint="choose a column of numbers, ISO 8601 moments or a common date format",
            code="bad-split-column",
        )
    good = times[~missing]
    weights, why = _weights(sample.rows)
    with tempfile.TemporaryDirectory() as scratch:
        cuts = time_cuts([good], weights, Path(scratch) / "times")
    places = np.where(missing, -1, time_splits(times, cuts))
    shares = [float((places == place).mean()) for place in (0, 1)]
    if min(shares) == 0.0:
        raise UserError(
            f"{name!r} cannot split by time: it has too few different values",
            evidence=[f"{value!r}: {count:,} rows" for value, count in column.facts.common[:5]],
            hint="choose a column with more different times, or leave --time out",
            code="bad-split-column",
        )
    choices = {
        "split.method": Choice("time", "the newest rows judge, as they would after the training"),
        "split.time_column": Choice(name),
        "split.splits": Choice(dict(zip(("train", "eval"), weights, strict=True)), why),
    }
    remarks = []
    if pattern is not None:
        choices["split.time_format"] = Choice(pattern, f"such as {column.facts.common[0][0]!r}")
    if gone:
        bound = max(0.01, round(2 * gone / len(times), 3))
        remarks.append(f"{gone:,} rows have no {name}: they are set aside.")
        choices["rejects.max_share"] = Choice(bound, f"{gone:,} rows have no {name} to split by")
    return SplitDecision(choices, places, tuple(remarks))


def _times(column: ObservedColumn) -> tuple[np.ndarray, np.ndarray, str | None]:
    """Times as numbers, where there is none, and the format that they needed."""
    times, missing = time_values(_example_column(column.values))
    if not column.is_text or missing.mean() <= _MOST_TIMELESS + 1 - column.present.mean():
        return times, missing, None
    verdict = text_moment_verdict(column)
    pattern = None if verdict is None or verdict.role is None else verdict.role.get("format")
    if pattern is None:
        pattern = next((p for p in FORMATS if not _unreadable(column.distinct[0], p)), None)
    if pattern is None:
        return times, missing, None
    texts = column.values.to_pylist()
    read = [None if text is None else time_format.parse(pattern, text) for text in texts]
    numbers = np.array([0 if moment is None else moment for moment in read], np.int64)
    return numbers, np.array([moment is None for moment in read]), pattern


def _unreadable(text: object, pattern: str | None) -> bool:
    return pattern is None or time_format.parse(pattern, str(text)) is None


def _example_column(values: pa.Array | pa.ChunkedArray) -> Column:
    """A column as ExampleGen encodes it."""
    if isinstance(values, pa.ChunkedArray):
        values = pa.concat_arrays(values.chunks) if values.num_chunks != 1 else values.chunk(0)
    if not pa.types.is_string(values.type):
        return Column(values)
    encoded = pc.dictionary_encode(values)
    return Column(encoded.dictionary.cast(pa.large_binary()), encoded.indices)


def row_bytes(table: pa.Table) -> list[bytes]:
    """Each row as ExampleGen writes it."""
    columns = {name: _example_column(table.column(name)) for name in table.column_names}
    return list(encode_examples(columns).to_pylist())


def _check_classes(places: np.ndarray, label: ReadLabel, sample: SampledTable) -> list[str]:
    """Looks whether every class is in both splits."""
    if not label.names:
        return []
    known = label.known[: len(places)]
    values = label.values[: len(places)]
    counts = np.stack(
        [
            np.bincount(values[known & (places == place)], minlength=len(label.names))
            for place in (0, 1)
        ]
    )
    for split, row in zip(("train", "eval"), counts, strict=True):
        if (row > 0).sum() < 2:
            raise DataError(
                f"the split {split!r} would have one class only",
                evidence=[f"{n!r}: {t:,} rows to train, {e:,} to judge"
                          for n, t, e in zip(label.names[:8], *counts[:, :8], strict=True)],
                hint="more rows, another label, or another way to split",
                code="split-classes",
            )  # fmt: skip
    absent = [
        f"{name!r} (only in {'train' if not judged else 'eval'})"
        for name, trained, judged in zip(label.names, *counts, strict=True)
        if not trained or not judged
    ]
    if not absent:
        return []
    more = f" and {len(absent) - 5} more" if len(absent) > 5 else ""
    return [f"not in both splits: {', '.join(absent[:5])}{more}."]
