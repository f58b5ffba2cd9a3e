"""Puts the sections together: one self-contained HTML file for a run."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from core.files import write_text
from pipeline.metadata.run_folder import RunFolder
from pipeline.report import formats
from pipeline.report.sections import data, metrics, nodes, origin, schema, training, verdict
from pipeline.report.story import Missing, Story, gather
from pipeline.report.templating import render


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
    body: Markup = Markup("")
    missing: str = ""


def page(
    title: str,
    *,
    sections: Sequence[Section] = (),
    top: Markup = Markup(""),
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
    rows = {} if isinstance(story.statistics, Missing) else dict(story.statistics.rows)
    found = [
        Section("graph", "Graph and times", nodes.fragment(story.account, story.files.log)),
    ]

    def add(name: str, title: str, value: object, body: Markup | None) -> None:
        if isinstance(value, Missing) or body is None:
            reason = value.reason if isinstance(value, Missing) else "There is nothing to show."
            found.append(Section(name, title, missing=reason))
        else:
            found.append(Section(name, title, body))

    evaluation, lineage = story.evaluation, story.lineage
    add(
        "metrics", "Metrics", evaluation,
        None if isinstance(evaluation, Missing) else metrics.fragment(evaluation),
    )
    trained = story.training
    add(
        "training", "Training", trained,
        None if isinstance(trained, Missing) else training.fragment(trained.history, trained.facts),
    )
    examples = story.statistics
    add("data", "Data", examples, None if isinstance(examples, Missing) else data.fragment(examples))
    anomalies = story.anomalies
    add(
        "anomalies", "Anomalies", anomalies,
        None if isinstance(anomalies, Missing) else schema.anomalies_fragment(anomalies),
    )
    known = story.schema
    add("schema", "Schema", known,
        None if isinstance(known, Missing) else schema.schema_fragment(known))
    add(
        "lineage", "Lineage", lineage,
        None if isinstance(lineage, Missing) else origin.fragment(lineage, rows),
    )
    found.append(Section("configuration", "Configuration and paths", _configuration(story)))
    return found


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
            ("Metadata store", RunFolder(story.root).store),
        ],
    )
