"""Runs the stock twin once with TFX's LocalDagRunner and notes each node's seconds.

python -m benchmarks.stock.run CONFIG --data FOLDER --root FOLDER
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import click

SECONDS_FILE = "seconds.json"


@click.command()
@click.argument("configuration", type=click.Path(path_type=Path))
@click.option("--data", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--root", type=click.Path(path_type=Path), required=True)
@click.option("--set", "assignments", multiple=True, metavar="KEY=VALUE")
def main(configuration: Path, data: Path, root: Path, assignments: tuple[str, ...]) -> None:
    """Run the stock twin of CONFIGURATION."""
    # TensorFlow reads these when it is imported, which is below.
    os.environ["TF_USE_LEGACY_KERAS"] = "0"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from pipeline.configuration.loading import load
    from pipeline.start import project_folder

    settings = load(configuration, assignments=assignments).configuration

    started = time.monotonic()
    from tfx import v1 as tfx

    from benchmarks.stock.definition import build_stock_pipeline

    seconds = {"imports": time.monotonic() - started}
    pipeline = build_stock_pipeline(
        settings, data.absolute(), root.absolute(), project_folder(configuration).absolute()
    )
    _note_seconds_of_nodes(seconds)
    try:
        tfx.orchestration.LocalDagRunner().run(pipeline)
    finally:
        (root / SECONDS_FILE).write_text(json.dumps(seconds))


def _note_seconds_of_nodes(seconds: dict[str, float]) -> None:
    """Has TFX's launcher note how long each node's driver, executor and publisher took."""
    from tfx.orchestration.portable import launcher

    launch = launcher.Launcher.launch

    def timed(self: Any) -> Any:
        started = time.monotonic()
        try:
            return launch(self)
        finally:
            seconds[self._pipeline_node.node_info.id] = time.monotonic() - started

    launcher.Launcher.launch = timed


if __name__ == "__main__":
    main()
