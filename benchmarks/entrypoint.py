"""How long a node's process takes until it can launch the node, against stock TFX.

python -m benchmarks.entrypoint
"""

from __future__ import annotations

import dataclasses
import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import click

from benchmarks.compare import machine
from benchmarks.measurement import Measurement, measure
from benchmarks.trips import REPOSITORY
from core import files

STOCK = "stock"
FIRST = "first task of a run"
MIB = 2**20


@dataclasses.dataclass(frozen=True)
class Start:
    """One start of a process.

    Attributes:
      measurement: What it took.
      libraries: The large libraries that it imported.
    """

    measurement: Measurement
    libraries: tuple[str, ...]


def start(words: Sequence[str], log: Path) -> Start:
    """Starts a process and waits until it is ready.

    Raises:
      RuntimeError: If it fails.
    """
    found = measure([sys.executable, "-m", "benchmarks.entrypoint_start", *words], log)
    lines = log.read_text().splitlines()
    if found.exit_code:
        raise RuntimeError("\n".join(lines[-10:]))
    said = next(line for line in reversed(lines) if line.startswith("["))
    return Start(found, tuple(json.loads(said)))


def task_words(configuration: Path, node: str, root: Path) -> list[str]:
    """The words of a task, as `millrace kubeflow compile` makes them."""
    from pipeline.configuration.loading import load

    loaded = load(configuration, assignments=["data.sample_rows=1000"]).configuration
    values = loaded.model_dump(mode="json", exclude={"kubeflow"})
    return [
        *("--node", node, "--run-id", "run", "--root", str(root)),
        *("--compiled-by", metadata.version("millrace")),
        *("--configuration", json.dumps(values)),
    ]


def nodes_of(configuration: Path) -> tuple[str, ...]:
    """The ids of the pipeline's nodes."""
    from pipeline.configuration.loading import load
    from pipeline.definition import node_ids

    return node_ids(load(configuration).configuration)


def markdown(starts: dict[str, list[Start]]) -> str:
    """The table: medians, a line each."""
    stock = _median(starts[STOCK], "cpu_seconds")
    lines = [
        "| process | CPU s | stock / this | wall s | MiB | imports |",
        "|---|---:|---:|---:|---:|---|",
    ]
    for name, found in starts.items():
        cpu = _median(found, "cpu_seconds")
        wall, peak = _median(found, "wall_seconds"), _median(found, "peak_bytes") / MIB
        libraries = ", ".join(found[0].libraries) or "none of the large ones"
        ratio = "" if name == STOCK else f"{stock / cpu:.1f}"
        lines.append(f"| {name} | {cpu:.2f} | {ratio} | {wall:.2f} | {peak:.0f} | {libraries} |")
    return "\n".join(lines) + "\n"


def _median(starts: Sequence[Start], name: str) -> float:
    return statistics.median(getattr(found.measurement, name) for found in starts)


@click.command()
@click.option("--repeat", default=3, show_default=True, help="Starts of each; medians count.")
@click.option(
    "--config",
    default=REPOSITORY / "configs" / "taxi.yaml",
    type=click.Path(path_type=Path, exists=True),
    help="The pipeline.",
)
@click.option("--output", type=click.Path(path_type=Path), help="Write the Markdown here too.")
def main(repeat: int, config: Path, output: Path | None) -> None:
    """Compare the start of each node's process with that of stock TFX."""
    scratch = Path(tempfile.mkdtemp(prefix="millrace-bench-"))
    try:
        nodes = nodes_of(config)
        words = {node: ["ours", *task_words(config, node, scratch / "root")] for node in nodes}
        starts: dict[str, list[Start]] = {STOCK: [], FIRST: []}
        # The first one finds no compiled pipeline and builds it.
        starts[FIRST].append(start(words[nodes[0]], scratch / "log"))
        for _ in range(repeat):
            starts[STOCK].append(start([STOCK], scratch / "log"))
            for node in nodes:
                starts.setdefault(node, []).append(start(words[node], scratch / "log"))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    text = f"{machine()}\n\n{markdown(starts)}"
    if output:
        files.write_text(output, text)
    click.echo(text)


if __name__ == "__main__":
    main()
