"""Chicago as a taxi meter sees it: community areas, airports, fleets and the calendar.

The shares are round figures in the proportions of the city's public trip records; the
places are the centres of the city's 77 community areas.
"""

from __future__ import annotations

from typing import NamedTuple

AIRPORTS = (76, 56)
"""Community areas of O'Hare and Midway."""


class Area(NamedTuple):
    """A community area.

    Attributes:
      latitude: Of its centre, in degrees.
      longitude: Of its centre, in degrees.
      pickups: Trips that start there, per thousand.
      dropoffs: Trips that end there, per thousand, before distance counts.
      tract_withheld: Share of trips whose census tract is not published.
      generosity: How much likelier a rider is to tip well, in log odds.
    """

    latitude: float
    longitude: float
    pickups: float
    dropoffs: float
    tract_withheld: float
    generosity: float


# Where most trips are: pickups, dropoffs, tract_withheld, generosity.
_BUSY = {
    1: (4.7, 8, 0.90, -0.1),
    2: (3.8, 5, 0.93, -0.2),
    3: (18, 22, 0.59, 0.1),
    4: (3.8, 8, 0.81, 0.1),
    5: (7.4, 12, 0.80, 0.2),
    6: (79, 80, 0.44, 0.2),
    7: (60, 70, 0.29, 0.4),
    8: (327, 290, 0.15, 0.3),
    14: (3.3, 4, 0.98, -0.2),
    16: (3.7, 6, 0.91, -0.1),
    21: (3.4, 5, 0.72, 0.1),
    22: (12, 20, 0.63, 0.3),
    24: (40, 50, 0.45, 0.2),
    28: (86, 97, 0.22, 0.2),
    31: (2.5, 4, 0.85, -0.1),
    32: (220, 185, 0.12, 0.3),
    33: (21, 28, 0.35, 0.1),
    35: (2.5, 4, 0.80, -0.3),
    41: (4.7, 6, 0.75, 0.0),
    56: (17, 13, 0.30, 0.5),
    76: (60, 38, 0.25, 0.6),
    77: (12, 14, 0.60, 0.0),
}
_QUIET = (0.8, 1.5, 0.97, -0.4)

_CENTRES = (
    (42.010, -87.670), (42.001, -87.695), (41.966, -87.656), (41.975, -87.688),
    (41.947, -87.684), (41.944, -87.655), (41.923, -87.649), (41.899, -87.633),
    (42.006, -87.815), (41.986, -87.802), (41.979, -87.770), (41.992, -87.755),
    (41.983, -87.721), (41.968, -87.722), (41.954, -87.764), (41.954, -87.724),
    (41.944, -87.808), (41.929, -87.798), (41.927, -87.766), (41.924, -87.735),
    (41.939, -87.711), (41.923, -87.700), (41.900, -87.721), (41.901, -87.676),
    (41.894, -87.759), (41.878, -87.730), (41.879, -87.706), (41.875, -87.664),
    (41.861, -87.717), (41.844, -87.713), (41.850, -87.668), (41.879, -87.626),
    (41.857, -87.621), (41.842, -87.633), (41.835, -87.619), (41.824, -87.603),
    (41.810, -87.633), (41.812, -87.618), (41.809, -87.596), (41.792, -87.618),
    (41.794, -87.592), (41.780, -87.597), (41.762, -87.573), (41.740, -87.614),
    (41.744, -87.588), (41.741, -87.551), (41.728, -87.597), (41.730, -87.574),
    (41.707, -87.623), (41.706, -87.600), (41.691, -87.566), (41.707, -87.535),
    (41.672, -87.628), (41.656, -87.601), (41.658, -87.546), (41.790, -87.755),
    (41.809, -87.724), (41.817, -87.700), (41.831, -87.673), (41.837, -87.651),
    (41.808, -87.660), (41.794, -87.724), (41.795, -87.696), (41.778, -87.770),
    (41.769, -87.725), (41.772, -87.696), (41.777, -87.667), (41.778, -87.642),
    (41.763, -87.616), (41.745, -87.711), (41.744, -87.656), (41.715, -87.675),
    (41.719, -87.650), (41.695, -87.713), (41.689, -87.669), (41.979, -87.903),
    (41.986, -87.663),
)  # fmt: skip

AREAS: dict[int, Area] = {
    number: Area(*centre, *_BUSY.get(number, _QUIET))
    for number, centre in enumerate(_CENTRES, start=1)
}


class Fleet(NamedTuple):
    """A taxi company.

    Attributes:
      name: As recorded; None where the record names no company.
      share: Of all trips.
      lost_miles: Share of its trips whose meter recorded no distance.
      generosity: How its card terminals nudge riders, in log odds.
    """

    name: str | None
    share: float
    lost_miles: float
    generosity: float


FLEETS = (
    Fleet(None, 0.343, 0.03, 0.0),
    Fleet("Taxi Affiliation Services", 0.345, 0.42, 0.0),
    Fleet("Dispatch Taxi Affiliation", 0.109, 0.25, -0.2),
    Fleet("Blue Ribbon Taxi Association Inc.", 0.073, 0.76, -0.3),
    Fleet("Choice Taxi Association", 0.058, 0.28, 0.3),
    Fleet("Northwest Management LLC", 0.037, 0.30, 0.2),
    Fleet("KOAM Taxi Association", 0.016, 0.03, 0.4),
    Fleet("Top Cab Affiliation", 0.009, 0.07, 0.0),
    Fleet("Chicago Medallion Management", 0.003, 0.10, -0.5),
    Fleet("Chicago Elite Cab Corp.", 0.002, 0.60, -2.0),
    Fleet("Chicago Medallion Leasing INC", 0.002, 0.20, 0.0),
)

LONE_DRIVERS = 40
"""Companies of one cab each, which share the rest of the trips."""

# Trips by hour of the day, per thousand.
HOURS_ON_WEEKDAYS = (
    27, 21, 14, 8, 8, 8, 15, 25, 44, 54, 53, 44, 53, 48, 53, 48, 52, 59, 65, 73, 67, 57, 56, 49,
)  # fmt: skip
HOURS_ON_WEEKENDS = (
    71, 72, 62, 48, 26, 15, 8, 9, 15, 22, 29, 35, 42, 42, 39, 48, 47, 46, 57, 53, 59, 52, 56, 47,
)  # fmt: skip

WEEKDAYS = (130, 130, 130, 134, 147, 167, 162)
"""Trips by day of the week, Sunday first, per thousand."""

YEARS = {2013: 29, 2014: 34, 2015: 31, 2016: 6}
"""Trips by year, per hundred."""
