"""How good is the model? `python -m benchmarks.quality --data FOLDER`

Runs the whole pipeline in a folder of its own, then fits the baselines on the same
train split and scores all of them on the same eval split: the pushed model through
its serving raw signature, the others as scikit-learn gives them. Binary tasks.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchmarks.sides import ENVIRONMENT, Job, RunFailedError
from core.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from models.baselines import Score


def run(job: Job, root: Path) -> None:
    """Runs `millrace run` in a fresh folder.

    Raises:
      RunFailedError: If it fails; a model that was not blessed is no failure here.
    """
    command = [sys.executable, "-m", "pipeline.cli", "run", *job.words(root)]
    done = subprocess.run(
        command, env={**os.environ, **ENVIRONMENT}, capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, ModelError.exit_code):
        raise RunFailedError(f"{done.stdout[-2_000:]}\n{done.stderr[-2_000:]}")


def compare(artifacts: Path, configuration: Path) -> dict[str, Score]:
    """Scores the trained model and the baselines on a finished run's eval split.

    Args:
      artifacts: The run's artifact folder.
      configuration: The configuration that it was run with.

    Returns:
      Scores by model, the worst kind first.

    Raises:
      RunFailedError: If the task is not binary, or results are missing.
    """
    from core.columnar_examples import read_examples
    from models import baselines
    from pipeline.configuration.loading import load
    from preprocessing.expression import parse_label
    from preprocessing.features import raw_columns

    settings = load(configuration).configuration
    if settings.task != "binary":
        raise RunFailedError(f"{configuration} is not a binary task")
    expression = parse_label(settings.label)
    examples = str(_only(artifacts, "ExampleGen/examples"))
    tables, labels = {}, {}
    for split in ("train", "eval"):
        wanted = sorted({*raw_columns(settings.features), *expression.columns})
        table = baselines.table_of_examples(read_examples(examples, split), wanted)
        values, missing = expression.evaluate_numpy(
            {name: table[name].to_numpy() for name in expression.columns}
        )
        tables[split] = table[~missing].reset_index(drop=True)
        labels[split] = values[~missing].astype(int)
    train, evaluation = tables["train"], tables["eval"]
    model = _only(artifacts, "Trainer/model") / "Format-Serving"
    fitted: dict[str, np.ndarray] = {
        "majority class": baselines.majority_class(labels["train"], len(evaluation)),
        "logistic regression": baselines.logistic_regression(
            settings.features, train, labels["train"], evaluation
        ),
        "gradient boosting": baselines.gradient_boosting(
            settings.features, train, labels["train"], evaluation
        ),
        "millrace": _served(model, evaluation),
    }
    return {
        name: baselines.score(labels["eval"], probabilities)
        for name, probabilities in fitted.items()
    }


def _served(model: Path, table: pd.DataFrame) -> np.ndarray:
    """The exported model's probability of yes for each row, from its raw signature."""
    import tensorflow as tf

    from preprocessing.columns import MISSING_INTEGER

    missing = {tf.string: "", tf.int64: MISSING_INTEGER, tf.float32: float("nan")}
    loaded = tf.saved_model.load(str(model))
    signature = loaded.signatures["serving_raw"]
    raw = {}
    for name, spec in signature.structured_input_signature[1].items():
        column = table[name].astype(object)
        filled = column.where(column.notna(), missing[spec.dtype])
        values = [int(v) if spec.dtype == tf.int64 else v for v in filled]
        raw[name] = tf.constant(values, spec.dtype)
    return signature(**raw)["score"].numpy()


def _only(artifacts: Path, kind: str) -> Path:
    found = sorted(artifacts.glob(f"{kind}/*"))
    if len(found) != 1:
        raise RunFailedError(f"one {kind} was expected, not {[str(path) for path in found]}")
    return found[0]


def print_table(scores: Mapping[str, Score]) -> None:
    """Prints the scores as a Markdown table."""
    print("| model | AUC | accuracy | log loss |")
    print("|---|---|---|---|")
    for name, score in scores.items():
        print(f"| {name} | {score.auc:.4f} | {score.accuracy:.4f} | {score.log_loss:.4f} |")


@click.command()
@click.option(
    "--config", "configuration", type=click.Path(path_type=Path), default="configs/taxi.yaml"
)
@click.option("--data", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--set", "assignments", multiple=True, metavar="KEY=VALUE")
def main(configuration: Path, data: Path, assignments: tuple[str, ...]) -> None:
    """Compare the model with its baselines on the same split of DATA."""
    os.environ.update(ENVIRONMENT)
    # Google's client libraries, which TFX imports, warn of Python 3.10 a dozen times.
    warnings.simplefilter("ignore", FutureWarning)
    with tempfile.TemporaryDirectory(prefix="quality") as folder:
        root = Path(folder) / "millrace"
        try:
            run(Job(configuration, data.resolve(), assignments), root)
            print_table(compare(root / "artifacts", configuration))
        except RunFailedError as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main()
