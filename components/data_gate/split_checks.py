"""Does the split tell the truth? Checks of rows that train against rows that judge.

A split that depends on the label may put all rows of some features and one label into
train, and those of the same features and the other label into eval: whatever a model learns
is then wrong there. Three signs are looked for: features that train has with other labels
only, labels that are distributed otherwise, and plain models that do worse than guessing.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from components.data_gate.findings import DATASET, LABEL, Finding
from components.data_gate.labels import Label
from components.data_gate.plain_models import additive, area_under_curve, by_row
from components.data_gate.row_checks import effect
from components.data_gate.rows import Column
from components.data_gate.settings import CheckSettings, ChecksSettings, LimitedCheckSettings

TRAIN = "train"
_MOST_ROWS = 20_000
_FEWEST_ROWS = 50
_FEWEST_ALIKE = 5
_MOST_CLASSES = 20
# Standard deviations that chance does not explain, and how far from guessing matters.
_BEYOND_CHANCE = 4.0
_CLEARLY = 0.05


@dataclasses.dataclass(frozen=True)
class Half:
    """Rows of one split that have a label.

    Attributes:
      codes: int64 [rows, columns]: equal for equal values, in both halves.
      target: int64 classes or float64 numbers, [rows].
      keys: [rows]: rows of equal keys stay in one split; None without a key.
    """

    codes: np.ndarray
    target: np.ndarray
    keys: np.ndarray | None = None


def split_findings(
    columns: Mapping[str, Mapping[str, Column]],
    labels: Mapping[str, Label],
    inputs: Sequence[str],
    checks: ChecksSettings,
    key: str = "",
) -> Iterator[Finding]:
    """Compares train with each other split.

    At most twenty thousand rows of a split are looked at, drawn at random.

    Args:
      columns: The sampled columns by split.
      labels: Their labels by split; of one kind.
      inputs: The columns that the model reads.
      checks: Which checks are made.
      key: The column by which rows are split, if there is one.
    """
    for split in labels:
        if split == TRAIN or TRAIN not in labels:
            continue
        names = [name for name in inputs if name in columns[TRAIN] and name in columns[split]]
        halves = _halves(columns, labels, (TRAIN, split), names, key)
        if halves is None:
            continue
        classes, train, judge = halves
        yield from _contradiction(split, train, judge, classes, checks.split_contradiction)
        yield from _distribution(split, train, judge, classes, checks.split_label_drift)
        yield from _worse_than_guessing(split, train, judge, classes, checks.worse_than_guessing)


def _halves(
    columns: Mapping[str, Mapping[str, Column]],
    labels: Mapping[str, Label],
    splits: tuple[str, str],
    names: Sequence[str],
    key: str,
) -> tuple[tuple[str, ...] | None, Half, Half] | None:
    """The classes, and the two splits in one coding; None where there is too little."""
    chosen = [_drawn(labels[split].known) for split in splits]
    if not names or min(map(len, chosen)) < _FEWEST_ROWS:
        return None
    pairs = [[columns[split][name] for split in splits] for name in names]
    coded = [_codes([c.first[r] for c, r in zip(pair, chosen, strict=True)],
                    [c.present[r] for c, r in zip(pair, chosen, strict=True)],
                    [c.vocabulary for c in pair]) for pair in pairs]  # fmt: skip
    keys: list[np.ndarray | None] = [None, None]
    if all(key in columns[split] for split in splits):
        keys = [columns[split][key].first[rows] for split, rows in zip(splits, chosen, strict=True)]
    classes = None
    targets = [labels[split].values[rows] for split, rows in zip(splits, chosen, strict=True)]
    if labels[TRAIN].classes is not None:
        classes = tuple(sorted({n for split in splits for n in labels[split].classes or ()}))
        place = {name: index for index, name in enumerate(classes)}
        targets = [
            np.array([place[name] for name in labels[split].classes or ()], np.int64)[target]
            for split, target in zip(splits, targets, strict=True)
        ]
    train, judge = (
        Half(np.column_stack([pair[side] for pair in coded]), targets[side], keys[side])
        for side in (0, 1)
    )
    return classes, train, judge


def _drawn(known: np.ndarray) -> np.ndarray:
    rows = np.flatnonzero(known)
    if len(rows) <= _MOST_ROWS:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, _MOST_ROWS, replace=False))


def _codes(
    values: Sequence[np.ndarray],
    present: Sequence[np.ndarray],
    vocabularies: Sequence[tuple[str, ...] | None],
) -> list[np.ndarray]:
    """The same whole number for the same value in both splits; 0 where there is none."""
    if vocabularies[0] is not None and vocabularies[1] is not None:
        known = {text: place for place, text in enumerate(vocabularies[0])}
        moved = [known.setdefault(text, len(known)) for text in vocabularies[1]]
        values = [values[0], np.array([*moved, 0], np.int64)[values[1].astype(np.int64)]]
    _, joint = np.unique(np.concatenate(values), return_inverse=True)
    codes = np.where(np.concatenate(present), joint + 1, 0)
    return [codes[: len(values[0])], codes[len(values[0]) :]]


def _rows_alike(train: Half, judge: Half) -> tuple[np.ndarray, np.ndarray]:
    """A number for each different row of codes, the same in both halves."""
    codes = np.concatenate([train.codes, judge.codes])
    alike = np.zeros(len(codes), np.int64)
    for column in codes.T:
        _, alike = np.unique(alike * (int(column.max()) + 1) + column, return_inverse=True)
    return alike[: len(train.codes)], alike[len(train.codes) :]


def _contradiction(
    split: str,
    train: Half,
    judge: Half,
    classes: Sequence[str] | None,
    settings: LimitedCheckSettings,
) -> Iterator[Finding]:
    """Finds features that train knows, with other labels only, more often than chance has them.

    Chance, where each row finds its split by itself: of so many equal rows of one label all
    are in the split that judges.
    """
    if settings.severity == "off" or classes is None or len(classes) > _MOST_CLASSES:
        return
    trained, judged = _rows_alike(train, judge)
    shape = int(max(trained.max(), judged.max())) + 1, len(classes)
    count, held = _counts(trained, train, shape), _counts(judged, judge, shape)
    known, all_judging = count.sum(axis=1), held.sum(axis=1)
    looked = (held > 0) & (known >= _FEWEST_ALIKE)[:, None]
    apart = held[looked & (count == 0)].sum()
    others = np.maximum(1, known + all_judging - 1)[:, None]
    chance = (np.maximum(0, all_judging - 1)[:, None] / others) ** np.maximum(0, count + held - 1)
    expected = float((held * chance)[looked].sum())
    spread = math.sqrt(float((held.astype(float) ** 2 * chance * (1 - chance))[looked].sum()))
    rows = held.sum()
    if apart / rows <= settings.at_most + expected / rows:
        return
    if apart <= expected + _BEYOND_CHANCE * max(1.0, spread):
        return
    yield Finding(
        split,
        DATASET,
        "split_contradiction",
        effect(settings),
        headline=f"{apart / rows:.1%} of the examples have features that {TRAIN} has with other "
        "labels only",
        expected=f"at most {settings.at_most:.1%} more than chance ({expected / rows:.1%})",
        seen="The split depends on the label, or on what goes with it",
        count=int(apart),
        examples=int(rows),
    )


def _counts(alike: np.ndarray, half: Half, shape: tuple[int, int]) -> np.ndarray:
    """How many rows of each kind have each label, [kinds, classes]; those of one key count once."""
    cells = alike * shape[1] + half.target
    if half.keys is not None:
        cells = np.unique(np.column_stack([cells, half.keys]), axis=0)[:, 0].astype(np.int64)
    return np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)


def _distribution(
    split: str,
    train: Half,
    judge: Half,
    classes: Sequence[str] | None,
    settings: LimitedCheckSettings,
) -> Iterator[Finding]:
    """Finds labels that are distributed otherwise than those of train, beyond chance."""
    if settings.severity == "off":
        return
    if classes is None:
        cuts = np.unique(np.quantile(train.target, np.arange(1, 10) / 10))
        names = [f"label up to {cut:.4g}" for cut in cuts] + [f"label above {cuts[-1]:.4g}"]
        parts = [np.searchsorted(cuts, half.target) for half in (train, judge)]
    else:
        names = [f"label {name}" for name in classes]
        parts = [half.target for half in (train, judge)]
    before, now = (np.bincount(p, minlength=len(names)) / len(p) for p in parts)
    pooled = (before * len(parts[0]) + now * len(parts[1])) / (len(parts[0]) + len(parts[1]))
    chance = _BEYOND_CHANCE * np.sqrt(
        pooled * (1 - pooled) * (1 / len(parts[0]) + 1 / _independent(judge))
    )
    worst = int(np.abs(now - before).argmax())
    apart = abs(now[worst] - before[worst])
    if apart <= max(settings.at_most, chance[worst]):
        return
    yield Finding(
        split,
        LABEL,
        "split_label_drift",
        effect(settings),
        headline=f"{names[worst]}: {before[worst]:.1%} of {TRAIN} and {now[worst]:.1%} here",
        expected=f"at most {settings.at_most:.0%} apart (chance alone: {chance[worst]:.1%})",
        examples=len(judge.target),
    )


def _worse_than_guessing(
    split: str,
    train: Half,
    judge: Half,
    classes: Sequence[str] | None,
    settings: CheckSettings,
) -> Iterator[Finding]:
    """Finds a plain model that learns from train and is clearly wrong here."""
    if settings.severity == "off":
        return
    trained, judged = _rows_alike(train, judge)
    for learned, wanted in _questions(train, judge, classes):
        yes = int(wanted.sum())
        if min(yes, len(wanted) - yes) < _FEWEST_ROWS // 2:
            continue
        models = {
            "remembers rows": by_row(trained, judged, learned),
            "adds up columns": additive(train.codes, judge.codes, learned),
        }
        thinner = len(wanted) / _independent(judge)
        deviation = math.sqrt(thinner * (1 / yes + 1 / (len(wanted) - yes)) / 12)
        model, area = min(
            ((name, area_under_curve(scores, wanted)) for name, scores in models.items()),
            key=lambda pair: pair[1],
        )
        if area < 0.5 - max(_CLEARLY, _BEYOND_CHANCE * deviation):
            yield Finding(
                split,
                DATASET,
                "worse_than_guessing",
                effect(settings),
                headline=f"a plain model that {model} of {TRAIN} is worse than guessing: "
                f"AUC {area:.2f}",
                expected=f"0.50, less {max(_CLEARLY, _BEYOND_CHANCE * deviation):.2f} by chance",
                seen="No model can be judged by such a split",
                examples=len(wanted),
            )
            return


def _questions(
    train: Half, judge: Half, classes: Sequence[str] | None
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """What is learned, float64 [train rows], and what is asked, bool [rows that judge].

    Whether the label is each of the commonest classes; of a regression, whether it is above
    the middle one of train.
    """
    if classes is None:
        yield train.target.astype(np.float64), judge.target > np.median(train.target)
        return
    counts = np.bincount(train.target, minlength=len(classes))
    asked = np.argsort(-counts, kind="stable")[:5]
    for place in asked[:1] if len(classes) == 2 else asked:
        yield (train.target == place).astype(np.float64), judge.target == place


def _independent(half: Half) -> int:
    """How many rows of a split decide by themselves: one for each key, where there is one."""
    return len(half.target) if half.keys is None else len(np.unique(half.keys))
