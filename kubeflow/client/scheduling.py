"""Recurring runs: what a person asks for, checked, and made on the server once."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

from core import errors
from core.durations import spoken
from kubeflow.client import failures
from kubeflow.client.records import Schedule
from kubeflow.client.target import Target

MOST_CONCURRENT = 10


@dataclasses.dataclass(frozen=True)
class Timing:
    """When a schedule starts runs.

    Attributes:
      cron: Six fields, as Kubeflow reads them; None where there is an interval.
      interval_seconds: Seconds from one start to the next; None where there is cron.
      start: Not before this.
      end: Not after this.
      catch_up: Whether it makes up for runs that it missed.
      maximum_concurrency: How many of its runs may go on at once, 1 to 10.
    """

    cron: str | None = None
    interval_seconds: int | None = None
    start: datetime.datetime | None = None
    end: datetime.datetime | None = None
    catch_up: bool = False
    maximum_concurrency: int = 1

    def check(self, now: datetime.datetime) -> None:
        """Refuses a timing that would never start a run.

        Raises:
          errors.UserError: If there is not exactly one of cron and interval, or the end
            is over or before the start.
        """
        if (self.cron is None) == (self.interval_seconds is None):
            raise errors.UserError(
                "when is it to run?" if self.cron is None else "--cron and --every exclude another",
                hint='say --cron "0 6 * * *" or --every 12h',
                code="schedule-timing",
            )
        if self.end is not None and self.end <= (self.start or now):
            raise errors.UserError(
                "the schedule would end before it starts",
                evidence=[f"--end {_rfc3339(self.end)}, --start {_rfc3339(self.start or now)}"],
                hint="choose a later --end",
                code="schedule-timing",
            )

    def words(self) -> str:
        """When it runs, for people."""
        return timing_words(self.cron, self.interval_seconds)


def timing_words(cron: str | None, interval_seconds: int | None) -> str:
    """Such as ``every 2 hours``, or the cron expression with its six fields."""
    if interval_seconds:
        return f"every {spoken(interval_seconds)}"
    return f"cron {cron}" if cron else "never"


def create(target: Target, name: str, timing: Timing) -> Schedule:
    """Makes a recurring run of one version.

    Args:
      target: What it runs.
      name: Its name, which no other recurring run may have.
      timing: When; checked already.

    Raises:
      errors.UserError: If the name is taken.
      errors.MillraceError: If the server refuses or fails.
    """
    api = target.api
    if any(known.name == name for known in api.schedules()):
        raise errors.UserError(
            f"there is a recurring run {name!r} already",
            hint=f"choose another name, or `millrace kubeflow schedule delete {name}` first",
            code=failures.EXISTS,
        )
    experiment_id = api.experiment(target.experiment)
    options: dict[str, Any] = {
        "description": f"{target.pipeline}, version {target.version.name}, made by millrace",
        "start_time": _rfc3339(timing.start) if timing.start else None,
        "end_time": _rfc3339(timing.end) if timing.end else None,
        "interval_second": timing.interval_seconds,
        "cron_expression": timing.cron,
        "max_concurrency": timing.maximum_concurrency,
        "no_catchup": not timing.catch_up,
        "params": target.values,
        "pipeline_id": target.version.pipeline_id,
        "version_id": target.version.id,
        "service_account": target.service_account,
    }
    try:
        return api.create_schedule(experiment_id, name, **options)
    except errors.MillraceError as error:
        if error.code not in (failures.NO_ANSWER, failures.SERVER_ERROR):
            raise
        found = _look(target, name)
        if found is None:
            raise
        return found


def _look(target: Target, name: str) -> Schedule | None:
    try:
        return next((known for known in target.api.schedules() if known.name == name), None)
    except errors.MillraceError:
        return None


def _rfc3339(value: datetime.datetime) -> str:
    return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
