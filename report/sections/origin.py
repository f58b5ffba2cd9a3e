"""Where the model came from: a picture, and the same in words."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from core import formats
from metadata.lineage import Dataset, Lineage
from metadata.records import Artifact
from metadata.run_file import Identity
from report.graph import Box, draw
from report.layered import Size
from report.registered import Registered
from report.story import Missing, Story
from report.templating import render

_TITLES = {
    "Examples": "Examples",
    "ExampleStatistics": "Statistics",
    "ExampleAnomalies": "Anomalies",
    "TransformGraph": "Transform graph",
    "HyperParameters": "Hyperparameters",
    "ModelEvaluation": "Evaluation",
    "ModelBlessing": "Blessing",
    "PushedModel": "Pushed model",
    "DataBlessing": "Data blessing",
    "InfraBlessing": "Infra blessing",
}


@dataclasses.dataclass(frozen=True)
class Line:
    """One answer: a question in a word or two, and the facts."""

    name: str
    values: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Beside:
    """What is known of a lineage beside ML Metadata.

    Attributes:
      rows: Rows by split, for examples that do not say how many they have.
      hyperparameters: What the Trainer noted that it used, tuned or configured.
      identities: What the runs ran on, by run id.
      registered: What the registry knows of the model.
    """

    rows: Mapping[str, int] = dataclasses.field(default_factory=dict)
    hyperparameters: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    identities: Mapping[str, Identity] = dataclasses.field(default_factory=dict)
    registered: Registered = dataclasses.field(default_factory=Registered)


def beside(story: Story) -> Beside:
    """Takes from a run's story what its lineage needs."""
    data, trained = story.statistics, story.training
    return Beside(
        rows={} if isinstance(data, Missing) else data.rows,
        hyperparameters={} if isinstance(trained, Missing) else trained.hyperparameters,
        identities=story.identities,
        registered=Registered() if isinstance(story.registered, Missing) else story.registered,
    )


def lines(found: Lineage, known: Beside) -> list[Line]:
    """The lineage in words.

    Args:
      found: The lineage.
      known: What the store does not have.
    """
    answers = []
    for dataset in found.datasets:
        counts = dataset.rows or known.rows
        rejected = f"{formats.plural(dataset.rejected, 'row')} rejected" if dataset.rejected else ""
        answers.append(
            Line(
                "Data",
                _present(
                    f"span {dataset.span}" if dataset.span is not None else "",
                    f"version {dataset.version}" if dataset.version is not None else "",
                    ", ".join(f"{split} {count:,} rows" for split, count in counts.items()),
                    rejected,
                    dataset.artifact.uri,
                ),
            )
        )
        answers.append(Line("Input files", _present(dataset.input_base, dataset.fingerprint)))
    for name, key in (("Schema", "schema"), ("Transform graph", "transform_graph")):
        artifact = found.first(key)
        if artifact is not None:
            answers.append(Line(name, (artifact.uri,)))
    hyperparameters = known.hyperparameters or found.hyperparameters
    values = [f"{k} = {formats.setting(v)}" for k, v in hyperparameters.items() if v is not None]
    answers.append(Line("Hyperparameters", tuple(values)))
    answers.append(Line("Trained", _trained(found, known)))
    for name, key, kind in (
        ("Model", "model", "Model"),
        ("Evaluation", "evaluation", "ModelEvaluation"),
        ("Blessing", "blessing", "ModelBlessing"),
        ("Pushed", "pushed_model", "PushedModel"),
    ):
        artifact = found.first(key)
        if artifact is not None and artifact.type == kind:
            answers.append(Line(name, _present(*_facts(artifact), artifact.uri)))
            if kind == "PushedModel":
                answers.append(Line("Version", known.registered.words))
    for model in found.references:
        version = known.registered.versions.get(model.id, "")
        answers.append(Line("Compared with", _present(version, model.uri)))
    versions = {str(a.value("tfx_version")) for a in found.artifacts.values()} - {"None"}
    if versions:
        answers.append(Line("TFX", tuple(sorted(versions))))
    return [line for line in answers if line.values]


def _trained(found: Lineage, known: Beside) -> tuple[str, ...]:
    model = found.first("model")
    step = found.step(model.id) if model else None
    if step is None:
        return ()
    identity = known.identities.get(step.execution.run_id, Identity())
    return _present(
        f"in run {step.execution.run_id}",
        formats.time(step.execution.updated),
        f"code {identity.code}" if identity.code else "",
        f"configuration {identity.configuration}" if identity.configuration else "",
    )


def picture(found: Lineage, known: Beside) -> Markup:
    """Draws the artifacts of a lineage, from the input files down.

    Args:
      found: The lineage.
      known: What the store does not have.
    """
    boxes = []
    run = next((s.execution.run_id for s in reversed(found.steps) if s.execution.run_id), "")
    datasets = {dataset.artifact.id: dataset for dataset in found.first_examples}
    for dataset in datasets.values():
        if dataset.input_base or dataset.fingerprint:
            boxes.append(
                Box(
                    id=f"files-{dataset.artifact.id}",
                    title="Input files",
                    lines=(dataset.input_base, dataset.fingerprint),
                    kind="files",
                )
            )
    references = {artifact.id for artifact in found.references}
    for artifact in sorted(found.artifacts.values(), key=lambda a: a.id):
        step = found.step(artifact.id)
        upstream = [str(i) for _, i in step.inputs] if step else []
        facts = _facts(artifact)
        if artifact.id == known.registered.pushed_model:
            facts = (known.registered.words[0], *facts)
            if known.registered.withdrawn is not None:
                facts = (f"{facts[0]}, withdrawn", *facts[1:])
        version = known.registered.versions.get(artifact.id, "")
        if artifact.id in references and version:
            facts = (version, *facts)
        if artifact.id in datasets:
            upstream = [f"files-{artifact.id}"]
            facts = _dataset_facts(datasets[artifact.id], known.rows)
        by = "from an earlier run"
        if step is not None:
            by = f"by {step.execution.node}"
            if step.execution.run_id and step.execution.run_id != run:
                by += f" in run {step.execution.run_id}"
        title = "Blessed baseline" if artifact.id in references else _title(artifact, found)
        boxes.append(
            Box(
                id=str(artifact.id),
                title=title,
                lines=(" · ".join(facts) or by, by if facts else ""),
                upstream=tuple(upstream),
                kind="reference" if artifact.id in references else _kind(artifact),
                corner=f"#{artifact.id}",
            )
        )
    label = f"Lineage of {_title(found.root, found).lower()} {found.root.id}"
    return draw(boxes, "lineage", label, Size(width=230, height=70, gap_x=18, gap_y=28))


def fragment(found: Lineage, known: Beside) -> Markup:
    """Renders picture and words.

    Args:
      found: The lineage.
      known: What the store does not have.
    """
    return render(
        "lineage.html.jinja",
        picture=picture(found, known),
        lines=lines(found, known),
        subject=_title(found.root, found).lower(),
    )


def _title(artifact: Artifact, found: Lineage) -> str:
    if artifact.type == "Examples" and found.key(artifact.id) == "transformed_examples":
        return "Transformed examples"
    return _TITLES.get(artifact.type, artifact.type)


def _kind(artifact: Artifact) -> str:
    for key in ("blessed", "pushed"):
        value = artifact.value(key)
        if value in (0, 1) and artifact.type in ("ModelBlessing", "PushedModel", "InfraBlessing"):
            return "done" if value == 1 else "failed"
    return "plain"


def _facts(artifact: Artifact) -> tuple[str, ...]:
    if artifact.type == "ModelBlessing":
        return ("blessed" if artifact.value("blessed") == 1 else "not blessed",)
    if artifact.type == "PushedModel":
        if artifact.value("pushed") != 1:
            return ("not pushed",)
        version = artifact.value("pushed_version")
        destination = str(artifact.value("pushed_destination") or "")
        return _present(f"as number {version}" if version else "", destination)
    return ()


def _dataset_facts(dataset: Dataset, rows: Mapping[str, int]) -> tuple[str, ...]:
    counts = dataset.rows or rows
    return _present(
        f"span {dataset.span}" if dataset.span is not None else "",
        f"version {dataset.version}" if dataset.version is not None else "",
        f"{formats.number(sum(counts.values()))} rows" if counts else "",
    )


def _present(*values: str) -> tuple[str, ...]:
    return tuple(value for value in values if value)
