"""A small table of trips, analysed and transformed once, for all tests of models."""

from __future__ import annotations

import dataclasses
import functools
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from models.hyperparameters import Hyperparameters
from models.training import trainer_config
from preprocessing.features import LABEL_KEY, load_features
from preprocessing.preprocessing_fn import transform_config
from tests.preprocessing.analysis import analyse, transform, write_split

ROWS = 900
CARD = "Credit Card\r\n(chip)"
_FOLDERS: list[tempfile.TemporaryDirectory] = []
FEATURES = load_features(
    {
        "fare": {"role": "numeric", "log1p": True, "buckets": 5},
        "payment_type": "categorical",
        "hour": {"role": "categorical", "top_k": 24},
        "payment_by_fare": {"role": "cross", "of": ["payment_type", "fare"], "hash_buckets": 40},
    }
)
LABEL = "tips > 0.2 * fare"
QUICK = Hyperparameters(
    train_steps=60,
    batch_size=64,
    learning_rate=0.01,
    hidden_units=(8,),
    evaluate_every_steps=20,
    early_stopping_patience=0,
)


def trips(rows: int, seed: int) -> dict[str, list[Any]]:
    """Trips whose tips depend on how they are paid."""
    random = np.random.default_rng(seed)
    fare = random.gamma(2.0, 6.0, rows).round(2)
    by_card = random.random(rows) < 0.4
    share = np.where(by_card, random.choice([0.0, 0.25], rows, p=[0.2, 0.8]), 0.0)
    return {
        "fare": [
            None if lost else float(value)
            for value, lost in zip(fare, random.random(rows) < 0.02, strict=True)
        ],
        "payment_type": [CARD if card else "Cash" for card in by_card],
        "hour": random.integers(0, 24, rows).tolist(),
        "tips": (fare * share).round(2).tolist(),
    }


@dataclasses.dataclass(frozen=True)
class SmallTable:
    """The table in every form that the tests need."""

    folder: Path
    transform_output: Any
    raw_eval: dict[str, list[Any]]
    train: dict[str, np.ndarray]
    eval: dict[str, np.ndarray]

    def fn_args(self, folder: Path, hyperparameters: Hyperparameters = QUICK) -> SimpleNamespace:
        """What TFX's Trainer hands to `run_fn`, for the binary task."""
        examples = self.folder / "examples"
        return SimpleNamespace(
            custom_config=trainer_config(FEATURES, LABEL, "binary", hyperparameters),
            hyperparameters=None,
            train_steps=None,
            eval_steps=None,
            transform_graph_path=self.transform_output.transform_savedmodel_dir.rsplit("/", 1)[0],
            train_files=[str(examples / "Split-train" / "*")],
            eval_files=[str(examples / "Split-eval" / "*")],
            serving_model_dir=str(folder / "serving"),
            model_run_dir=str(folder / "run"),
            working_dir=str(folder / "tuner"),
        )


@functools.cache
def build_small_table() -> SmallTable:
    """Makes the table; once in a process, since the analysis takes seconds."""
    keep = tempfile.TemporaryDirectory(prefix="small_table")
    _FOLDERS.append(keep)  # removed when the process ends
    folder = Path(keep.name)
    raw_train, raw_eval = trips(ROWS, 1), trips(ROWS // 2, 2)
    output = analyse(folder, raw_train, transform_config(FEATURES, LABEL, "binary"))
    train, evaluation = transform(output, raw_train), transform(output, raw_eval)
    write_split(folder / "examples", "train", train)
    write_split(folder / "examples", "eval", evaluation)
    assert (train[LABEL_KEY] == -1).any(), "some labels must be missing"
    return SmallTable(folder, output, raw_eval, train, evaluation)
