"""What the configuration says about how much of old runs stays."""

from __future__ import annotations

import datetime

import pydantic

from core.settings import Settings


class RetentionSettings(Settings):
    """What a local run removes when it has ended; nothing by default."""

    keep_runs: int | None = pydantic.Field(
        None,
        ge=1,
        description="So many of the newest runs stay, and all that they, the champion and the "
        "next comparison need; empty to let no run go for their number.",
    )
    older_than_days: float | None = pydantic.Field(
        None,
        gt=0,
        description="Runs go that started before so many days; with keep_runs only those "
        "beyond that number.",
    )
    keep_models: int | None = pydantic.Field(
        None,
        ge=0,
        description="Of so many pushed versions beside the champion and its predecessor the "
        "stored model stays; of all of them where it is empty.",
    )

    @property
    def is_on(self) -> bool:
        """Whether anything is to be removed."""
        return self.keep_runs is not None or self.older_than_days is not None

    @property
    def older_than(self) -> datetime.timedelta | None:
        """`older_than_days` as a span of time."""
        days = self.older_than_days
        return None if days is None else datetime.timedelta(days=days)

    @pydantic.model_validator(mode="after")
    def _models_go_with_runs(self) -> RetentionSettings:
        if self.keep_models is not None and not self.is_on:
            raise ValueError("keep_models counts with keep_runs or older_than_days only")
        return self
