"""One self-contained HTML page for a node, made of the run report's own fragments."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from markupsafe import Markup
from tensorflow_metadata.proto.v0 import anomalies_pb2

from components.evaluator.outcome.reading import Evaluation, read_evaluation
from components.serving_validator.outcome import read_serving
from core.artifact_files import split_folders
from kubeflow.entrypoint.pages.artifact_folder import local_folder
from metadata.records import Artifact, Execution
from models.training_record import read_training
from report.gate_report import read_gate_report
from report.render import page
from report.sections import data, gate, metrics, schema, serving, training
from report.statistics import read_statistics

_ANOMALIES_FILE = "SchemaDiff.pb"
_BEST_HYPERPARAMETERS_FILE = "best_hyperparameters.txt"
_MODEL_BLESSING = "ModelBlessing"


def node_page(execution: Execution) -> str:
    """The page of one execution.

    Args:
      execution: Of a node that has a page, done or cached.

    Returns:
      An HTML document.

    Raises:
      KeyError: If the node has none, or lacks the artifact that it is drawn from.
      OSError: If its files cannot be read.
    """
    title, draw = _PAGES[execution.node]
    top = Markup("<section><h2>{}</h2>{}</section>").format(title, draw(execution))
    footer = "This file needs no network."
    return page(execution.node, subheading=execution.run_id, top=top, footer=footer)


def blessing(execution: Execution) -> bool | None:
    """Whether an Evaluator blessed its model; None where nothing was validated."""
    for artifact in execution.outputs.get("blessing", ()):
        if artifact.type == _MODEL_BLESSING:
            return artifact.value("blessed") == 1
    return None


def evaluation_of(execution: Execution) -> Evaluation:
    """What an Evaluator found.

    Raises:
      KeyError: If it left nothing.
      OSError: If its files cannot be read.
    """
    with local_folder(_only(execution.outputs["evaluation"]).uri) as folder:
        return read_evaluation(folder)


def _only(artifacts: tuple[Artifact, ...]) -> Artifact:
    [artifact] = artifacts
    return artifact


def _statistics(execution: Execution) -> Markup:
    with local_folder(_only(execution.outputs["statistics"]).uri) as folder:
        return data.fragment(read_statistics(str(folder)))


def _anomalies(execution: Execution) -> Markup:
    return _anomalies_of(_only(execution.outputs["anomalies"]))


def _anomalies_of(artifact: Artifact) -> Markup:
    with local_folder(artifact.uri) as folder:
        found = {
            split: anomalies_pb2.Anomalies.FromString((place / _ANOMALIES_FILE).read_bytes())
            for split, place in split_folders(str(folder)).items()
        }
    return schema.anomalies_fragment(found)


def _gate(execution: Execution) -> Markup:
    said = _only(execution.outputs["blessing"])
    counts = [
        f"{said.value(key)} {words}"
        for key, words in (("warnings", "warnings"), ("allowed", "allowed anomalies"))
        if said.value(key)
    ]
    accepted = Markup('<p class="lead"><span class="chip good">✓ accepted</span> {}</p>').format(
        f"with {' and '.join(counts)}" if counts else "The run goes on with these data."
    )
    with local_folder(said.uri) as folder:
        try:
            report = gate.fragment(read_gate_report(folder))
        except (FileNotFoundError, ValueError):
            report = Markup("")  # Of an earlier version.
    return accepted + report + _anomalies_of(_only(execution.inputs["anomalies"]))


def _training(execution: Execution) -> Markup:
    with local_folder(_only(execution.outputs["model_run"]).uri) as folder:
        return training.fragment(read_training(folder))


def _tuning(execution: Execution) -> Markup:
    with local_folder(_only(execution.outputs["best_hyperparameters"]).uri) as folder:
        document = json.loads(Path(folder, _BEST_HYPERPARAMETERS_FILE).read_text(encoding="utf-8"))
    rows = Markup("").join(
        Markup("<dt>{}</dt><dd>{}</dd>").format(name, value)
        for name, value in document["values"].items()
    )
    return Markup(
        '<p class="lead">The best values found.</p><dl class="facts narrow">{}</dl>'
    ).format(rows)


def _evaluation(execution: Execution) -> Markup:
    verdict = {
        True: Markup('<p class="lead"><span class="chip good">✓ blessed</span></p>'),
        False: Markup('<p class="lead"><span class="chip bad">✕ not blessed</span></p>'),
        None: Markup(""),
    }[blessing(execution)]
    return verdict + metrics.fragment(evaluation_of(execution))


def _serving(execution: Execution) -> Markup:
    with local_folder(_only(execution.outputs["blessing"]).uri) as folder:
        return serving.fragment(read_serving(folder))


_PAGES: dict[str, tuple[str, Callable[[Execution], Markup]]] = {
    "StatisticsGen": ("Statistics", _statistics),
    "ExampleValidator": ("Anomalies", _anomalies),
    "DataGate": ("Data gate", _gate),
    "Tuner": ("Hyperparameters", _tuning),
    "Trainer": ("Training", _training),
    "Evaluator": ("Evaluation", _evaluation),
    "ServingValidator": ("Safe to serve", _serving),
}
