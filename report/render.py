"""Puts the sections together: one self-contained HTML file for a run."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from markupsafe import Markup

from core import formats
from core.files import write_text
from metadata.run_folder import RunFolder
from metadata.run_store import run_store_name
from report.sections import (
    data,
    gate,
    metrics,
    nodes,
    origin,
    quarantine,
    schema,
    serving,
    training,
    verdict,
)
from report.story import Maybe, Missing, Story, gather
from report.templating import render

EMPTY = Markup("")

_T = TypeVar("_T")


@dataclasses.dataclass(frozen=True)
class Section:
    """One section of a page.

    Attributes:
      id: Its anchor.
      title: Its heading.
      body: Its content; empty where it is missing.
      missing: Why it is missing; empty where it is there.
    """

    id: str
    title: str
    body: Markup = EMPTY
    missing: str = ""


def page(
    title: str,
    *,
    sections: Sequence[Section] = (),
    top: Markup = EMPTY,
    subheading: str = "",
    footer: str = "",
) -> str:
    """A whole HTML document that needs nothing but itself.

    One section's fragment as `top` gives a page for that alone, such as an
    artifact that another program shows.

    Args:
      title: Of the document and its heading.
      sections: With entries in the navigation.
      top: Content before the sections.
      subheading: Beside the heading.
      footer: The last line.
    """
    return str(
        render(
            "page.html.jinja",
            title=title if not subheading else f"{title} · {subheading}",
            heading=title,
            subheading=subheading,
            sections=sections,
            top=top,
            footer=footer,
        )
    )


def sections(story: Story) -> list[Section]:
    """All sections of a run's report but the headline."""
    beside = origin.beside(story)
    found = [
        Section("graph", "Graph and times", nodes.fragment(story.account, story.files.log)),
    ]

    def add(name: str, title: str, value: Maybe[_T], body: Callable[[_T], Markup]) -> None:
        if isinstance(value, Missing):
            found.append(Section(name, title, missing=value.reason))
        else:
            found.append(Section(name, title, body(value)))

    if not isinstance(story.set_aside, Missing) and story.set_aside:
        body = quarantine.fragment(story.set_aside, story.account.run_id)
        found.append(Section("quarantine", "Quarantined data", body))
    trial = None if isinstance(story.serving, Missing) else story.serving
    add("metrics", "Metrics", story.evaluation, lambda found: metrics.fragment(found, trial))
    if not _is_switched_off(story):
        add("serving", "Safe to serve", story.serving, serving.fragment)
    add("training", "Training", story.training, training.fragment)
    add("data", "Data", story.statistics, data.fragment)
    if not isinstance(story.gate, Missing) or story.account.node("DataGate") is not None:
        add("gate", "Data gate", story.gate, gate.fragment)
    add("anomalies", "Anomalies", story.anomalies, schema.anomalies_fragment)
    inferred = () if isinstance(story.inferred, Missing) else story.inferred
    add("schema", "Schema", story.schema, lambda curated: schema.schema_fragment(curated, inferred))
    add("lineage", "Lineage", story.lineage, lambda made: origin.fragment(made, beside))
    found.append(Section("configuration", "Configuration and paths", _configuration(story)))
    return found


def _is_switched_off(story: Story) -> bool:
    return isinstance(story.serving, Missing) and story.account.node("ServingValidator") is None


def render_report(story: Story) -> str:
    """The report as HTML.

    Args:
      story: What is known of the run.
    """
    account = story.account
    return page(
        account.pipeline,
        subheading=account.run_id,
        top=verdict.fragment(story),
        sections=sections(story),
        footer=f"Started {formats.time(account.started)}, ended {formats.time(account.finished)}. "
        "This file needs no network.",
    )


def write_report(run_folder: Path, run_id: str) -> Path:
    """Writes the report of a run, whether it ended well or not.

    Args:
      run_folder: The folder of all runs, such as ``.millrace``.
      run_id: The run.

    Returns:
      Path of the HTML file in the run's own folder.

    Raises:
      InfrastructureError: If the run has no readable account.
      OSError: If the disk refuses.
    """
    path = RunFolder(run_folder).run(run_id).report
    write_text(path, render_report(gather(run_folder, run_id)))
    return path


def _configuration(story: Story) -> Markup:
    files = story.files
    missing = isinstance(story.configuration, Missing)
    return render(
        "configuration.html.jinja",
        identity=story.account.identity,
        configuration="" if missing else story.configuration,
        why=story.configuration.reason if isinstance(story.configuration, Missing) else "",
        paths=[
            ("Run folder", files.folder),
            ("Logs", files.logs),
            ("Events", files.events),
            ("Metadata store", run_store_name(RunFolder(story.root), story.account.run_id)),
        ],
    )
