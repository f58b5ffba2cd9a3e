"""Each section says what its data say."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2

from components.evaluator.outcome.reading import Curves, Evaluation, Metric, Slice
from metadata.run_file import NodeRecord, RunRecord
from models.training_record import Training
from report.sections import metrics, nodes, schema, training


def described(text: str) -> schema.Row:
    """The only feature of a schema, described."""
    (row,) = schema.rows(text_format.Parse(text, schema_pb2.Schema()))
    return row


@pytest.mark.parametrize(
    ("feature", "attribute", "words"),
    [
        ("presence { min_fraction: 1 }", "presence", "required"),
        ("presence { min_fraction: 0.5 }", "presence", "in at least 50 %"),
        ("presence { min_count: 1 }", "presence", "optional"),
        ("value_count { min: 1 max: 1 }", "count", "1"),
        ("value_count { min: 1 max: 3 }", "count", "1 to 3"),
        ("value_count { min: 1 }", "count", "1 or more"),
        ("shape { dim { size: 2 } dim { size: 3 } }", "count", "2 \N{MULTIPLICATION SIGN} 3"),
        ("shape {}", "count", "1"),
        ("float_domain { min: 0 }", "domain", "0 to ∞"),
        ("int_domain { min: 1 max: 7 is_categorical: true }", "domain", "1 to 7, categorical"),
        ("bool_domain {}", "domain", "true or false"),
        ("domain: 'elsewhere'", "domain", "elsewhere"),
        ("deprecated: true", "notes", "deprecated"),
        ("not_in_environment: 'SERVING'", "notes", "not in SERVING"),
        ("type: BYTES", "type", "bytes"),
    ],
)
def test_a_schema_is_said_in_words(feature: str, attribute: str, words: str) -> None:
    row = described(f"feature {{ name: 'x' {feature} }}")

    assert getattr(row, attribute) == words


def test_a_long_domain_is_cut() -> None:
    values = " ".join(f"value: 'v{i}'" for i in range(40))

    row = described(f"feature {{ name: 'x' string_domain {{ {values} }} }}")

    assert (row.domain, len(row.values), row.more) == ("40 values", 12, 28)


def test_equal_anomalies_of_splits_are_one_and_errors_come_first() -> None:
    proto = text_format.Parse(
        "anomaly_info { key: 'a' value { severity: WARNING short_description: 'odd' } }"
        "anomaly_info { key: 'b' value { severity: ERROR short_description: 'wrong' } }"
        "dataset_anomaly_info { severity: ERROR short_description: 'few' }",
        anomalies_pb2.Anomalies(),
    )

    found = schema.findings({"train": proto, "eval": proto})

    assert [(f.feature, f.severity, f.splits) for f in found] == [
        ("b", "error", ("train", "eval")),
        ("the dataset", "error", ("train", "eval")),
        ("a", "warning", ("train", "eval")),
    ]


def test_the_loss_is_the_first_curve_and_pairs_train_with_eval() -> None:
    metrics = {"auc": {"eval": [0.5, 0.6]}, "loss": {"train": [1.0, math.nan], "eval": [2.0, 3.0]}}

    loss, auc = training.curves(Training((10, 20), metrics, 10, {}))

    assert (loss.name, loss.last, loss.best) == ("loss", {"train": 1.0, "eval": 3.0}, 2.0)
    assert (auc.name, auc.last, auc.best) == ("auc", {"eval": 0.6}, 0.5)


def test_a_training_without_measurements_says_so() -> None:
    drawn = training.fragment(Training((), {}, None, {"seconds": 1}))

    assert "recorded no measurements" in drawn


def test_facts_are_flattened() -> None:
    facts = {"a": {"b": 1}, "list": [1, 2], "long": list(range(20)), "none": None}

    assert training.flatten(facts) == [("a.b", 1), ("list", "1, 2"), ("long", "20 entries")]


def test_the_time_line_is_to_scale(tmp_path: Path) -> None:
    account = RunRecord(
        "r",
        "p",
        "succeeded",
        "2026-05-04T10:00:00+00:00",
        "2026-05-04T10:00:10+00:00",
        nodes=(
            NodeRecord("a", (), "done", "2026-05-04T10:00:00+00:00", 5.0),
            NodeRecord("b", ("a",), "done", "2026-05-04T10:00:05+00:00", 2.5),
            NodeRecord("c", ("b",)),
        ),
    )
    (tmp_path / "b.log").write_text("")

    found = nodes.rows(account, lambda node: tmp_path / f"{node}.log")

    assert [(row.left, row.width) for row in found] == [(0, 50), (50, 25), (0, 0)]
    assert [row.log for row in found] == ["", f"{tmp_path.name}/b.log", ""]


@pytest.mark.parametrize(("side_by_side", "stacked"), [(3, False), (4, True)])
def test_a_wide_graph_stands_above_its_table(
    tmp_path: Path, side_by_side: int, stacked: bool
) -> None:
    waiting = [NodeRecord(f"n{i}", ("a",)) for i in range(side_by_side)]
    account = RunRecord(
        "r", "p", "running", "2026-05-04T10:00:00+00:00", nodes=(NodeRecord("a", ()), *waiting)
    )
    found = nodes.fragment(account, lambda node: tmp_path / f"{node}.log")
    assert ('class="two stacked"' in found) is stacked


def test_slices_without_metrics_are_named_and_not_listed() -> None:
    metric = {"auc": Metric("auc", 0.9)}
    slices = (
        Slice((), metric),
        Slice((("payment", "Cash"),), metric),
        Slice((("payment", "Dispute"),), {}),
    )
    evaluation = Evaluation(None, slices, (), (), Curves(), has_baseline=False)

    (group,) = metrics.groups(evaluation)

    assert [one.label for one in group.slices] == ["payment = Cash"]
    assert group.too_small == ("Dispute",)
    assert "Too few examples to be reported: Dispute." in metrics.fragment(evaluation)
