"""Good tables with awkward columns."""

from __future__ import annotations

import datetime
import math
import random
from pathlib import Path

from tests.awkward.formats import HEADER, USUAL, usual
from tests.awkward.people import people
from tests.awkward.record import AwkwardTable, write_csv

MARKERS = ("NA", "?", "null", "-")
# By the name of the column: how its moments are written.
DATES = {
    "iso_day": "%Y-%m-%d",
    "iso_moment": "%Y-%m-%d %H:%M:%S",
    "german": "%d.%m.%Y",
    "american": "%m/%d/%Y %I:%M %p",
    "compact": "%Y%m%d",
    "named_month": "%d %b %Y",
    "zoned": "%Y-%m-%dT%H:%M:%S%z",
    "british": "%d/%m/%Y",
}
_GOOD = ("lovely", "friendly", "quick", "would buy again", "five stars", "works well")
_BAD = ("broken", "late", "rude", "never again", "refund", "stopped working")
_PLAIN = ("the box", "it came", "on Monday", "for my sister", "the colour", "as described", "blue")


def odd_names(folder: Path) -> AwkwardTable:
    """Names with spaces, dots, accents and leading digits, and names that mean something in SQL."""
    header = ["Age (years)", "income.net", "Größe/Stadt", "select", "2nd member?", "from", "order"]
    path = write_csv(folder / "rows.csv", header, map(usual, people()))
    columns = {
        "Age (years)": "numeric feature",
        "income.net": "numeric feature",
        "Größe/Stadt": "categorical feature",
        "select": "categorical feature",
        "2nd member?": "feature",
        "from": "numeric feature",
        "order": "label",
    }
    return AwkwardTable("odd_names", path, "order", "binary", columns=columns)


def truths(folder: Path) -> AwkwardTable:
    """True and false in six ways."""
    ways = {
        "python": ("True", "False"),
        "words": ("yes", "no"),
        "letters": ("Y", "N"),
        "short": ("t", "f"),
        "numbers": ("1", "0"),
        "shouted": ("TRUE", "FALSE"),
    }
    draw = random.Random(2)
    rows = []
    for one in people():
        values = [one.member, *(draw.random() < 0.5 for _ in range(len(ways) - 1))]
        texts = [
            way[0] if value else way[1] for way, value in zip(ways.values(), values, strict=True)
        ]
        rows.append([one.age, one.plan, *texts, str(one.churned)])
    path = write_csv(folder / "rows.csv", ["age", "plan", *ways, "churned"], rows)
    expected = dict.fromkeys(ways, "boolean feature")
    return AwkwardTable(
        "truths", path, "churned", "binary", columns={**expected, "churned": "label"}
    )


def dates(folder: Path) -> AwkwardTable:
    """Moments written in eight ways and as seconds; weekday and hour decide."""
    draw = random.Random(3)
    first = datetime.datetime(2023, 1, 2, tzinfo=datetime.timezone.utc)
    rows = []
    for _ in range(2_000):
        moments = [first + datetime.timedelta(minutes=draw.randrange(700 * 1440)) for _ in range(9)]
        weekend, night = moments[0].weekday() >= 5, not 7 <= moments[1].hour < 19
        busy = draw.random() < (0.1 if weekend or night else 0.9)
        texts = [
            moment.strftime(form) for form, moment in zip(DATES.values(), moments[:8], strict=True)
        ]
        rows.append([*texts, int(moments[8].timestamp()), "busy" if busy else "quiet"])
    path = write_csv(folder / "rows.csv", [*DATES, "seconds", "state"], rows)
    expected = dict.fromkeys([*DATES, "seconds"], "timestamp feature")
    return AwkwardTable("dates", path, "state", "binary", columns={**expected, "state": "label"})


def mixed_numbers(folder: Path) -> AwkwardTable:
    """A column of 3, 3.5, 1e3 and +4: whole numbers first, fractions late."""
    rows = []
    for one in people():
        ways = (f"{one.age}.0", f"+{one.age}", f"{one.age * 10}e-1")
        text = str(one.age) if one.number < 1_500 else ways[one.number % 3]
        rows.append([text, *usual(one)[1:]])
    path = write_csv(folder / "rows.csv", HEADER, rows)
    return AwkwardTable("mixed_numbers", path, "churned", "binary", columns=USUAL)


def many_categories(folder: Path) -> AwkwardTable:
    """Ten thousand values of one column, few of them frequent and these ones telling."""
    draw = random.Random(4)
    names = [f"shop-{index:05d}" for index in range(10_000)]
    weights = [1 / (1 + index) ** 0.8 for index in range(len(names))]
    rows = []
    shops = draw.choices(names, weights, k=20_000)
    for one, shop in zip(people(len(shops)), shops, strict=True):
        likely = 0.85 if int(shop[-1]) % 2 else 0.15
        rows.append([one.age, shop, one.plan, int(draw.random() < likely)])
    path = write_csv(folder / "rows.csv", ["age", "shop", "plan", "returned"], rows)
    columns = {"shop": "categorical feature", "returned": "label"}
    return AwkwardTable("many_categories", path, "returned", "binary", columns=columns)


def wide(folder: Path) -> AwkwardTable:
    """Five hundred columns, a few of which tell something."""
    draw = random.Random(5)
    noise = [f"sensor_{index:03d}" for index in range(500 - len(HEADER))]
    rows = [[*(f"{draw.gauss(0, 1):.4f}" for _ in noise), *usual(one)] for one in people(1_500)]
    path = write_csv(folder / "rows.csv", [*noise, *HEADER], rows)
    # What tells a little is lost among so many; what tells much is found.
    telling = {name: USUAL[name] for name in ("age", "income", "plan", "churned")}
    columns = {**telling, "sensor_000": "numeric dropped", "sensor_492": "numeric dropped"}
    return AwkwardTable("wide", path, "churned", "binary", columns=columns)


def small(folder: Path) -> AwkwardTable:
    """Three hundred rows."""
    path = write_csv(folder / "rows.csv", HEADER, map(usual, people(300)))
    return AwkwardTable("small", path, "churned", "binary", columns=USUAL)


def imbalanced(folder: Path) -> AwkwardTable:
    """One row of a hundred is true."""
    draw = random.Random(6)
    rows = []
    for one in people(8_000, seed=6):
        fraud = draw.random() < 0.01
        amount = draw.lognormvariate(6 if fraud else 3, 1)
        rows.append([f"{amount:.2f}", one.city, 3 * fraud + draw.randint(0, 4), int(fraud)])
    path = write_csv(folder / "rows.csv", ["amount", "city", "tries", "fraud"], rows)
    columns = {"amount": "numeric feature", "city": "categorical feature", "fraud": "label"}
    return AwkwardTable("imbalanced", path, "fraud", "binary", columns=columns)


def null_markers(folder: Path) -> AwkwardTable:
    """Missing values called NA, ?, null and -, a word a column."""
    rows = []
    for one in people():
        row = usual(one)
        for index, marker in enumerate(MARKERS):
            if (one.number * 7 + index * 3) % 10 == 0:
                row[index] = marker
        rows.append(row)
    path = write_csv(folder / "rows.csv", HEADER, rows)
    return AwkwardTable("null_markers", path, "churned", "binary", columns=USUAL)


def free_text(folder: Path) -> AwkwardTable:
    """Reviews: their words tell how many stars there were, nothing else does."""
    draw = random.Random(7)
    rows = []
    for one in people(3_000):
        happy = draw.random() < 0.5
        words = draw.sample(_PLAIN, 4) + draw.sample(_GOOD if happy else _BAD, 2)
        words.append(draw.choice(_BAD if happy else _GOOD) if draw.random() < 0.2 else "indeed")
        draw.shuffle(words)
        review = f"{', '.join(words).capitalize()}!"
        rows.append([one.age, review, "positive" if happy else "negative"])
    path = write_csv(folder / "rows.csv", ["age", "review", "sentiment"], rows)
    columns = {"review": "text feature", "sentiment": "label"}
    return AwkwardTable("free_text", path, "sentiment", "binary", columns=columns)


def identifiers_and_leaks(folder: Path) -> AwkwardTable:
    """Columns that know nothing, and columns that know the answer."""
    draw = random.Random(8)
    header = ["row_id", "token", "country", "remark", *HEADER[:-1], "left_on", "status", "churned"]
    rows = []
    for one in people():
        left = (one.since + datetime.timedelta(days=90)).date() if one.churned else None
        status = "closed" if one.churned else "open"
        token = f"{draw.getrandbits(64):016x}"
        rows.append(
            [one.number, token, "DE", None, *usual(one)[:-1], left, status, int(one.churned)]
        )
    path = write_csv(folder / "rows.csv", header, rows)
    columns = {
        **USUAL,
        "row_id": "identifier dropped",
        "token": "dropped",
        "country": "constant dropped",
        "remark": "empty dropped",
        "left_on": "dropped",
        "status": "dropped",
    }
    return AwkwardTable("identifiers_and_leaks", path, "churned", "binary", columns=columns)


def coordinates(folder: Path) -> AwkwardTable:
    """Places: whether a tree is protected follows from where it stands."""
    draw = random.Random(9)
    rows = []
    for one in people():
        north, east = 52.5 + draw.gauss(0, 0.1), 13.4 + draw.gauss(0, 0.15)
        near = math.hypot((north - 52.5) * 111, (east - 13.4) * 68) < 9
        rows.append([f"{north:.6f}", f"{east:.6f}", one.age, int(draw.random() < 0.1 + 0.8 * near)])
    header = ["latitude", "longitude", "tree_age", "protected"]
    path = write_csv(folder / "rows.csv", header, rows)
    columns = {
        "latitude": "latitude feature",
        "longitude": "longitude feature",
        "tree_age": "numeric feature",
    }
    return AwkwardTable("coordinates", path, "protected", "binary", columns=columns)


def line_ends(folder: Path) -> AwkwardTable:
    """Addresses of two lines that differ in nothing but how the lines end; they decide."""
    draw = random.Random(11)
    ends = (" ", "\n", "\r\n", "\n\n", "\\n")
    rows = []
    for one in people():
        place = draw.randrange(len(ends))
        likely = draw.random() < (0.9 if place % 2 else 0.1)
        rows.append([f"12 Main Street{ends[place]}Springfield", one.age, one.plan, int(likely)])
    path = write_csv(folder / "rows.csv", ["address", "age", "plan", "moves"], rows)
    columns = {"address": "categorical feature", "plan": "categorical feature"}
    return AwkwardTable("line_ends", path, "moves", "binary", columns=columns)


def whole_floats(folder: Path) -> AwkwardTable:
    """Months and labels that pandas wrote: 7.0, since some are missing."""
    import pandas as pd

    draw = random.Random(12)
    rows = []
    for one in people():
        month = draw.randint(1, 12)
        warm = draw.random() < (0.9 if 4 <= month <= 9 else 0.1)
        rows.append((None if one.number % 30 == 0 else month, one.plan, int(warm)))
    table = pd.DataFrame(rows, columns=["month", "plan", "warm"])
    table.loc[::50, "warm"] = None
    path = folder / "rows.csv"
    table.to_csv(path, index=False)
    columns = {"month": "categorical feature", "warm": "label"}
    return AwkwardTable("whole_floats", path, "warm", "binary", columns=columns)


COLUMNS = (
    odd_names,
    truths,
    dates,
    mixed_numbers,
    many_categories,
    wide,
    small,
    imbalanced,
    null_markers,
    free_text,
    identifiers_and_leaks,
    coordinates,
    line_ends,
    whole_floats,
)
