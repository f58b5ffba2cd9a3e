"""The size of the model and of its training, from the size of the table.

The steps between the sizes were found by trying them on a score of public and generated
tables (`make bench-quality`): a network over numbers in pieces keeps up with gradient
boosting where it is held back on few rows and let run on many.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from onboarding.model import Choice
from preprocessing.features import FeatureRole, names, transformed_features

if TYPE_CHECKING:
    from preprocessing.label import Task


class _Size(NamedTuple):
    """What tables up to so many train rows are trained with."""

    rows: float
    batch_size: int
    passes: int
    hidden_units: tuple[int, ...]
    dropout: float
    weight_decay: float
    learning_rate: float
    pieces: int
    largest_embedding: int
    words: str


_SIZES = (
    _Size(1_000, 32, 40, (64,), 0.2, 0.1, 0.002, 4, 4, "few rows: a small model, held back"),
    _Size(5_000, 64, 25, (128, 64), 0.2, 0.02, 0.003, 8, 8, "some thousand rows"),
    _Size(100_000, 256, 25, (128, 64), 0.1, 0.01, 0.004, 16, 16, "enough rows for curves"),
    _Size(1_000_000, 1_024, 10, (256, 128), 0.05, 0.01, 0.004, 24, 32, "many rows"),
    _Size(float("inf"), 4_096, 5, (256, 128), 0.0, 0.01, 0.004, 32, 32, "very many rows"),
)
_FEWEST_STEPS, _MOST_STEPS = 300, 20_000
_EVALUATIONS = 25
# Embedded numbers, side by side: what the first hidden layer reads.
_WIDEST_NUMBERS = 1_024


def choose(
    task: Task,
    rows: int,
    features: Mapping[str, FeatureRole],
    *,
    train_share: float = 2 / 3,
) -> dict[str, Choice]:
    """Chooses hyperparameters.

    Args:
      task: The task.
      rows: How many rows the table has, all splits together.
      features: The feature map.
      train_share: The train split's share of the rows.

    Returns:
      Fields of `models.hyperparameters.Hyperparameters`, plain JSON data, each with its
      reason.
    """
    train_rows = max(1, int(rows * train_share))
    size = next(size for size in _SIZES if train_rows <= size.rows)
    wanted = size.passes * train_rows // size.batch_size
    steps = min(_MOST_STEPS, max(_FEWEST_STEPS, _rounded(wanted)))
    passes = steps * size.batch_size / train_rows
    limit = "" if steps == _rounded(wanted) else f", {'most' if steps < wanted else 'fewest'} steps"
    chosen = {
        "train_steps": Choice(
            steps, f"{passes:.3g} passes over about {train_rows:,} train rows{limit}"
        ),
        "batch_size": Choice(size.batch_size, f"{size.words} ({train_rows:,} to train on)"),
        "learning_rate": Choice(size.learning_rate, "falls to nothing over the steps"),
        "evaluate_every_steps": Choice(
            max(1, steps // _EVALUATIONS), f"{_EVALUATIONS} looks at the eval split"
        ),
        "early_stopping_patience": Choice(
            8, "ends early when a third of the looks brought nothing; the best weights are kept"
        ),
        "hidden_units": Choice(list(size.hidden_units), size.words),
        "dropout": Choice(size.dropout, "the fewer rows, the more"),
        "weight_decay": Choice(size.weight_decay, "the fewer rows, the more"),
        "largest_embedding": Choice(size.largest_embedding, "the fewer rows, the narrower"),
    }
    return {**chosen, **_numbers(size, features)}


def _numbers(size: _Size, features: Mapping[str, FeatureRole]) -> dict[str, Choice]:
    """How the numbers among the features are embedded; nothing where there are none."""
    numbers = len(names(transformed_features(features), "dense"))
    if not numbers:
        return {}
    widest = 2 if size.pieces <= 4 else 8
    width = min(widest, _WIDEST_NUMBERS // numbers)
    if width < 1:
        return {
            "numeric_pieces": Choice(0, f"{numbers:,} numbers are too many to embed each of them")
        }
    return {
        "numeric_pieces": Choice(
            size.pieces, "each number becomes a curve of so many straight pieces"
        ),
        "numeric_embedding": Choice(
            width, f"for each of {numbers:,} numbers, the indicators of missing values included"
        ),
    }


def _rounded(steps: int) -> int:
    """A number of steps with two digits that count, which reads well."""
    digits = max(0, len(str(steps)) - 2)
    return int(round(steps, -digits))
