"""No process imports from the folder that it works in, whatever lies there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core import import_path
from kubeflow.graph.build import COMMAND
from tests.traps import LIBRARIES, OURS, STANDARD, Traps

PROGRAM = Path(sys.executable).with_name("millrace")
WITHOUT = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
MINUTES = 300


def run(folder: Path, words: list[str], **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words,
        cwd=folder,
        env={**WITHOUT, **more},
        input="",
        capture_output=True,
        text=True,
        timeout=MINUTES,
        check=False,
    )


@pytest.fixture
def traps(tmp_path: Path) -> Traps:
    return Traps(tmp_path)


def test_the_traps_are_sprung_by_pythons_own_start(traps: Traps) -> None:
    names = (OURS[0], STANDARD[0], LIBRARIES[0])
    run(traps.folder, [sys.executable, "-c", f"import {', '.join(names)}"])
    assert traps.sprung == sorted(names)


@pytest.mark.parametrize("name", [*OURS, *STANDARD, *LIBRARIES])
def test_a_child_imports_from_where_its_parent_does(traps: Traps, name: str) -> None:
    done = run(traps.folder, import_path.code_command(f"import {name}; print({name}.__file__)"))

    assert done.returncode == 0, done.stderr
    assert not done.stdout.startswith(str(traps.folder))
    assert traps.sprung == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([str(PROGRAM), "--help"], "Usage: millrace"),
        ([str(PROGRAM), "runs"], "No runs in"),
        ([*COMMAND, "--help"], "--node"),
        (import_path.module_command("kubeflow.emulator.watchdog"), ""),
        (import_path.module_command("components.transform.shard_worker", "out"), "ArrowInvalid"),
        (import_path.module_command("pipeline.local.node_server", "2", str(os.getpid())), ""),
    ],
    ids=["help", "command", "task", "watchdog", "shard worker", "node server"],
)
def test_no_process_of_ours_runs_what_lies_in_its_folder(
    traps: Traps, words: list[str], said: str
) -> None:
    if words[0] == "python":
        words = [sys.executable, *words[1:]]
    if not Path(words[0]).exists():
        pytest.skip("Millrace is not installed as a program")

    done = run(traps.folder, words)

    assert said in done.stdout + done.stderr
    assert traps.sprung == []


@pytest.mark.parametrize("names", [STANDARD[:1], LIBRARIES[:3], ("models", "schema")])
def test_nor_does_the_command_line_as_a_module(
    tmp_path: Path, repository: Path, names: tuple[str, ...]
) -> None:
    traps = Traps(tmp_path, names)
    words = [sys.executable, "-m", "cli.main", "runs"]

    done = run(tmp_path, words, PYTHONPATH=str(repository))

    assert "No runs in" in done.stdout, done.stderr
    assert traps.sprung == []


def test_what_is_found_nowhere_else_is_found_in_the_folder_that_is_named(traps: Traps) -> None:
    (traps.folder / "own_lookup.py").write_text("WORD = 'found'\n")
    code = "import own_lookup, random, models; print(own_lookup.WORD, own_lookup.__file__)"
    words = import_path.code_command(code)
    assert run(traps.folder, words).returncode == 1

    words[-1] += f"\n{traps.folder}"
    assert run(traps.folder, words).stdout.startswith("found")
    assert traps.sprung == []


def test_beams_worker_processes_import_as_their_parent_does(traps: Traps) -> None:
    (traps.folder / "own_doubling.py").write_text("def double(x): return 2 * x\n")
    code = (
        "import apache_beam as beam, own_doubling\n"
        "from core.beam_workers import import_as_here\n"
        "import_as_here()\n"
        "from apache_beam.options.pipeline_options import PipelineOptions\n"
        "options = PipelineOptions(['--direct_num_workers=2', "
        "'--direct_running_mode=multi_processing'])\n"
        "with beam.Pipeline(runner='DirectRunner', options=options) as p:\n"
        "    (p | beam.Create([1, 2]) | beam.Map(own_doubling.double)"
        " | beam.combiners.ToList() | beam.Map(sorted)"
        " | beam.io.WriteToText('out', shard_name_template=''))\n"
    )
    words = import_path.code_command(code)
    words[-1] += f"\n{traps.folder}"

    done = run(traps.folder, words)

    assert done.returncode == 0, done.stderr[-2000:]
    assert (traps.folder / "out").read_text() == "[2, 4]\n"
    assert traps.sprung == []
