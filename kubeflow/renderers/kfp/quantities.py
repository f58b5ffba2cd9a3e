"""Kubernetes quantities as the numbers of a pipeline spec: cores, and memory in gigabytes."""

from __future__ import annotations

import re
from decimal import Decimal

from core import errors

_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)([a-zA-Z]*)")
_UNITS = {
    "m": Decimal("0.001"),
    "": Decimal(1),
    "K": Decimal(10) ** 3,
    "M": Decimal(10) ** 6,
    "G": Decimal(10) ** 9,
    "T": Decimal(10) ** 12,
    "Ki": Decimal(2) ** 10,
    "Mi": Decimal(2) ** 20,
    "Gi": Decimal(2) ** 30,
    "Ti": Decimal(2) ** 40,
}


def cores(quantity: str | None) -> float:
    """Cores: ``500m`` is 0.5; 0 where nothing is asked for.

    Raises:
      errors.UserError: If it is no such quantity.
    """
    return float(_number(quantity)) if quantity else 0.0


def gigabytes(quantity: str | None) -> float:
    """Memory in units of 1e9 bytes: ``4Gi`` is 4.294967296; 0 where nothing is asked for.

    The driver writes the number with the suffix ``G`` in front of Kubernetes, which reads
    it back to the byte.

    Raises:
      errors.UserError: If it is no such quantity, or less than a container starts with.
    """
    if not quantity:
        return 0.0
    size = _number(quantity)
    # Below that, Go would print the number with an exponent, which Kubernetes refuses.
    if size < _UNITS["Mi"]:
        raise errors.UserError(
            f"{quantity} of memory is less than a container can start with",
            hint="say at least 1Mi; nodes of this pipeline need 2Gi and more",
            code="invalid-quantity",
        )
    return float(size / _UNITS["G"])


def _number(quantity: str) -> Decimal:
    found = _QUANTITY.fullmatch(quantity)
    if found is None or found[2] not in _UNITS:
        raise errors.UserError(
            f"{quantity!r} is not a quantity that Kubernetes reads",
            hint="write cores as 2 or 500m, memory as 4Gi or 512Mi",
            code="invalid-quantity",
        )
    return Decimal(found[1]) * _UNITS[found[2]]
