"""``millrace kubeflow schedule``: recurring runs on a cluster."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import click

from cli.options import json_option
from core.durations import Duration, Instant
from kubeflow.client.options import Asked, Server, server_options, target_options

if TYPE_CHECKING:
    from rich.table import Table

    from kubeflow.client.records import Schedule


@click.group(epilog="Start with: millrace kubeflow schedule create --help")
def schedule() -> None:
    """Make, list, pause and delete recurring runs.

    \b
    Examples:
      millrace kubeflow schedule create nightly configs/taxi.yaml --cron "0 3 * * *"
      millrace kubeflow schedule create hourly taxi.yaml --every 1h --set trainer.train_steps=500
      millrace kubeflow schedule list
      millrace kubeflow schedule pause nightly
    """


@schedule.command()
@click.argument("name")
@target_options
@click.option(
    "--cron",
    metavar="EXPRESSION",
    help="Five fields as in crontab, or six with the second first, or @daily and the like; "
    "in the cluster's time zone, which is UTC unless it was set up otherwise.",
)
@click.option("--every", type=Duration(), metavar="TIME", help="An interval: 30m, 12h, 7d.")
@click.option("--start", type=Instant(), metavar="TIME", help="No run before this; ISO 8601.")
@click.option("--end", type=Instant(), metavar="TIME", help="No run after this; ISO 8601.")
@click.option(
    "--catch-up/--no-catch-up",
    default=False,
    show_default=True,
    help="After a pause, make up for all runs that were missed, or start the latest only.",
)
@click.option(
    "--maximum-concurrency",
    type=click.IntRange(1, 10),
    default=1,
    show_default=True,
    help="How many of its runs may go on at once.",
)
@json_option
def create(
    name: str,
    asked: Asked,
    cron: str | None,
    every: int | None,
    start: datetime.datetime | None,
    end: datetime.datetime | None,
    catch_up: bool,
    maximum_concurrency: int,
    as_json: bool,
) -> None:
    """Make the recurring run NAME of PACKAGE, CONFIG or a pipeline on the cluster.

    It stays with one version: upload a new one, delete this and make it again. Values that
    travel as text, such as data.span, may hold [[Index]], [[ScheduledTime]] and [[RunUUID]],
    which Kubeflow fills in for each run.

    \b
    Examples:
      millrace kubeflow schedule create nightly taxi.yaml --cron "0 3 * * *"
      millrace kubeflow schedule create hourly --pipeline taxi --every 1h --maximum-concurrency 2
    """
    from kubeflow.client.cron import six_fields
    from kubeflow.client.scheduling import Timing
    from kubeflow.client.scheduling import create as make
    from kubeflow.client.target import find_target

    timing = Timing(
        cron=six_fields(cron) if cron is not None else None,
        interval_seconds=every,
        start=start,
        end=end,
        catch_up=catch_up,
        maximum_concurrency=maximum_concurrency,
    )
    timing.check(datetime.datetime.now(datetime.timezone.utc))
    target = find_target(asked, macros=True)
    made = make(target, name, timing)
    if as_json:
        from cli.printing import print_json

        print_json(_document(made, target.api.link("recurringrun", made.id)))
        return
    for warning in target.warnings:
        click.echo(f"note: {warning}", err=True)
    click.echo(f"{made.name}: {target.pipeline}, version {target.version.name}, {timing.words()}")
    if cron is not None and timing.cron != " ".join(cron.split()):
        click.echo(f"--cron {cron!r} means {timing.cron!r} to Kubeflow: the second comes first")
    click.echo(target.api.link("recurringrun", made.id))


@schedule.command("list")
@server_options
@json_option
def list_schedules(server: Server, as_json: bool) -> None:
    """List the recurring runs, newest first."""
    from cli.printing import console, print_json

    api = server.open()
    found = api.schedules()
    if as_json:
        print_json([_document(item, api.link("recurringrun", item.id)) for item in found])
    elif found:
        console().print(_table(found))
    else:
        click.echo("No recurring runs. `millrace kubeflow schedule create` makes one.")


@schedule.command()
@click.argument("name")
@server_options
def pause(name: str, server: Server) -> None:
    """Let the recurring run NAME (or id) start no more runs."""
    _set_enabled(name, server.open(), enabled=False)


@schedule.command()
@click.argument("name")
@server_options
def resume(name: str, server: Server) -> None:
    """Let the recurring run NAME (or id) start runs again."""
    _set_enabled(name, server.open(), enabled=True)


@schedule.command()
@click.argument("name")
@server_options
def delete(name: str, server: Server) -> None:
    """Delete the recurring run NAME (or id); the runs that it started stay."""
    from kubeflow.client.finding import find_schedule

    api = server.open()
    found = find_schedule(api, name)
    api.delete_schedule(found.id)
    click.echo(f"{found.name} is deleted")


def _set_enabled(name: str, api: Any, *, enabled: bool) -> None:
    from kubeflow.client.finding import find_schedule

    found = find_schedule(api, name)
    word = "enabled" if enabled else "paused"
    if found.enabled == enabled:
        click.echo(f"{found.name} is {word} already")
        return
    api.set_enabled(found.id, enabled=enabled)
    click.echo(f"{found.name} is {word}")


def _document(item: Schedule, link: str) -> dict[str, Any]:
    return {
        "schedule_id": item.id,
        "name": item.name,
        "enabled": item.enabled,
        "cron": item.cron,
        "interval_seconds": item.interval_seconds,
        "start": item.start.isoformat() if item.start else None,
        "end": item.end.isoformat() if item.end else None,
        "catch_up": item.catch_up,
        "maximum_concurrency": item.maximum_concurrency,
        "pipeline_id": item.pipeline_id,
        "version_id": item.version_id,
        "parameters": item.parameters,
        "link": link,
    }


def _table(found: list[Schedule]) -> Table:
    from rich.table import Table
    from rich.text import Text

    from kubeflow.client.scheduling import timing_words

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("Recurring run", overflow="fold")
    for heading in ("State", "When", "Id"):
        table.add_column(heading, no_wrap=True)
    for item in found:
        state = Text("enabled", "green") if item.enabled else Text("paused", "yellow")
        when = timing_words(item.cron, item.interval_seconds)
        table.add_row(item.name, state, when, item.id)
    return table
