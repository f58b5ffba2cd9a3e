"""What the server knows of runs, versions and schedules, as plain records."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

ENDED = ("SUCCEEDED", "FAILED", "SKIPPED", "CANCELED")

# The server writes the year 1 or 1970 where it means that there is no time yet.
_FIRST_YEAR = 1971


@dataclasses.dataclass(frozen=True)
class Version:
    """One version of a pipeline.

    Attributes:
      pipeline_id: The pipeline's id.
      id: Its own id.
      name: Its name, such as ``3f2a1c9-8d41f0aa``.
      spec: Its pipeline spec as the server keeps it, where it was asked for.
    """

    pipeline_id: str
    id: str
    name: str
    spec: dict[str, Any] | None = dataclasses.field(default=None, repr=False, compare=False)


@dataclasses.dataclass(frozen=True)
class TaskState:
    """How one of a run's workflow nodes stands.

    Attributes:
      name: The task's name, also with ``-driver`` for what prepares it.
      state: KFP's runtime state, such as ``RUNNING``.
      started: When it started; None before.
      finished: When it ended; None before.
    """

    name: str
    state: str
    started: datetime.datetime | None = None
    finished: datetime.datetime | None = None


@dataclasses.dataclass(frozen=True)
class ServerRun:
    """One run as the server tells it.

    Attributes:
      id: Its id, which is also the run's id in ML Metadata.
      name: Its name.
      state: KFP's runtime state, such as ``RUNNING``.
      created: When it was made.
      finished: When it ended; None before.
      error: The server's words about a failure.
      pipeline_id: The pipeline's id.
      version_id: The version's id.
      recurring_run_id: The schedule that made it.
      tasks: Its workflow's nodes so far.
    """

    id: str
    name: str
    state: str
    created: datetime.datetime | None = None
    finished: datetime.datetime | None = None
    error: str = ""
    pipeline_id: str | None = None
    version_id: str | None = None
    recurring_run_id: str | None = None
    tasks: tuple[TaskState, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether its state will not change any more."""
        return self.state in ENDED

    @property
    def seconds(self) -> float | None:
        """From its making to its end; None before."""
        if self.created is None or self.finished is None:
            return None
        return (self.finished - self.created).total_seconds()


@dataclasses.dataclass(frozen=True)
class Schedule:
    """One recurring run.

    Attributes:
      id: Its id.
      name: Its name.
      enabled: Whether it starts runs now.
      cron: Its cron expression of six fields, if it has one.
      interval_seconds: Seconds between two runs, if it has no cron expression.
      start: Before this it starts no run.
      end: After this it starts no run.
      catch_up: Whether it makes up for runs that it missed.
      maximum_concurrency: How many of its runs may go on at once.
      pipeline_id: The pipeline's id.
      version_id: The version's id.
      parameters: What its runs change.
    """

    id: str
    name: str
    enabled: bool
    cron: str | None = None
    interval_seconds: int | None = None
    start: datetime.datetime | None = None
    end: datetime.datetime | None = None
    catch_up: bool = True
    maximum_concurrency: int | None = None
    pipeline_id: str | None = None
    version_id: str | None = None
    parameters: dict[str, Any] = dataclasses.field(default_factory=dict)


def read_version(answer: Any) -> Version:
    """Reads what the generated client made of a pipeline version."""
    return Version(
        pipeline_id=_needed(answer, "pipeline_id"),
        id=_needed(answer, "pipeline_version_id"),
        name=answer.display_name or "",
        spec=answer.pipeline_spec if isinstance(answer.pipeline_spec, dict) else None,
    )


def read_run(answer: Any) -> ServerRun:
    """Reads what the generated client made of a run."""
    details = answer.run_details.task_details if answer.run_details else None
    reference = answer.pipeline_version_reference
    return ServerRun(
        id=_needed(answer, "run_id"),
        name=answer.display_name or "",
        state=str(answer.state or "RUNTIME_STATE_UNSPECIFIED").upper(),
        created=_time(answer.created_at),
        finished=_time(answer.finished_at),
        error=(answer.error.message or "") if answer.error else "",
        pipeline_id=reference.pipeline_id if reference else None,
        version_id=reference.pipeline_version_id if reference else None,
        recurring_run_id=answer.recurring_run_id or None,
        tasks=tuple(_task(task) for task in details or ()),
    )


def read_schedule(answer: Any) -> Schedule:
    """Reads what the generated client made of a recurring run."""
    trigger = answer.trigger
    cron = trigger.cron_schedule if trigger else None
    periodic = trigger.periodic_schedule if trigger else None
    timing = cron or periodic
    reference = answer.pipeline_version_reference
    config = answer.runtime_config
    interval = periodic.interval_second if periodic else None
    return Schedule(
        id=_needed(answer, "recurring_run_id"),
        name=answer.display_name or "",
        enabled=answer.status == "ENABLED",
        cron=(cron.cron or None) if cron else None,
        interval_seconds=int(interval) if interval else None,
        start=_time(timing.start_time) if timing else None,
        end=_time(timing.end_time) if timing else None,
        catch_up=not answer.no_catchup,
        maximum_concurrency=int(answer.max_concurrency) if answer.max_concurrency else None,
        pipeline_id=reference.pipeline_id if reference else None,
        version_id=reference.pipeline_version_id if reference else None,
        parameters=dict(config.parameters or {}) if config else {},
    )


def _task(answer: Any) -> TaskState:
    return TaskState(
        name=answer.display_name or "",
        state=str(answer.state or "RUNTIME_STATE_UNSPECIFIED").upper(),
        started=_time(answer.start_time),
        finished=_time(answer.end_time),
    )


def _needed(answer: Any, name: str) -> str:
    value = getattr(answer, name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is missing")
    return value


def _time(value: datetime.datetime | None) -> datetime.datetime | None:
    if value is None or value.year < _FIRST_YEAR:
        return None
    return value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)
