"""A table of one's own, from file to pushed model and package, with `init` and `run` alone."""

from __future__ import annotations

import datetime
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from kubeflow.package.checker import problems
from kubeflow.package.package import read_package
from metadata.run_folder import RunFolder
from tests.e2e.command import REPOSITORY, Finished, millrace

NAME = "flat-rents"


def write_rents(folder: Path, *, rows: int, seed: int, first_day: str) -> Path:
    """Flats: a text, dates, yes and no, gaps, an identifier; what decides is size and town."""
    chance = random.Random(seed)
    day = datetime.date.fromisoformat(first_day)
    lines = ["Offer ID,Size m²,town,garden,listed on,remarks,let within a month"]
    for row in range(rows):
        size = round(chance.gauss(70, 20), 1)
        town = chance.choice(["Bern", "Genève", "Zürich", "Chur"])
        garden = chance.choice(["yes", "no"])
        words = chance.choices(["sunny", "quiet", "central", "old", "renovated", "small"], k=5)
        listed = day + datetime.timedelta(days=row % 90)
        score = size / 20 - 1.5 * (town == "Chur") + (garden == "yes") + ("sunny" in words)
        let = "yes" if score + chance.gauss(0, 0.5) < 4 else "no"
        size_text = "" if chance.random() < 0.05 else f"{size}"
        town_text = "NA" if chance.random() < 0.03 else town
        lines.append(
            f"of-{seed}-{row},{size_text},{town_text},{garden},{listed:%d.%m.%Y},"
            f"{' '.join(words)},{let}"
        )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{first_day}.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder with data and what `init` wrote, and one finished run."""
    folder = tmp_path_factory.mktemp("project")
    write_rents(folder / NAME, rows=1500, seed=1, first_day="2024-01-01")
    done = millrace(folder, "init", "--data", NAME, "--label", "let within a month", "--json")
    assert done.code == 0, done.output + done.errors
    return folder


@pytest.fixture(scope="module")
def first(project: Path) -> Finished:
    return millrace(project, "run", f"configs/{NAME}.yaml", "--json")


def test_what_init_wrote_runs_to_a_pushed_model(project: Path, first: Finished) -> None:
    assert first.code == 0, first.output + first.errors
    [model] = (project / ".millrace" / "serving" / NAME).iterdir()
    assert (model / "saved_model.pb").is_file()


def test_the_model_is_about_as_good_as_plain_ones(project: Path, first: Finished) -> None:
    shown = json.loads(millrace(project, "show", first.run_id, "--json").output)

    reached = {bound["metric"]: bound["value"] for bound in shown["evaluation"]["bounds"]}
    assert reached["auc"] > 0.85, reached


def test_further_data_of_the_same_kind_are_taken(project: Path, first: Finished) -> None:
    further = write_rents(project / "further", rows=800, seed=2, first_day="2024-04-01")

    done = millrace(
        project, "run", f"configs/{NAME}.yaml", f"--data={further}", "--to=DataGate", "--json"
    )

    assert done.code == 0, done.output + done.errors
    log = RunFolder(project / ".millrace").run(done.run_id).logs / "DataGate.log"
    assert log.is_file()


def test_it_compiles_and_its_own_test_passes(project: Path, first: Finished) -> None:
    compiled = millrace(project, "kubeflow", "compile", f"configs/{NAME}.yaml")
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "tests/datasets"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert compiled.code == 0, compiled.output + compiled.errors
    assert problems(read_package(project / f"{NAME}.yaml")) == []
    assert tested.returncode == 0, tested.stdout
    assert "3 passed" in tested.stdout
