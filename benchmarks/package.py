"""How long compiling a Kubeflow package takes, and how large it is, against TFX's own compiler.

python -m benchmarks.package
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import click

from benchmarks.compare import machine
from benchmarks.measurement import measure
from benchmarks.trips import REPOSITORY

STOCK = "TFX's KubeflowV2DagRunner"
COLD = "millrace kubeflow compile"
KNOWN = "again, the pipeline is known"


def compile_once(side: str, config: Path, folder: Path) -> tuple[float, int]:
    """Compiles in a process of its own.

    Args:
      side: Who compiles; `KNOWN` follows on `COLD` in the same folder.
      config: The configuration.
      folder: What takes the package and what is kept.

    Returns:
      CPU seconds of the process, and the package's bytes.

    Raises:
      RuntimeError: If it fails.
    """
    if side == STOCK:
        package = folder / "job.json"
        words = ["benchmarks.stock.compile", str(config), str(folder)]
    else:
        package = folder / "package.yaml"
        words = ["cli.main", "kubeflow", "compile", str(config)]
        words += ["--root", str(folder), "--output", str(package)]
    found = measure([sys.executable, "-m", *words], folder / "log")
    if found.exit_code:
        raise RuntimeError((folder / "log").read_text())
    return found.cpu_seconds, package.stat().st_size


@click.command()
@click.option("--repeat", default=3, show_default=True, help="Times each; medians count.")
@click.option(
    "--config",
    default=REPOSITORY / "configs" / "taxi.yaml",
    type=click.Path(path_type=Path, exists=True),
    help="The pipeline.",
)
def main(repeat: int, config: Path) -> None:
    """Compare compiling with TFX's own compiler, in turns."""
    found: dict[str, list[tuple[float, int]]] = {STOCK: [], COLD: [], KNOWN: []}
    for _ in range(repeat):
        scratch = Path(tempfile.mkdtemp(prefix="millrace-bench-"))
        try:
            for side, results in found.items():
                results.append(compile_once(side, config.absolute(), scratch))
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    stock = statistics.median(seconds for seconds, _ in found[STOCK])
    click.echo(f"{machine()}\n\n| compiling | CPU s | stock / this | bytes |\n|---|---:|---:|---:|")
    for side, results in found.items():
        cpu = statistics.median(seconds for seconds, _ in results)
        ratio = "" if side == STOCK else f"{stock / cpu:.1f}"
        click.echo(f"| {side} | {cpu:.1f} | {ratio} | {results[0][1]:,} |")


if __name__ == "__main__":
    main()
