"""TFMA's files are read without TFMA, and every bound has its verdict."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf import text_format
from google.protobuf.message import DecodeError

from components.evaluator.outcome import bounds, protos
from components.evaluator.outcome.reading import read_evaluation, slice_label
from components.evaluator.outcome.slices import natural
from tests.made_run import HOSTILE, write_evaluation, write_gates, write_records


def test_metrics_are_read_by_slice(tmp_path: Path) -> None:
    write_evaluation(tmp_path)

    found = read_evaluation(tmp_path)

    assert found.overall is not None
    assert found.overall.examples == 300
    assert {s.label: s.metrics["auc"].value for s in found.slices} == {
        "all examples": 0.9,
        "payment_type = Cash": 0.7,
        f"payment_type = {HOSTILE}": 0.6,
    }


def test_kept_bounds_are_listed_with_the_slices_they_apply_to(tmp_path: Path) -> None:
    write_evaluation(tmp_path, bound=0.8)

    found = read_evaluation(tmp_path)

    assert found.ok
    assert [(c.slice_label, c.bound, c.passed) for c in found.checks] == [
        ("all examples", "at least 0.8", True),
        (f"payment_type = {HOSTILE}", "at least 0.5", True),
        ("payment_type = Cash", "at least 0.5", True),
    ]


def test_a_broken_bound_comes_first_with_its_value(tmp_path: Path) -> None:
    write_evaluation(tmp_path, bound=0.95)

    found = read_evaluation(tmp_path)

    assert found.ok is False
    first = found.checks[0]
    assert (first.passed, first.bound, first.value) == (False, "at least 0.95", 0.9)
    assert sum(not check.passed for check in found.checks) == 1


def test_changes_are_checked_against_the_baseline(tmp_path: Path) -> None:
    write_evaluation(tmp_path, baseline=0.88)

    found = read_evaluation(tmp_path)

    assert found.has_baseline
    assert found.overall is not None
    assert found.overall.metrics["auc"].change == pytest.approx(0.02)
    changes = [check for check in found.checks if "change" in check.bound]
    assert [(c.bound, c.baseline, c.passed) for c in changes] == [
        ("change at least -0.05", 0.88, True)
    ]


def test_a_change_without_baseline_is_no_check(tmp_path: Path) -> None:
    write_evaluation(tmp_path, baseline=0.88)
    path = tmp_path / "metrics-00000-of-00001.tfrecord"
    write_evaluation(tmp_path / "other")
    path.write_bytes((tmp_path / "other" / path.name).read_bytes())

    found = read_evaluation(tmp_path)

    assert not [check for check in found.checks if "change" in check.bound]


def test_curves_are_those_of_all_examples(tmp_path: Path) -> None:
    write_evaluation(tmp_path)

    curves = read_evaluation(tmp_path).curves

    assert curves.roc[0] == (0.0, 0.0)
    assert curves.roc[-1] == (1.0, 1.0)
    assert sum(share for _, _, share in curves.calibration) == pytest.approx(1.0)
    assert all(abs(label - prediction) < 0.06 for prediction, label, _ in curves.calibration)


def test_without_validation_nothing_is_ok_or_broken(tmp_path: Path) -> None:
    write_evaluation(tmp_path)
    (tmp_path / "validations.tfrecord").unlink()

    found = read_evaluation(tmp_path)

    assert (found.ok, found.checks) == (None, ())


def test_a_metric_that_was_not_found_is_a_broken_bound_without_value(tmp_path: Path) -> None:
    write_evaluation(tmp_path)
    validation = protos.load()[2].ValidationResult()
    text_format.Parse(
        "metric_validations_per_slice { slice_key {} failures { metric_key { name: 'f1' }"
        " metric_threshold { value_threshold { lower_bound { value: 0.5 } } }"
        " message: 'Metric not found.' } }",
        validation,
    )
    write_records(tmp_path / "validations.tfrecord", [validation.SerializeToString()])

    first = read_evaluation(tmp_path).checks[0]

    assert (first.metric, first.value, first.message) == ("f1", None, "Metric not found.")


def test_confidence_intervals_are_read(tmp_path: Path) -> None:
    row = protos.load()[1].MetricsForSlice()
    text_format.Parse(
        "slice_key {} metric_keys_and_values { key { name: 'auc' }"
        " value { double_value { value: 0.9 } } confidence_interval {"
        " lower_bound { double_value { value: 0.85 } }"
        " upper_bound { double_value { value: 0.95 } } } }",
        row,
    )
    write_records(tmp_path / "metrics-00000-of-00001.tfrecord", [row.SerializeToString()])

    overall = read_evaluation(tmp_path).overall

    assert overall is not None
    assert overall.metrics["auc"].interval == (0.85, 0.95)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    write_records(tmp_path / "metrics-00000-of-00001.tfrecord", [b"\xff" * 20])

    with pytest.raises(DecodeError):
        read_evaluation(tmp_path)


@pytest.mark.parametrize(
    ("spec", "key", "applies"),
    [
        ("", (), True),
        ("", (("a", "1"),), False),
        ("feature_keys: 'a'", (("a", "1"),), True),
        ("feature_keys: 'a'", (("a", "1"), ("b", "2")), False),
        ("feature_keys: 'a' feature_keys: 'b'", (("a", "1"), ("b", "2")), True),
        ("feature_values { key: 'a' value: '1' }", (("a", "1"),), True),
        ("feature_values { key: 'a' value: '2' }", (("a", "1"),), False),
    ],
)
def test_a_slicing_spec_applies_as_in_tfma(
    spec: str, key: tuple[tuple[str, str], ...], applies: bool
) -> None:
    config_pb2 = protos.load()[0]

    assert bounds.applies(text_format.Parse(spec, config_pb2.SlicingSpec()), key) is applies


@pytest.mark.parametrize(
    ("threshold", "words"),
    [
        ("value_threshold { lower_bound { value: 0.5 } }", ["at least 0.5"]),
        (
            "value_threshold { lower_bound { value: 0.5 } upper_bound { value: 0.9 } }",
            ["at least 0.5 and at most 0.9"],
        ),
        (
            "change_threshold { absolute { value: 0.02 } relative { value: 0.1 }"
            " direction: LOWER_IS_BETTER }",
            ["change at most +0.02 and relative change at most +10 %"],
        ),
        (
            "value_threshold { upper_bound { value: 1 } }"
            " change_threshold { absolute { value: -0.01 } direction: HIGHER_IS_BETTER }",
            ["at most 1", "change at least -0.01"],
        ),
    ],
)
def test_bounds_are_said_in_words(threshold: str, words: list[str]) -> None:
    config_pb2 = protos.load()[0]

    assert bounds.in_words(text_format.Parse(threshold, config_pb2.MetricThreshold())) == words


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        ("class_name: 'AUC'", "auc"),
        ("class_name: 'BinaryAccuracy'", "binary_accuracy"),
        ("class_name: 'AUC' config: '{\"name\": \"area\"}'", "area"),
    ],
)
def test_a_metric_has_its_configured_name_or_keras_s(metric: str, name: str) -> None:
    config_pb2 = protos.load()[0]
    config = config_pb2.EvalConfig()
    made = text_format.Parse(metric, config.metrics_specs.add().metrics.add())
    made.threshold.value_threshold.lower_bound.value = 1

    assert [found for found, _, _ in bounds.thresholds(config)] == [name]


def test_bounds_beyond_which_a_value_is_by_chance_are_undecided(tmp_path: Path) -> None:
    write_evaluation(tmp_path)
    write_gates(tmp_path, allow_no_comparison=True)

    checks = read_evaluation(tmp_path).checks

    assert [(c.metric, c.slice_label, c.verdict, c.passed) for c in checks[:2]] == [
        ("gap of accuracy", "by payment_type: Cash 0.7, Card 0.9", "undecided", True),
        ("auc", "payment_type = Cash", "undecided", True),
    ]
    assert {check.verdict for check in checks[2:]} == {"kept"}


def test_slices_by_buckets_are_named_and_ordered_as_numbers() -> None:
    values = [">= 20", "[5, 20)", "< 5"]
    keys = [(("fare{5,20}", value),) for value in values]

    assert [slice_label(key) for key in sorted(keys, key=natural)] == [
        "fare < 5",
        "fare in [5, 20)",
        "fare >= 20",
    ]


def test_a_cross_is_one_label() -> None:
    assert slice_label((("a", "1"), ("b", "2"))) == "a = 1 \N{MULTIPLICATION SIGN} b = 2"


def test_reading_an_evaluation_imports_no_tensorflow(tmp_path: Path, repository: Path) -> None:
    write_evaluation(tmp_path)
    probe = (
        "import json, sys, pathlib\n"
        "from components.evaluator.outcome.reading import read_evaluation\n"
        "found = read_evaluation(pathlib.Path(sys.argv[1]))\n"
        "heavy = {'tensorflow', 'tensorflow_model_analysis', 'apache_beam', 'pandas'}\n"
        "print(json.dumps([len(found.slices), sorted(heavy & set(sys.modules))]))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", probe, str(tmp_path)],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert json.loads(done.stdout) == [3, []]


def test_tfma_still_imports_after_its_protos_were_loaded_alone(repository: Path) -> None:
    probe = (
        "from components.evaluator.outcome import protos\n"
        "config, _, _ = protos.load()\n"
        "import tensorflow_model_analysis as tfma\n"
        "assert tfma.EvalConfig is config.EvalConfig\n"
        "from tensorflow_model_analysis.proto import validation_result_pb2\n"
        "assert protos.load()[2] is validation_result_pb2\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", probe],
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert done.returncode == 0, done.stderr
