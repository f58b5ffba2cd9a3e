"""Drawings of a made run: pages, numbers, curves, and the file that Kubeflow's launcher reads."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format

from kubeflow.entrypoint.arguments import Output
from kubeflow.entrypoint.pages.outputs import write_outputs
from kubeflow.graph.node_outputs import node_outputs
from kubeflow.package.pipeline_spec import pipeline_spec_pb2
from metadata.run_folder import RunFolder
from metadata.store import open_store, sqlite_config
from pipeline.configuration.loading import load
from pipeline.configuration.model import PipelineConfiguration
from tests.made_run import HOSTILE, Recorder, make_run

Draw = Callable[..., Path]


@pytest.fixture
def configuration(repository: Path) -> PipelineConfiguration:
    return load(repository / "configs" / "taxi.yaml").configuration


@pytest.fixture
def draw(tmp_path: Path, configuration: PipelineConfiguration) -> Draw:
    """Draws one node of a made run; gives the folder of what was written."""

    def draw_node(node: str, root: Path | None = None, bound: float = 0.8) -> Path:
        if root is None:
            root = make_run(tmp_path / "runs", bound=bound).root
        folder = tmp_path / "drawn"
        write_outputs(
            tuple(
                Output(o.name, o.type, str(folder / o.name)) for o in node_outputs(node, "binary")
            ),
            str(folder / "executor_output.json"),
            node=node,
            run_id="run-1",
            store=open_store(sqlite_config(RunFolder(root).store)),
            configuration=configuration,
        )
        return folder

    return draw_node


def described(folder: Path) -> dict[str, Any]:
    """The metadata of each artifact in the file, read as the launcher does."""
    text = (folder / "executor_output.json").read_text()
    found = json_format.Parse(text, pipeline_spec_pb2().ExecutorOutput())
    return {
        name: json_format.MessageToDict(artifacts.artifacts[0].metadata)
        for name, artifacts in found.artifacts.items()
    }


@pytest.mark.parametrize(
    ("node", "words"),
    [
        ("StatisticsGen", "payment_type"),
        ("ExampleValidator", "follow the schema"),
        ("Trainer", "the weights of step 100"),
        ("Evaluator", "at least 0.8"),
    ],
)
def test_a_page_shows_what_the_node_found_and_needs_nothing_else(
    node: str, words: str, draw: Draw
) -> None:
    folder = draw(node)

    html = (folder / "report").read_text()
    assert words in html
    assert html.startswith("<!doctype html>")
    assert HOSTILE not in html
    assert not re.search(r"<(script|img|iframe|object)|<link[^>]+http", html)
    assert described(folder)["report"] == {}


def test_the_gates_page_says_what_it_accepted(draw: Draw, tmp_path: Path) -> None:
    root = make_run(tmp_path / "runs").root
    recorder = Recorder(RunFolder(root).store, "run-1")
    anomalies = recorder.artifact("ExampleAnomalies", root / "artifacts" / "run-1" / "anomalies")
    said = recorder.artifact("DataBlessing", root / "x", blessed=1, warnings=2, allowed=0)
    recorder.execute("DataGate", inputs={"anomalies": anomalies}, outputs={"blessing": said})

    html = (draw("DataGate", root) / "report").read_text()

    assert "accepted" in html
    assert "with 2 warnings" in html


def test_the_tuners_page_shows_the_best_values(draw: Draw, tmp_path: Path) -> None:
    folder = tmp_path / "best"
    folder.mkdir()
    values = {"space": [], "values": {"learning_rate": 0.003}}
    (folder / "best_hyperparameters.txt").write_text(json.dumps(values))
    recorder = Recorder(RunFolder(tmp_path / "runs").store, "run-1")
    found = recorder.artifact("HyperParameters", folder)
    recorder.execute("Tuner", outputs={"best_hyperparameters": found})

    html = (draw("Tuner", tmp_path / "runs") / "report").read_text()

    assert "<dt>learning_rate</dt><dd>0.003</dd>" in html


def test_metrics_are_numbers_with_the_verdict(draw: Draw) -> None:
    kept = {"auc": 0.9, "example_count": 300.0, "thresholds_missed": 0.0, "blessed": 1.0}

    assert described(draw("Evaluator"))["metrics"] == kept


def test_metrics_of_a_refused_model_count_what_it_missed(draw: Draw) -> None:
    metrics = described(draw("Evaluator", bound=0.95))["metrics"]

    assert (metrics["blessed"], metrics["thresholds_missed"]) == (0.0, 1.0)


def test_a_curve_and_a_matrix_have_the_structure_that_the_interface_checks(draw: Draw) -> None:
    found = described(draw("Evaluator"))["classification"]

    # The made counts at 0.5: 75 of 100 positives found, 50 of 100 negatives too.
    assert found["confusionMatrix"] == {
        "annotationSpecs": [{"displayName": "negative"}, {"displayName": "positive"}],
        "rows": [{"row": [50.0, 50.0]}, {"row": [25.0, 75.0]}],
    }
    curve = found["confidenceMetrics"]
    assert len(curve) == 9
    assert curve[4] == {"confidenceThreshold": 0.5, "recall": 0.75, "falsePositiveRate": 0.5}
    rates = [point["falsePositiveRate"] for point in curve]
    assert rates == sorted(rates)


def test_what_cannot_be_drawn_is_left_out_and_the_rest_is_there(
    draw: Draw, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "drawn" / "metrics").mkdir(parents=True)

    folder = draw("Evaluator")

    assert set(described(folder)) == {"report", "classification"}
    assert "metrics is not drawn: IsADirectoryError" in caplog.text


def test_a_node_without_drawings_still_describes_its_outputs(draw: Draw) -> None:
    folder = draw("Transform")

    assert described(folder) == {}
