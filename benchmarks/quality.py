"""How good is the model? `python -m benchmarks.quality --data FOLDER`

For each of the public tables below FOLDER: `millrace init` writes a configuration,
`millrace run` runs it as it was written, and the trained model is scored on the eval
split beside scikit-learn's models that learned from the same train split. With
`--config` one configuration is run instead.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchmarks.quality_tables import MILLRACE, TABLES, Table, markdown
from benchmarks.sides import ENVIRONMENT, RunFailedError
from core.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from models.baselines import Score

_HERE = Path(__file__).resolve().parent.parent
_BATCH = 8_192


def millrace(arguments: Sequence[str], folder: Path) -> None:
    """Runs a command in a folder.

    Raises:
      RunFailedError: If it fails; a model that was not blessed is no failure here.
    """
    paths = [str(_HERE), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments],
        cwd=folder,
        env={**os.environ, **ENVIRONMENT, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, ModelError.exit_code):
        raise RunFailedError(f"{done.stdout[-2_000:]}\n{done.stderr[-2_000:]}")


@dataclasses.dataclass(frozen=True)
class Scored:
    """One split as the exported model saw it.

    Attributes:
      table: The raw columns.
      labels: Class positions or numbers, [rows], none missing.
      predictions: As `models.heads.Head.predictions` gives them.
    """

    table: pd.DataFrame
    labels: np.ndarray
    predictions: np.ndarray


def compare(artifacts: Path, configuration: Path) -> tuple[Any, dict[str, Score]]:
    """Scores the trained model and the baselines on a finished run's eval split.

    Args:
      artifacts: The run's artifact folder.
      configuration: The configuration that it was run with.

    Returns:
      The task, and scores by model, the plainest first.

    Raises:
      RunFailedError: If results are missing.
    """
    from models import baselines
    from pipeline.configuration.loading import load
    from preprocessing.features import raw_columns

    settings = load(configuration).configuration
    examples = _only(artifacts, "ExampleGen/examples")
    model = _only(artifacts, "Trainer/model") / "Format-Serving"
    wanted = raw_columns(settings.features)
    train, evaluation = (
        _served(model, settings.task, examples / f"Split-{split}", wanted)
        for split in ("train", "eval")
    )
    record = json.loads((_only(artifacts, "Trainer/model_run") / "training.json").read_text())
    scores = baselines.measure(
        settings.task,
        settings.features,
        train.table,
        train.labels,
        evaluation.table,
        evaluation.labels,
        classes=len(record["classes"]),
    )
    ours = baselines.score(settings.task, evaluation.labels, evaluation.predictions)
    return settings.task, {**scores, MILLRACE: ours}


def _served(model: Path, task: str, split: Path, columns: Sequence[str]) -> Scored:
    """Sends a split's examples through the exported model's own signatures."""
    import numpy as np
    import pandas as pd
    import tensorflow as tf
    from tfx_bsl.coders.example_coder import ExamplesToRecordBatchDecoder

    from models.baseline_columns import table_of_examples
    from models.outputs import SERVING_DEFAULT, TRANSFORM_FEATURES
    from preprocessing.features import LABEL_KEY

    loaded = tf.saved_model.load(str(model))
    serve = loaded.signatures[SERVING_DEFAULT]
    transform = loaded.signatures[TRANSFORM_FEATURES]
    output = "prediction" if task == "regression" else "probabilities"
    decoder = ExamplesToRecordBatchDecoder()
    tables, labels, predictions = [], [], []
    for batch in _batches(split):
        examples = tf.constant(batch)
        label = transform(examples=examples)[LABEL_KEY].numpy()
        known = np.isfinite(label) if task == "regression" else label >= 0
        table = table_of_examples([decoder.DecodeBatch(batch)], columns)
        tables.append(table[known])
        labels.append(label[known])
        predictions.append(serve(examples=examples)[output].numpy()[known])
    return Scored(
        pd.concat(tables, ignore_index=True), np.concatenate(labels), np.concatenate(predictions)
    )


def _batches(split: Path) -> Iterator[list[bytes]]:
    import tensorflow as tf

    files = sorted(str(path) for path in split.glob("*") if path.suffix == ".gz")
    records = tf.data.TFRecordDataset(files, compression_type="GZIP")
    for batch in records.batch(_BATCH).as_numpy_iterator():
        yield list(batch)


def _only(artifacts: Path, kind: str) -> Path:
    found = sorted(artifacts.glob(f"{kind}/*"))
    if len(found) != 1:
        raise RunFailedError(f"one {kind} was expected, not {[str(path) for path in found]}")
    return found[0]


def proposed(table: Table, data: Path, folder: Path) -> Path:
    """Has `millrace init` write a configuration into an empty folder, and finds it."""
    source = str(data / table.folder)
    arguments = ["init", "--data", source, "--label", table.label, *table.arguments]
    millrace(arguments, folder)
    found = sorted(folder.glob("configs/*.yaml")) or sorted(folder.glob("*.yaml"))
    if len(found) != 1:
        raise RunFailedError(f"one configuration was expected, not {[str(p) for p in found]}")
    return found[0]


def _report(title: str, configuration: Path, options: Sequence[str], folder: Path) -> None:
    root = folder / "quality"
    millrace(["run", str(configuration), "--root", str(root), *options], folder)
    # The configuration's own paths start from its folder.
    here = Path.cwd()
    os.chdir(folder)
    try:
        task, scores = compare(root / "artifacts", configuration)
    finally:
        os.chdir(here)
    click.echo(markdown(task, title, scores))


def _default_data() -> str:
    named = os.environ.get("MILLRACE_DATA")
    beside = _HERE.parent / "shared" / "data"
    return named or (str(beside) if beside.is_dir() else "data")


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True),
    default=_default_data,
    help="The folder of the tables' folders; by default $MILLRACE_DATA or ../shared/data.",
)
@click.option("--config", type=click.Path(path_type=Path, exists=True), help="Run this instead.")
@click.option(
    "--only",
    type=click.Choice([table.folder for table in TABLES]),
    multiple=True,
    help="Only this table; repeatable.",
)
@click.option("--set", "assignments", multiple=True, metavar="KEY=VALUE")
def main(
    data: Path, config: Path | None, only: tuple[str, ...], assignments: tuple[str, ...]
) -> None:
    """Compare the model with scikit-learn's on the same split of each table in DATA."""
    os.environ.update(ENVIRONMENT)
    # Google's client libraries, which TFX imports, warn of Python 3.10 a dozen times.
    warnings.simplefilter("ignore", FutureWarning)
    options = [word for text in assignments for word in ("--set", text)]
    data = data.resolve()
    try:
        if config is not None:
            with tempfile.TemporaryDirectory(prefix="quality") as name:
                options += ["--data", str(data)]
                _report(config.stem, config.resolve(), options, Path(name))
            return
        for table in TABLES:
            if only and table.folder not in only:
                continue
            with tempfile.TemporaryDirectory(prefix="quality") as name:
                folder = Path(name)
                _report(table.folder, proposed(table, data, folder), options, folder)
    except RunFailedError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
