"""What columns are taken for, by their names and values."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from typing import Any

import pytest

from onboarding.places import find_places
from tests.onboarding.observed import column, judged

RANDOM = random.Random(5)
ROWS = 3_000
LETTERS = "abcdefghijklmnop"
WORDS = ("good", "bad", "slow", "fast", "item", "was", "very")


def drawn(values: Sequence[Any]) -> list[Any]:
    """A column of these values."""
    return [RANDOM.choice(values) for _ in range(ROWS)]


COLUMNS = {
    "trip_start_hour": (drawn(range(24)), "categorical"),
    "pickup_community_area": (drawn(range(1, 78)), "categorical"),
    "zip": (drawn(range(10_000, 10_500, 5)), "categorical"),
    "PULocationID": (drawn(range(1, 260)), "categorical"),
    "lot_area": ([RANDOM.randrange(500, 90_000) for _ in range(ROWS)], "numeric"),
    "seconds": ([RANDOM.randrange(0, 5_000) for _ in range(ROWS)], "numeric"),
    "children": (drawn(range(6)), "numeric"),
    "month_count": (drawn(range(40)), "numeric"),
    "price": ([RANDOM.random() for _ in range(ROWS)], "numeric"),
    "has_garage": (drawn([0, 1]), "boolean"),
    "smoker": (drawn(["yes", "no"]), "boolean"),
    "active": (drawn(["True", "False", None]), "boolean"),
    "gift": (drawn(["Y", "N"]), "boolean"),
    "grade": (drawn(["T", "Y"]), "categorical"),
    "is_male": (drawn(["True", "False", "Unknown"]), "categorical"),
    "company": (drawn([f"Company {n}" for n in range(40)]), "categorical"),
    "flag": (drawn(["X", None]), "categorical"),
    "order_id": ([str(uuid.UUID(int=RANDOM.getrandbits(128))) for _ in range(ROWS)], "identifier"),
    "row": (list(range(ROWS)), "identifier"),
    "shuffled": (RANDOM.sample(range(ROWS), ROWS), "identifier"),
    "customer_id": (drawn(range(5_000)), "identifier"),
    "hashmonth": ([RANDOM.choice((12, 34, 56)) * 10**17 for _ in range(ROWS)], "identifier"),
    "phone": (RANDOM.sample(range(2 * 10**9, 9 * 10**9), ROWS), "identifier"),
    "ticket": ([f"A/{RANDOM.randrange(10**7)}" for _ in range(ROWS)], "identifier"),
    "street": ([f"Street{RANDOM.random()}x" for _ in range(ROWS)], "identifier"),
    "moniker": (["".join(RANDOM.sample(LETTERS, 9)) for _ in range(ROWS)], "near_unique"),
    "country": (["DE"] * ROWS, "constant"),
    "nearly": (["DE"] * (ROWS - 1) + ["FR"], "constant"),
    "nothing": ([None] * ROWS, "empty"),
    "tract": ([None] * (ROWS - 2) + [5, 6], "empty"),
    "comment": (
        [" ".join(RANDOM.choices(WORDS, k=9)) for _ in range(ROWS)],
        "text",
    ),
    "picture": ([f"{n}\ufffd\ufffd" for n in range(ROWS)], "bytes"),
    "digest": (drawn(["\ufffda", "\ufffd9", "ab"]), "bytes"),
    "once_broken": (drawn(["K\ufffdln", "Bonn", "Kiel"]), "categorical"),
    "created": ([1_400_000_000 + 977 * n for n in range(ROWS)], "timestamp"),
    "ms": ([1_400_000_000_000 + 97_700_123 * n for n in range(ROWS)], "timestamp"),
    "day": (drawn([20_240_100 + n for n in range(1, 29)]), "timestamp"),
}  # fmt: skip


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_is_taken_for_what_it_is(name: str) -> None:
    values, kind = COLUMNS[name]

    verdict = judged(name, values)

    assert verdict.kind == kind, verdict.why
    assert verdict.why


@pytest.mark.parametrize("kind", ["identifier", "near_unique", "constant", "empty", "bytes"])
def test_what_tells_nothing_has_no_role(kind: str) -> None:
    columns = {name: values for name, (values, of) in COLUMNS.items() if of == kind}
    found = [judged(name, values) for name, values in columns.items()]

    assert found
    assert all(verdict.role is None for verdict in found)


def test_an_amount_with_a_long_tail_goes_through_a_logarithm() -> None:
    fares = [round(RANDOM.lognormvariate(2, 1), 2) for _ in range(ROWS)]
    heights = [RANDOM.gauss(170, 10) for _ in range(ROWS)]

    assert judged("fare", fares).role == {"role": "numeric", "log1p": True, "buckets": 10}
    assert judged("height", heights).role == {"role": "numeric", "buckets": 10}


@pytest.mark.parametrize(
    ("distinct", "expected"),
    [
        (40, {}),
        (500, {"min_count": 5}),
        (4_200, {"top_k": 5_000, "min_count": 5}),
        (12_000, {"hash_buckets": 10_000}),
    ],
    ids=["few", "hundreds", "thousands", "ten-thousands"],
)
def test_a_categorical_role_fits_the_number_of_values(
    distinct: int, expected: dict[str, int]
) -> None:
    shops = [f"shop {n % distinct}" for n in range(30_000)]

    assert judged("shop", shops).role == {"role": "categorical", **expected}


def test_texts_with_a_unit_are_remarked_on() -> None:
    weights = [f"{RANDOM.randrange(1, 400) / 10} kg" for _ in range(ROWS)]

    assert "numbers with a unit" in judged("weight", weights).remark


def test_coordinates_are_paired_by_what_else_their_names_say() -> None:
    north, east = [50.0 + n / 10 for n in range(20)], [8.0 + n / 10 for n in range(20)]
    columns = [
        column(name, values)
        for name, values in {
            "pickup_latitude": north, "dropoff_latitude": north, "pickup_longitude": east,
            "dropoff_longitude": east, "lat": north, "lng": east, "StartLat": north,
            "StartLon": east, "plate": north, "flat": north, "flong": east,
        }.items()
    ]  # fmt: skip

    found = {place.name: (place.latitude, place.longitude) for place in find_places(columns)}

    assert found == {
        "pickup": ("pickup_latitude", "pickup_longitude"),
        "dropoff": ("dropoff_latitude", "dropoff_longitude"),
        "place": ("lat", "lng"),
        "start": ("StartLat", "StartLon"),
    }


def test_numbers_beyond_degrees_are_no_place() -> None:
    columns = [column(name, [10.0 * n for n in range(20)]) for name in ("lat", "lon")]

    assert find_places(columns) == ()
