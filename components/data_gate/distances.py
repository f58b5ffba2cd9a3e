"""How far two distributions are apart, and how far chance alone takes samples.

With few examples the distance between two samples of the same population is large, so
a distance counts only beyond what chance gives:

* Jensen-Shannon divergence: for two samples of n and m values in k bins, drawn from one
  population, ``8 ln(2) D / (1/n + 1/m)`` follows a chi-squared distribution with k - 1
  degrees of freedom in the limit (second-order expansion; Grosse et al., "Analysis of
  symbolic sequences using the Jensen-Shannon divergence", Physical Review E 65, 041905,
  2002). That needs enough expected values a bin (Cochran, Biometrics 10, 1954: five to
  ten), so neighbouring bins with fewer are joined; joining never makes the divergence larger.
  The quantile is approximated after Wilson and Hilferty (1931).
* L-infinity: the difference of two shares has the variance ``p (1 - p) (1/n + 1/m)`` with
  the common share p; the bound is its normal quantile, Bonferroni-corrected for the
  number of values, with Yates' continuity correction and Cornish and Fisher's (1938) for the
  skewness of small counts.
"""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Mapping, Sequence

FEWEST_EXPECTED = 10.0


@dataclasses.dataclass(frozen=True)
class Distance:
    """A distance between two samples.

    Attributes:
      measure: Its name.
      value: The distance, from 0 (equal) to 1.
      chance: What chance exceeds only with the probability asked for.
      where: The value or the range that contributes most.
      old: Its share before.
      new: Its share now.
      bins: The bins of that range, where the values were counted in bins.
    """

    measure: str
    value: float
    chance: float
    where: str
    old: float
    new: float
    bins: range | None = None


def l_infinity(
    old: Mapping[str, int], new: Mapping[str, int], old_total: int, new_total: int, alpha: float
) -> Distance:
    """The largest difference between the shares of any one value, as TFDV defines it.

    Args:
      old: Counts by value.
      new: Counts by value.
      old_total: Number of values, also of those that `old` does not list.
      new_total: Number of values, also of those that `new` does not list.
      alpha: Probability with which chance may exceed the bound.
    """
    values = {*old, *new}
    worst = Distance("L-infinity", 0.0, 0.0, "", 0.0, 0.0)
    if not values or not old_total or not new_total:
        return worst
    inverse = 1 / old_total + 1 / new_total
    quantile = statistics.NormalDist().inv_cdf(1 - alpha / (2 * len(values)))
    for value in sorted(values):
        before, now = old.get(value, 0) / old_total, new.get(value, 0) / new_total
        if abs(now - before) > worst.value:
            pooled = (old.get(value, 0) + new.get(value, 0)) / (old_total + new_total)
            chance = _bound(pooled, inverse, quantile)
            worst = Distance("L-infinity", abs(now - before), chance, value, before, now)
    return worst


def jensen_shannon(
    old: Sequence[float], new: Sequence[float], names: Sequence[str], alpha: float
) -> Distance:
    """The Jensen-Shannon divergence, in bits, between two histograms of the same bins.

    Args:
      old: Counts by bin.
      new: Counts by bin.
      names: What to call the bins.
      alpha: Probability with which chance may exceed the bound.
    """
    n, m = sum(old), sum(new)
    if not n or not m:
        return Distance("Jensen-Shannon", 0.0, 0.0, "", 0.0, 0.0)
    divergence, most, bins = 0.0, -1.0, 0
    worst = range(1)
    for part in _bins_with_enough(old, new, n, m):
        p = sum(old[part.start : part.stop]) / n
        q = sum(new[part.start : part.stop]) / m
        middle = (p + q) / 2
        share = sum(x / 2 * math.log2(x / middle) for x in (p, q) if x)
        divergence += share
        bins += 1
        if share > most:
            most, worst = share, part
    chance = (1 / n + 1 / m) / (8 * math.log(2)) * _chi_squared_quantile(1 - alpha, bins - 1)
    first, last = names[worst.start], names[worst.stop - 1]
    return Distance(
        "Jensen-Shannon",
        max(divergence, 0.0),
        chance,
        first if first == last else f"{first} ... {last}",
        sum(old[worst.start : worst.stop]) / n,
        sum(new[worst.start : worst.stop]) / m,
        worst,
    )


def _bins_with_enough(
    old: Sequence[float], new: Sequence[float], n: float, m: float
) -> list[range]:
    """Joins neighbouring bins until the smaller sample may expect enough values in each."""
    expected_in_one = min(n, m) / (n + m)
    found: list[range] = []
    start, expected = 0, 0.0
    for index, (before, now) in enumerate(zip(old, new, strict=True)):
        expected += (before + now) * expected_in_one
        if expected >= FEWEST_EXPECTED:
            found.append(range(start, index + 1))
            start, expected = index + 1, 0.0
    if start < len(old):
        if found:
            start = found.pop().start
        found.append(range(start, len(old)))
    return found


def share_change_by_chance(
    old: int, old_total: int, new: int, new_total: int, alpha: float
) -> float:
    """By how much two shares of samples of one population differ by chance.

    Args:
      old: Examples that have the property.
      old_total: Examples.
      new: Examples that have the property.
      new_total: Examples.
      alpha: Probability with which chance may exceed the bound.
    """
    pooled = (old + new) / (old_total + new_total)
    inverse = 1 / old_total + 1 / new_total
    quantile = statistics.NormalDist().inv_cdf(1 - alpha / 2)
    return _bound(pooled, inverse, quantile)


def _bound(share: float, inverse: float, quantile: float) -> float:
    """What the difference of two shares exceeds only beyond the normal quantile."""
    skewness = (quantile**2 - 1) / 6
    return quantile * math.sqrt(share * (1 - share) * inverse) + (0.5 + skewness) * inverse


def _chi_squared_quantile(probability: float, degrees: int) -> float:
    if degrees < 1:
        return 0.0
    spread = 2 / (9 * degrees)
    z = statistics.NormalDist().inv_cdf(probability)
    return float(degrees * (1 - spread + z * math.sqrt(spread)) ** 3)
