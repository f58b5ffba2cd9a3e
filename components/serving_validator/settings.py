"""What a model must keep to be served."""

from __future__ import annotations

import pydantic

from core.settings import Settings


class ServingValidatorSettings(Settings):
    """How the exported model is tried before it is pushed.

    The bounds on time and memory are wide, so that a busy machine refuses no good model;
    set them to what your service needs. What the model answers is judged strictly.
    """

    enabled: bool = pydantic.Field(
        True, description="Try the exported model in a process of its own before it is pushed."
    )
    rows: int = pydantic.Field(
        200, ge=1, le=10_000, description="Rows of the evaluation splits to replay."
    )
    tolerance: float = pydantic.Field(
        1e-5,
        ge=0,
        le=1,
        description="How far two answers for one row may lie apart and count as the same: "
        "|a - b| <= tolerance * max(1, |b|).",
    )
    start_seconds: float = pydantic.Field(
        120.0, gt=0, description="Loading the model and answering the first row takes at most this."
    )
    request_seconds: float = pydantic.Field(
        120.0, gt=0, description="A request without an answer for so long counts as hanging."
    )
    memory_mb: int = pydantic.Field(
        4096, ge=64, description="Memory (MiB) of the whole serving process, at most."
    )
    memory_growth_mb: int = pydantic.Field(
        128, ge=1, description="Growth of memory (MiB) over repeated equal batches, at most."
    )
    model_mb: float = pydantic.Field(
        2048.0, gt=0, description="Size (MiB) of the exported model's files, at most."
    )
    latency_p50_ms: float = pydantic.Field(
        500.0, gt=0, description="Half of all single rows are answered within so many ms."
    )
    latency_p99_ms: float = pydantic.Field(
        5000.0, gt=0, description="99 of 100 single rows are answered within so many ms."
    )
    rows_per_second: float = pydantic.Field(
        100.0, ge=0, description="Rows answered per second in batches of a thousand, at least."
    )
