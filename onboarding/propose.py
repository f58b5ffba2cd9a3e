"""From a sample of a table to a whole configuration."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from core.errors import UserError
from onboarding.column_facts import ObservedColumn, observe
from onboarding.column_names import closest
from onboarding.feature_map import feature_map
from onboarding.gate import gate_section
from onboarding.label import ReadLabel, label_expression, read_label
from onboarding.leakage import Leaks, find_leaks
from onboarding.model import Choice, ColumnDecision, Proposal, Request, SampledTable
from onboarding.roles import judge
from onboarding.screening import screen
from onboarding.split import SplitDecision, decide_split, row_bytes
from onboarding.verdict import Table, Verdict, share
from preprocessing.features import load_features, raw_columns

_RARE = 0.1
_REPEATED = 0.1


def propose(sample: SampledTable, request: Request) -> Proposal:
    """Makes a proposal for a table: everything but bounds that need models to be measured.

    Nothing is written.

    Args:
      sample: The table, as `sample.read_sample` reads it.
      request: What a person asked for.

    Raises:
      UserError: If the request does not fit the table.
      DataError: If the label cannot be learned.
    """
    names = list(sample.types)
    _check_named(request, names)
    expression = label_expression(request.label, names)
    _check_others(request, expression.columns, names)
    columns = observe(sample)
    label = read_label(expression, columns, request.task)
    table = Table(sample.rows, sample.table.num_rows, len(names))
    verdicts = judge(columns, table)
    leaks = _leaks(request, label, columns, verdicts.columns)
    candidates, _ = feature_map(request, label, columns, verdicts, leaks.dropped, table)
    split = decide_split(request, sample, columns, label, _hashed(candidates, label))
    left_out = {
        **leaks.dropped,
        **_uninformative(request, label, columns, verdicts.columns, leaks, split),
    }
    features, decisions = feature_map(request, label, columns, verdicts, left_out, table)
    if not features:
        raise UserError(
            "no column is left to learn from",
            evidence=[f"{d.facts.name}: {d.use}, {d.why}" for d in decisions[:12]],
            hint="--keep COLUMN makes a feature of a column all the same",
            code="no-features",
        )
    sample = _with_texts(sample, decisions, verdicts.columns)
    used = {decision.facts.name for decision in decisions if decision.feature}
    remarks = [
        *sample.remarks,
        *label.remarks,
        *_imbalance(label),
        *split.remarks,
        *_repeated(sample, columns, split, sorted(used | set(label.expression.columns))),
        *(leaks.remarks[name] for name in leaks.remarks if name in used),
        *(v.remark for n, v in verdicts.columns.items() if v.remark and n != request.key),
    ]
    return Proposal(
        name=request.name or name_of(request.data),
        sample=sample,
        label=label.facts,
        task=label.task,
        classes=label.classes,
        columns=decisions,
        features=features,
        sections={
            "data": _data_section(sample, split),
            "gate": {**gate_section(label, split.places, sample.rows), **split.gate},
            "trainer": _hyperparameters(sample, label, split, features),
        },
        remarks=tuple(dict.fromkeys(remarks)),
    )


def name_of(path: str) -> str:
    """A pipeline's name made from the path of its data.

    Args:
      path: A file, a folder or a pattern.
    """
    given = Path(path.rstrip("/*") or "table").expanduser()
    candidates = [re.split(r"\.", given.name)[0], given.absolute().parent.name, "table"]
    for text in candidates:
        name = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:63].strip("-")
        if name and name not in ("data", "train", "part", "table-data", "dataset", "input"):
            return name
    return "table"


def _check_named(request: Request, names: list[str]) -> None:
    if request.key is not None and request.time is not None:
        raise UserError(
            "rows are split by a key or by time, not by both",
            hint="leave out --key or --time",
            code="split-twice",
        )
    asked: dict[str, tuple[str | None, ...]] = {
        "--key": (request.key,),
        "--time": (request.time,),
        "--keep": request.keep,
        "--drop": request.drop,
    }
    for option, columns in asked.items():
        for name in columns:
            if name is None or name in names:
                continue
            close = closest(name, names)
            raise UserError(
                f"{option} names the column {name!r}, which the data does not have",
                evidence=[f"its columns: {', '.join(names[:30])}"],
                hint=f"did you mean {close!r}?" if close else "check the name",
                code="unknown-column",
            )
    both = set(request.keep) & set(request.drop)
    if both:
        raise UserError(
            f"{sorted(both)[0]!r} is to be kept and dropped at once",
            hint="leave out --keep or --drop",
            code="keep-and-drop",
        )


def _check_others(request: Request, label: tuple[str, ...], names: list[str]) -> None:
    if set(names) <= set(label):
        raise UserError(
            "the data hold the label and nothing else",
            evidence=[f"columns: {', '.join(names)}"],
            hint="a model needs columns to predict the label from",
            code="no-features",
        )
    if request.key in label:
        raise UserError(
            f"{request.key!r} is the label: as the key it would put each class into one split",
            hint="choose another key",
            code="bad-split-column",
        )


def _hashed(features: Mapping[str, Choice], label: ReadLabel) -> list[str]:
    """The columns that may become features, but for the label's: what a row is split by."""
    if not features:
        return []
    read = load_features({name: choice.value for name, choice in features.items()})
    return [name for name in raw_columns(read) if name not in label.expression.columns]


def _leaks(
    request: Request,
    label: ReadLabel,
    columns: Mapping[str, ObservedColumn],
    verdicts: Mapping[str, Verdict],
) -> Leaks:
    candidates = [
        name
        for name, verdict in verdicts.items()
        if (verdict.role is not None or verdict.kind in ("latitude", "longitude")
            or name in request.keep or name in label.expression.columns)
        and name not in request.drop
    ]  # fmt: skip
    found = find_leaks(label, columns, candidates)
    kept = set(request.keep) - set(label.expression.columns)
    dropped = {name: why for name, why in found.dropped.items() if name not in kept}
    return Leaks(dropped, found.remarks)


def _uninformative(
    request: Request,
    label: ReadLabel,
    columns: Mapping[str, ObservedColumn],
    verdicts: Mapping[str, Verdict],
    leaks: Leaks,
    split: SplitDecision,
) -> dict[str, str]:
    others = {*leaks.dropped, *request.drop, *label.expression.columns, request.key, request.time}
    features = {
        name: columns[name]
        for name, verdict in verdicts.items()
        if verdict.role is not None and name not in others
    }
    learns = np.zeros(len(label.known), bool)
    learns[: len(split.places)] = split.places == 0
    found = screen(label, features, verdicts, learns)
    return {name: why for name, why in found.items() if name not in request.keep}


def _with_texts(
    sample: SampledTable, decisions: tuple[ColumnDecision, ...], verdicts: Mapping[str, Verdict]
) -> SampledTable:
    """The sample with the numbers that must be read as text as texts."""
    import pyarrow as pa

    from components.example_gen.settings import ColumnType

    names = [d.facts.name for d in decisions if d.feature and verdicts[d.facts.name].as_text]
    if not names:
        return sample
    table = sample.table
    for name in names:
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, table.column(name).cast(pa.string()))
    fixed = {**sample.settings.columns, **dict.fromkeys(names, ColumnType.TEXT)}
    return dataclasses.replace(
        sample,
        table=table,
        types={**sample.types, **dict.fromkeys(names, ColumnType.TEXT)},
        settings=sample.settings.model_copy(update={"columns": fixed}),
        why={**sample.why, "columns": "digits that are dates are read as text"},
    )


def _data_section(sample: SampledTable, split: SplitDecision) -> dict[str, Choice]:
    files = "1 file" if sample.files == 1 else f"{sample.files:,} files"
    section = {"path": Choice(sample.path, f"{files}, {sample.rows:,} rows")}
    from components.example_gen.settings import IngestionSettings

    default = IngestionSettings().model_dump(mode="json")
    for key, value in sample.settings.model_dump(mode="json").items():
        if key != "split" and value != default[key]:
            section[key] = Choice(value, sample.why.get(key, ""))
    return {**section, **split.choices}


def _repeated(
    sample: SampledTable,
    columns: Mapping[str, ObservedColumn],
    split: SplitDecision,
    names: list[str],
) -> list[str]:
    """What to say of rows to judge by that the model has seen in training."""
    fine = any(columns[name].facts.distinct >= 0.5 * columns[name].facts.rows for name in names)
    # Rows of a few coarse columns are alike by chance.
    if len(names) == len(sample.types) or "split.key" in split.choices or not fine:
        return []
    head = sample.table.select(names).slice(0, len(split.places))
    rows = row_bytes(head)
    trained = {row for row, place in zip(rows, split.places, strict=True) if place == 0}
    judging = [row for row, place in zip(rows, split.places, strict=True) if place == 1]
    again = sum(row in trained for row in judging)
    if again <= _REPEATED * len(judging):
        return []
    return [
        f"{share(again, len(judging))} of the rows to judge by are among those to train on, but"
        " for columns that are no features: the model will look better than it is. --key COLUMN"
        " keeps rows that belong together in one split."
    ]


def _hyperparameters(
    sample: SampledTable, label: ReadLabel, split: SplitDecision, features: Mapping[str, Choice]
) -> dict[str, Choice]:
    from onboarding import hyperparameters

    plain = {name: choice.value for name, choice in features.items()}
    labelled = round(sample.rows * float(label.known.mean()))
    return hyperparameters.choose(
        label.task.value,
        labelled,
        load_features(plain),
        train_share=float((split.places == 0).mean()),
    )


def _imbalance(label: ReadLabel) -> list[str]:
    if not label.facts.classes:
        return []
    name, count = label.facts.classes[-1]
    rows = sum(number for _, number in label.facts.classes)
    if label.task.value != "binary" or count >= _RARE * rows:
        return []
    return [
        f"only {share(count, rows)} of the rows are {name!r}: always saying the other is right in"
        f" {share(rows - count, rows)}, so look at AUC, precision and recall, not at accuracy. The"
        " classes are not weighted, so that probabilities stay true; `trainer.class_weights:"
        " balanced` finds more of the rare class and calls more false alarms."
    ]
