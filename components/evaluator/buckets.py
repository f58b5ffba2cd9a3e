"""Numeric features cut into buckets, so that metrics can be sliced by them.

TFMA slices by the values of a feature. A bucketed feature is a derived one: its name
carries the boundaries (``fare{5,10}``) and its values are the buckets (``< 5``,
``[5, 10)``, ``>= 10``), so that the name in a SlicingSpec says all there is to know.
Light on purpose: configurations and reports import it.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_NAME = re.compile(r"(?P<feature>.+)\{(?P<boundaries>[-+0-9.e,]+)\}")
_LABEL = re.compile(r"(?:< |\[|>= )(?P<number>[-+0-9.e]+)")


def bucketed_name(feature: str, boundaries: Sequence[float]) -> str:
    """The name of the derived feature, such as ``fare{5,10}``."""
    return f"{feature}{{{','.join(_number(value) for value in boundaries)}}}"


def parse_bucketed(name: str) -> tuple[str, tuple[float, ...]] | None:
    """The feature and boundaries of a derived feature's name; None for any other name."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    try:
        boundaries = tuple(float(value) for value in found["boundaries"].split(","))
    except ValueError:
        return None
    return found["feature"], boundaries


def raw_feature(name: str) -> str:
    """The feature that a slice reads: itself, or the one that is cut into buckets."""
    bucketed = parse_bucketed(name)
    return bucketed[0] if bucketed else name


def bucket_labels(boundaries: Sequence[float]) -> list[str]:
    """The names of the buckets, one more than there are boundaries."""
    texts = [_number(value) for value in boundaries]
    inner = [f"[{low}, {high})" for low, high in itertools.pairwise(texts)]
    return [f"< {texts[0]}", *inner, f">= {texts[-1]}"]


def bucket_order(label: str) -> float | None:
    """Where a bucket stands among its neighbours; None for what is no bucket's name."""
    found = _LABEL.match(label)
    return float(found["number"]) if found else None


def slice_part(column: str, value: str) -> str:
    """One feature and value of a slice in words, such as ``fare in [5, 10)``."""
    bucketed = parse_bucketed(column)
    if bucketed is None:
        return f"{column} = {value}"
    return f"{bucketed[0]} in {value}" if value.startswith("[") else f"{bucketed[0]} {value}"


def feature_label(column: str) -> str:
    """The feature of a slice in words, without the boundaries."""
    bucketed = parse_bucketed(column)
    return f"{bucketed[0]} (buckets)" if bucketed else column


def places(values: npt.NDArray[np.generic], boundaries: Sequence[float]) -> npt.NDArray[np.int64]:
    """The bucket of each value, as an index into `bucket_labels`; -1 for not-a-number.

    A boundary belongs to the bucket above it. Numbers are compared as float64, also those
    that the data hold as float32.

    Args:
      values: Numbers, shape [values].
      boundaries: Ascending.
    """
    import numpy as np

    numbers = values.astype(np.float64)
    found = np.searchsorted(np.asarray(boundaries, np.float64), numbers, side="right")
    return np.where(np.isnan(numbers), -1, found).astype(np.int64)


def check_boundaries(boundaries: Sequence[float]) -> None:
    """Refuses boundaries that are not finite and ascending.

    Raises:
      ValueError: Saying which.
    """
    for value in boundaries:
        if not math.isfinite(value):
            raise ValueError(f"a boundary must be a finite number, not {value}")
    for low, high in itertools.pairwise(boundaries):
        if low >= high:
            raise ValueError(f"boundaries must ascend, but {high:g} follows {low:g}")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))
