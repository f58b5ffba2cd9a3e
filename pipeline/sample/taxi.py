"""Made taxi trips with the columns, types and gaps of the City of Chicago's records.

A trip has a place, a time and a fleet; distance follows from the places, duration from
distance and traffic, the fare from the city's meter tariff, the payment from fare and
place, and the tip from payment, fare and rider. What a record then loses (a meter
without distance, a withheld census tract) it loses as often as the real ones. So a
model finds what it would find in real trips, and no real trip is in here.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from components.example_gen.bundled import write_record
from core import errors, files
from pipeline.sample import chicago

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

COLUMNS = (
    "pickup_community_area", "fare", "trip_start_month", "trip_start_hour", "trip_start_day",
    "trip_start_timestamp", "pickup_latitude", "pickup_longitude", "dropoff_latitude",
    "dropoff_longitude", "trip_miles", "pickup_census_tract", "dropoff_census_tract",
    "payment_type", "company", "trip_seconds", "dropoff_community_area", "tips",
)  # fmt: skip

FILE_NAME = "data.csv"

_BLOCK_ROWS = 100_000
"""Rows made at once: what bounds the memory, some 100 MB."""


def write_sample(folder: Path | str, rows: int, seed: int, *, overwrite: bool = False) -> Path:
    """Writes made trips as ``<folder>/data.csv``; the same arguments give the same bytes.

    A hidden file beside it says that they are bundled.

    Args:
      folder: Where to write; made where it is missing.
      rows: How many trips.
      seed: Of the random numbers; not negative.
      overwrite: Replace a file that is there.

    Returns:
      The file's path. The file appears whole or not at all.

    Raises:
      errors.UserError: If `rows` or `seed` is out of range or the file exists.
      errors.InfrastructureError: If the disk refuses.
    """
    if rows < 1:
        raise errors.UserError(f"{rows} rows are asked for", hint="ask for one or more",
                               code="sample-rows")  # fmt: skip
    if seed < 0:
        raise errors.UserError(f"the seed is {seed}", hint="use zero or more", code="sample-seed")
    path = Path(folder) / FILE_NAME
    if path.exists() and not overwrite:
        raise errors.UserError(
            f"{path} exists",
            hint="choose another folder, or replace the file with --overwrite",
            code="sample-exists",
        )
    try:
        with files.replaced_when_whole(path) as temporary, temporary.open("wb") as out:
            out.write((",".join(COLUMNS) + "\n").encode())
            for block in trips(rows, seed):
                out.write(_csv_lines(block))
        write_record(path, f"taxi, {rows:,} rows, seed {seed}")
    except OSError as error:
        raise errors.InfrastructureError(
            f"{path} cannot be written",
            evidence=[str(error)],
            hint="check the folder's permissions and the free space",
            code="sample-not-written",
        ) from error
    return path


def trips(rows: int, seed: int) -> Iterator[pa.Table]:
    """Makes trips, a block at a time.

    Args:
      rows: How many in all.
      seed: Of the random numbers.

    Yields:
      Tables of at most 100,000 rows with the columns `COLUMNS`: int64, float64 (fare,
      miles and tips in dollars and miles, coordinates in degrees) or string, null where a
      record lacks the value.
    """
    import numpy as np

    for block, first in enumerate(range(0, rows, _BLOCK_ROWS)):
        size = min(_BLOCK_ROWS, rows - first)
        # One stream of random numbers per block.
        yield _block(np.random.default_rng([seed, block]), size)


def _block(rng: np.random.Generator, rows: int) -> pa.Table:
    """Makes one table of trips."""
    import numpy as np
    import pyarrow as pa

    fleet = _choice(rng, rows, _fleet_shares())
    lost_miles, fleet_generosity, company = _fleets(fleet)
    calendar = _calendar(rng, rows)
    hour = calendar["trip_start_hour"]
    places = _places(rng, rows)
    airport = np.isin(places["pickup_community_area"], chicago.AIRPORTS)

    miles = places["miles"] * rng.lognormal(0.0, 0.15, rows)
    seconds = _duration(rng, miles, hour, calendar["trip_start_day"])
    fare = _fare(rng, miles, seconds)
    generosity = (
        fleet_generosity
        + places["generosity"]
        + 0.4 * np.isin(hour, (9, 10, 11, 20, 21, 22, 23))
        - 0.3 * np.isin(hour, (3, 4, 5))
        + rng.normal(0.0, 0.4, rows)
    )
    payment = _payment(rng, fare, airport, calendar["year"])
    tips = _tips(rng, payment, fare, airport, generosity)

    # What a record says of the trip is less than what happened.
    no_miles = rng.random(rows) < lost_miles
    no_time = rng.random(rows) < np.where(no_miles, 0.11, 0.005)
    recorded_miles = np.where(no_miles, 0.0, np.round(miles, 1))
    recorded_seconds = np.where(no_time, 0, np.round(seconds / 60).astype(np.int64) * 60)

    unplaced = rng.random(rows) < 0.00013
    # Trips that leave the city, mostly long ones, have no place of arrival.
    abroad = rng.random(rows) < np.where(miles > 8, 0.12, 0.016)
    area_unknown = abroad | (rng.random(rows) < 0.0016)
    pickup_withheld = rng.random(rows) >= 0.00007
    pickup_withheld[rng.integers(rows)] = False

    values = {
        **{name: pa.array(calendar[name]) for name in calendar if name != "year"},
        "pickup_community_area": pa.array(places["pickup_community_area"], mask=unplaced),
        "pickup_latitude": pa.array(places["pickup_latitude"], mask=unplaced),
        "pickup_longitude": pa.array(places["pickup_longitude"], mask=unplaced),
        "pickup_census_tract": pa.array(
            places["pickup_census_tract"], mask=unplaced | pickup_withheld
        ),
        "dropoff_community_area": pa.array(places["dropoff_community_area"], mask=area_unknown),
        "dropoff_latitude": pa.array(places["dropoff_latitude"], mask=abroad),
        "dropoff_longitude": pa.array(places["dropoff_longitude"], mask=abroad),
        "dropoff_census_tract": pa.array(
            places["dropoff_census_tract"], mask=abroad | places["dropoff_tract_withheld"]
        ),
        "fare": pa.array(fare),
        "tips": pa.array(tips),
        "trip_miles": pa.array(recorded_miles),
        "trip_seconds": pa.array(recorded_seconds, mask=rng.random(rows) < 0.0004),
        "payment_type": pa.array(np.array(_PAYMENTS, dtype=object)[payment], pa.string()),
        "company": pa.array(company, pa.string()),
    }
    return pa.table({name: values[name] for name in COLUMNS})


def _choice(rng: np.random.Generator, rows: int, weights: object) -> np.ndarray:
    """Draws `rows` indices with these weights; quicker than `Generator.choice`."""
    import numpy as np

    cumulative = np.cumsum(np.asarray(weights, dtype=np.float64))
    drawn = rng.random(rows) * cumulative[-1]
    return np.minimum(np.searchsorted(cumulative, drawn, side="right"), len(cumulative) - 1)


def _fleet_shares() -> list[float]:
    shares = [fleet.share for fleet in chicago.FLEETS]
    alone = (1 - sum(shares)) / chicago.LONE_DRIVERS
    return shares + [alone] * chicago.LONE_DRIVERS


def _fleets(fleet: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The chance of lost miles, the generosity and the name of each trip's fleet."""
    import numpy as np

    lone = range(chicago.LONE_DRIVERS)
    names = [f.name for f in chicago.FLEETS]
    names += [f"{2000 + 97 * i} - {41000 + 1223 * i} Cab Company {i + 1}" for i in lone]
    lost = [f.lost_miles for f in chicago.FLEETS] + [0.2 for _ in lone]
    generosity = [f.generosity for f in chicago.FLEETS] + [0.0 for _ in lone]
    return np.array(lost)[fleet], np.array(generosity)[fleet], np.array(names, object)[fleet]


def _calendar(rng: np.random.Generator, rows: int) -> dict[str, np.ndarray]:
    """Draws the local time of each trip's start, in quarters of an hour."""
    import numpy as np

    first = datetime.date(min(chicago.YEARS), 1, 1)
    days = [
        first + datetime.timedelta(n)
        for n in range((datetime.date(max(chicago.YEARS) + 1, 1, 1) - first).days)
    ]
    weekday = np.array([day.isoweekday() % 7 for day in days])
    weights = np.array([chicago.YEARS[day.year] for day in days], dtype=np.float64)
    weights *= np.array(chicago.WEEKDAYS)[weekday]
    day = _choice(rng, rows, weights)

    weekend = np.isin(weekday[day], (0, 6))
    hour = np.where(
        weekend,
        _choice(rng, rows, chicago.HOURS_ON_WEEKENDS),
        _choice(rng, rows, chicago.HOURS_ON_WEEKDAYS),
    )
    start = (first - datetime.date(1970, 1, 1)).days
    return {
        "trip_start_timestamp": (start + day) * 86400
        + hour * 3600
        + rng.integers(4, size=rows) * 900,
        "trip_start_hour": hour,
        "trip_start_day": weekday[day] + 1,
        "trip_start_month": np.array([d.month for d in days])[day],
        "year": np.array([d.year for d in days])[day],
    }


def _places(rng: np.random.Generator, rows: int) -> dict[str, np.ndarray]:
    """Draws where trips begin and end: areas, tracts, coordinates, the miles between."""
    import numpy as np

    areas = np.array(list(chicago.AREAS))
    table = np.array(list(chicago.AREAS.values()))
    latitude, longitude, pickups, dropoffs, withheld, generosity = table.T

    # A trip ends where people go, the rather the nearer (miles); few stay at an airport.
    apart = _miles(latitude[:, None], longitude[:, None], latitude, longitude)
    likely = dropoffs * (np.exp(-apart / 1.5) + 0.03)
    at_airport = np.isin(areas, chicago.AIRPORTS)
    likely[:, at_airport] = 0.3 * dropoffs[at_airport]
    likely[at_airport] = dropoffs * np.exp(-apart[at_airport] / 60.0)
    likely[np.ix_(at_airport, at_airport)] *= 0.1
    cumulative = np.cumsum(likely, axis=1)
    cumulative /= cumulative[:, -1:]

    start = _choice(rng, rows, pickups)
    drawn = rng.random(rows)
    end = np.empty(rows, dtype=np.int64)
    for area in np.unique(start):
        here = start == area
        end[here] = np.searchsorted(cumulative[area], drawn[here], side="right")
    end = np.minimum(end, len(areas) - 1)

    found: dict[str, np.ndarray] = {}
    for side, index in (("pickup", start), ("dropoff", end)):
        tract = _choice(rng, rows, (5, 3, 2, 1, 1))
        tract = np.where(at_airport[index], tract % 2, tract)
        hidden = rng.random(rows) < withheld[index]
        # Tracts lie around the centre on a spiral; a hidden one is recorded as the centre.
        angle, radius = 2.4 * (tract + areas[index]), 0.0022 * np.sqrt(tract + 1.0)
        shift = np.where(hidden, 0.0, radius)
        found[f"{side}_latitude"] = np.round(latitude[index] + shift * np.sin(angle), 9)
        found[f"{side}_longitude"] = np.round(longitude[index] + 1.3 * shift * np.cos(angle), 9)
        found[f"{side}_community_area"] = areas[index]
        # State 17, county 031, then area, tract and part of the tract.
        found[f"{side}_census_tract"] = 17031000000 + areas[index] * 10000 + (tract + 1) * 100
        found[f"{side}_tract_withheld"] = hidden
    found["generosity"] = generosity[start]
    crow = _miles(
        *(found[f"{s}_{c}"] for s in ("pickup", "dropoff") for c in ("latitude", "longitude"))
    )
    # Streets run in a grid, and nobody takes a cab for no distance at all.
    found["miles"] = 1.15 * crow + rng.gamma(2.0, 0.25, rows)
    return found


def _miles(
    latitude: np.ndarray, longitude: np.ndarray, to_latitude: np.ndarray, to_longitude: np.ndarray
) -> np.ndarray:
    """Distance in miles on the plane that Chicago nearly is."""
    import numpy as np

    north = (latitude - to_latitude) * 69.0
    east = (longitude - to_longitude) * 69.0 * np.cos(np.radians(41.88))
    return np.hypot(north, east)


def _duration(
    rng: np.random.Generator, miles: np.ndarray, hour: np.ndarray, day: np.ndarray
) -> np.ndarray:
    """Seconds under way: slow in the centre's short trips and at rush hour."""
    import numpy as np

    workday = (day > 1) & (day < 7)
    rush = workday & np.isin(hour, (7, 8, 9, 16, 17, 18))
    night = np.isin(hour, (0, 1, 2, 3, 4, 5, 23))
    traffic = np.where(rush, 0.75, np.where(night, 1.25, 1.0))
    miles_an_hour = (9.0 + 22.0 * (1 - np.exp(-miles / 10.0))) * traffic
    return 60.0 + miles / miles_an_hour * 3600.0 * rng.lognormal(0.0, 0.25, len(miles))


def _fare(rng: np.random.Generator, miles: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """The city's meter: 3.25 dollars, then 0.20 for each 1/9 mile or 36 seconds of waiting."""
    import numpy as np

    rows = len(miles)
    ticks = np.floor(miles * 9.0 + 0.3 * seconds / 36.0)
    fare = 3.25 + 0.20 * ticks
    # Rides that end as they begin, agreed prices, whole days.
    odd = rng.random(rows)
    fare = np.where(odd < 0.028, 3.25, fare)
    fare = np.where(
        (odd >= 0.028) & (odd < 0.046), np.round(fare * rng.uniform(0.9, 1.6, rows)), fare
    )
    fare = np.where((odd >= 0.046) & (odd < 0.0463), rng.integers(100, 700, rows), fare)
    fare = np.where((odd >= 0.0463) & (odd < 0.048), 0.0, fare)
    return np.round(fare, 2)


_PAYMENTS = ("Cash", "Credit Card", "No Charge", "Unknown", "Dispute", "Pcard", "Prcard")
_CASH, _CARD, _UNKNOWN = 0, 1, 3


def _payment(
    rng: np.random.Generator, fare: np.ndarray, airport: np.ndarray, year: np.ndarray
) -> np.ndarray:
    """Cards gain on cash with the years, with the fare and at airports."""
    import numpy as np

    rows = len(fare)
    odds = -2.0 + 0.28 * (year - 2013) + 0.42 * np.log(np.maximum(fare, 3.25)) + 0.35 * airport
    kind = np.where(rng.random(rows) < 1 / (1 + np.exp(-odds)), _CARD, _CASH)
    rare = _choice(rng, rows, (0.99215, 0.0054, 0.0019, 0.00027, 0.0002, 0.00008))
    return np.where(rare > 0, rare + 1, kind)


def _tips(
    rng: np.random.Generator,
    payment: np.ndarray,
    fare: np.ndarray,
    airport: np.ndarray,
    generosity: np.ndarray,
) -> np.ndarray:
    """What the record says was tipped: by card a button or whole dollars, in cash nothing."""
    import numpy as np

    rows = len(fare)
    # The terminal's buttons take a share of the whole bill, which may have extras.
    extras = np.where(airport, 2.0, 0.0) + np.where(rng.random(rows) < 0.4, 1.0, 0.0)
    lift = generosity + rng.normal(0.1, 0.5, rows)
    share = np.where(lift > 1.3, 0.30, np.where(lift > 0.55, 0.25, 0.20))
    by_button = share * (fare + extras)
    # Whole dollars: about two for a short ride whatever the meter says, then a fifth.
    dollars = np.where(
        fare < 10,
        2.0 - (lift < -0.55) + (lift > 1.3),
        np.where(
            fare < 25,
            np.round(2.0 + (fare - 10) * 0.14 + 0.55 * lift),
            np.round(fare * 0.19 + 0.9 * lift),
        ),
    )
    way = rng.random(rows)
    tip = np.where(way < 0.42 + 0.08 * airport, by_button, np.maximum(dollars, 1.0))
    tip = np.where(way > 0.96, fare * rng.uniform(0.02, 0.45, rows), tip)
    tip = np.where(rng.random(rows) < 1 / (1 + np.exp(3.0 + generosity)), 0.0, tip)

    recorded = rng.random(rows)
    tips = np.where(payment == _CARD, tip, 0.0)
    tips = np.where((payment == _CASH) & (recorded < 0.0005), tip, tips)
    tips = np.where((payment == _UNKNOWN) & (recorded < 0.22), tip, tips)
    return np.round(np.where(fare > 0, tips, 0.0), 2)


def _csv_lines(table: pa.Table) -> pa.Buffer:
    """Writes the rows of a table as lines of CSV, floats with a point, nulls as nothing.

    Arrow's own CSV writer quotes all text and writes 5.0 as 5, which a reader that
    infers types takes for an integer.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = []
    for column in table.itercolumns():
        text = pc.cast(column.combine_chunks(), pa.string())
        if pa.types.is_floating(column.type):
            whole = pc.invert(pc.match_substring(text, "."))
            text = pc.if_else(whole, pc.binary_join_element_wise(text, "0", "."), text)
        texts.append(text)
    joined = pc.binary_join_element_wise(*texts, ",", null_handling="replace", null_replacement="")
    lines = pc.binary_join_element_wise(joined, "", "\n")
    return lines.buffers()[2].slice(0, pc.sum(pc.binary_length(lines)).as_py())
