"""Made customers: rows from which something can be learned, whatever file they end in."""

from __future__ import annotations

import dataclasses
import datetime
import math
import random

CITIES = ("Aachen", "Bonn", "Celle", "Dessau", "Erfurt", "Fulda")
PLANS = ("basic", "plus", "pro")
_EPOCH = datetime.datetime(2023, 1, 2, tzinfo=datetime.timezone.utc)


@dataclasses.dataclass(frozen=True)
class Person:
    """A customer.

    Attributes:
      number: Counts from 1.
      age: In years, 18 to 80.
      income: A year's, with two digits after the point, 9,000 to about 150,000.
      city: One of `CITIES`.
      plan: One of `PLANS`.
      member: Whether in the club.
      visits: In the last month.
      since: The first visit, UTC, in 2023 or 2024.
      churned: The label of a binary table.
      spent: The label of a regression.
      size: The label of a multiclass table: small, medium or large.
    """

    number: int
    age: int
    income: float
    city: str
    plan: str
    member: bool
    visits: int
    since: datetime.datetime
    churned: bool
    spent: float
    size: str


def people(count: int = 2_000, *, seed: int = 1, share: float = 0.4) -> list[Person]:
    """Makes customers; the same ones each time.

    Args:
      count: How many.
      seed: Of the random numbers.
      share: About so many of them churned.
    """
    draw = random.Random(seed)
    return [_person(draw, number, share) for number in range(1, count + 1)]


def _person(draw: random.Random, number: int, share: float) -> Person:
    age, plan, member = draw.randint(18, 80), draw.choice(PLANS), draw.random() < 0.5
    income = round(9_000 + draw.expovariate(1 / 25_000) + 300 * (age - 18), 2)
    visits = draw.randint(0, 30)
    lean = 2.2 * (plan == "basic") - 1.6 * member + (45 - age) / 12
    noise = math.log(1 / max(draw.random(), 1e-9) - 1)
    # The spread of lean and noise is about 3: so many of them are above the bound.
    bound = 3.2 * _quantile(1 - share)
    spent = 20 + 0.6 * age + 30 * (plan == "pro") + 15 * member + draw.gauss(0, 6)
    return Person(
        number=number,
        age=age,
        income=income,
        city=draw.choice(CITIES),
        plan=plan,
        member=member,
        visits=visits,
        since=_EPOCH + datetime.timedelta(minutes=draw.randrange(2 * 365 * 24 * 60)),
        churned=lean + noise > bound,
        spent=round(spent, 2),
        size="small" if spent < 55 else "large" if spent > 80 else "medium",
    )


def _quantile(share: float) -> float:
    """The normal distribution's quantile, roughly (Tukey's lambda 0.14)."""
    return float((share**0.135 - (1 - share) ** 0.135) / 0.1975)
