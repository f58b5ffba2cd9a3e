"""Compiles the stock twin with TFX's own KubeflowV2DagRunner.

python -m benchmarks.stock.compile CONFIG FOLDER
"""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command()
@click.argument("configuration", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
def main(configuration: Path, folder: Path) -> None:
    """Write the stock twin of CONFIGURATION as FOLDER/job.json."""
    # TensorFlow reads these when it is imported, which is below.
    os.environ["TF_USE_LEGACY_KERAS"] = "0"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from tfx.orchestration.kubeflow.v2 import kubeflow_v2_dag_runner

    from benchmarks.stock.definition import build_stock_pipeline
    from pipeline.configuration.loading import load
    from pipeline.start import project_folder

    pipeline = build_stock_pipeline(
        load(configuration).configuration, folder, folder, project_folder(configuration).absolute()
    )
    kubeflow_v2_dag_runner.KubeflowV2DagRunner(
        config=kubeflow_v2_dag_runner.KubeflowV2DagRunnerConfig(default_image="millrace:dev"),
        output_dir=str(folder),
        output_filename="job.json",
    ).run(pipeline)


if __name__ == "__main__":
    main()
