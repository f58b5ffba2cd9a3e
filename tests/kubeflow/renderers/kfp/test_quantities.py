"""Quantities reach Kubernetes as they were written."""

from __future__ import annotations

from decimal import Decimal

import hypothesis
import pytest
from hypothesis import strategies

from core import errors
from kubeflow.renderers.kfp.quantities import cores, gigabytes


@pytest.mark.parametrize(
    ("quantity", "number"), [("2", 2.0), ("500m", 0.5), ("0.1", 0.1), ("1m", 0.001), (None, 0.0)]
)
def test_cores(quantity: str | None, number: float) -> None:
    assert cores(quantity) == number


@hypothesis.given(
    strategies.integers(1, 4000), strategies.sampled_from(["Mi", "Gi", "Ti", "M", "G"])
)
def test_the_driver_writes_memory_back_to_the_byte(count: int, unit: str) -> None:
    sizes = {"Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "M": 10**6, "G": 10**9}
    hypothesis.assume(count * sizes[unit] >= 2**20)

    # Go's %v of a float64 is its shortest text, as Python's; Kubernetes reads text and `G`,
    # which it refuses with an exponent in between.
    text = repr(gigabytes(f"{count}{unit}"))

    assert "e" not in text
    assert round(Decimal(text) * 10**9) == count * sizes[unit]


@pytest.mark.parametrize("quantity", ["1 Gi", "-1", "4Xi", "5e9", "Gi", "500K"])
def test_what_kubernetes_could_not_read_is_refused(quantity: str) -> None:
    with pytest.raises(errors.UserError) as refused:
        gigabytes(quantity)
    assert refused.value.code == "invalid-quantity"
