"""Good tables with few different rows, each of them many times, and labels that vary."""

from __future__ import annotations

import math
import random
from pathlib import Path

from tests.awkward.record import AwkwardTable, write_csv

QUESTIONS = ("smokes", "drives", "cooks", "reads", "sings", "swims")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ZONES = ("north", "south", "east", "west", "centre")


def _yes(draw: random.Random, odds: float) -> int:
    return int(draw.random() < 1 / (1 + math.exp(-odds)))


def survey(folder: Path, seed: int = 0) -> AwkwardTable:
    """Six questions answered with yes or no: sixty-four different rows."""
    draw = random.Random(f"survey {seed}")
    pull = [draw.choice((-1.3, -0.6, 0.6, 1.3)) for _ in QUESTIONS]
    rows = []
    for _ in range(2_000):
        answers = [draw.random() < 0.5 for _ in QUESTIONS]
        odds = sum(p * (a - 0.5) for p, a in zip(pull, answers, strict=True))
        rows.append([*("yes" if a else "no" for a in answers), _yes(draw, 1.5 * odds)])
    path = write_csv(folder / "rows.csv", [*QUESTIONS, "moved"], rows)
    return AwkwardTable("survey", path, "moved", "binary", settings={"split.method": "row"})


def calendar_grid(folder: Path, seed: int = 0) -> AwkwardTable:
    """Hour, weekday and zone: as many different rows as cells of a grid, a few rows each."""
    draw = random.Random(f"grid {seed}")
    of_zone = {zone: draw.gauss(0, 1) for zone in ZONES}
    rows = []
    for _ in range(6_000):
        hour, day, zone = draw.randrange(24), draw.randrange(7), draw.choice(ZONES)
        rush = (7 <= hour < 10 or 16 <= hour < 19) and day < 5
        odds = of_zone[zone] + (2.0 if rush else -0.5) - 0.5 * (day >= 5)
        rows.append([hour, WEEKDAYS[day], zone, "late" if _yes(draw, odds) else "on time"])
    path = write_csv(folder / "rows.csv", ["hour", "weekday", "zone", "arrival"], rows)
    return AwkwardTable(
        "calendar_grid", path, "arrival", "binary", settings={"split.method": "row"}
    )


def number_grid(folder: Path, seed: int = 0) -> AwkwardTable:
    """Two small whole numbers, and a number of the row beside them."""
    draw = random.Random(f"numbers {seed}")
    turn = draw.uniform(0, math.pi)
    rows = []
    for number in range(3_000):
        x, y = draw.randrange(8), draw.randrange(8)
        odds = 0.8 * ((x - 3.5) * math.cos(turn) + (y - 3.5) * math.sin(turn))
        rows.append([f"R{number:05d}", x, y, _yes(draw, odds)])
    draw.shuffle(rows)
    path = write_csv(folder / "rows.csv", ["measurement", "x", "y", "works"], rows)
    return AwkwardTable(
        "number_grid", path, "works", "binary", settings={"split.key": "measurement"}
    )


FEW_ROWS = (survey, calendar_grid, number_grid)
