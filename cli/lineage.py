"""``millrace lineage``: where a model came from, and what became of data."""

from __future__ import annotations

from pathlib import Path

import click
from rich.text import Text

from cli.models_options import registry_options
from cli.printing import console, print_json
from metadata.run_folder import RunFolder
from pipeline.access.registry import open_registry
from registry.lineage.answers import answer
from registry.lineage.subject import find_subject
from registry.lineage.words import document, lines


@click.command()
@click.argument("name", metavar="VERSION|RUN|PATH", default="champion")
@registry_options
def lineage(
    name: str,
    pipeline: str | None,
    configuration: Path | None,
    profile: str | None,
    root: Path,
    as_json: bool,
) -> None:
    """Say where a model came from, and which models were trained on the same data.

    Answers: which data (span, version, files, fingerprint, rows); which hyperparameters;
    which run created it and which one trained the model; which TensorFlow, TFX and commit;
    when it was pushed where and by whom, or why not, or when it was withdrawn; and which
    models were trained on these data.

    The argument is a version (1.0.0), an alias (champion, previous, candidate), a number
    in the serving folder, a run, `latest`, `span:N`, or a path: of an artifact, of a pushed
    model, or of input files. For the picture see the report of the run.

    \b
    Examples:
      millrace lineage
      millrace lineage 1.0.0 --json
      millrace lineage span:5
      millrace lineage /data/trips/span-5
    """
    with open_registry(root, configuration, profile, pipeline) as registry:
        models = [registry.models]
        subject = find_subject(registry.store, models, name, RunFolder(root).run_ids())
        found = answer(registry.store, models, subject)
        if as_json:
            documents = [document(one) for one in found]
            print_json(documents[0] if len(documents) == 1 else documents)
            return
        out = console()
        for one in found:
            root_artifact = one.lineage.root
            out.print(
                Text.assemble(
                    (subject.name, "bold"), (f"  {root_artifact.type} {root_artifact.id}", "dim")
                ),
                soft_wrap=True,
            )
            for label, text in lines(one):
                out.print(Text.assemble((f"{label:<20} ", "dim"), text), soft_wrap=True)
