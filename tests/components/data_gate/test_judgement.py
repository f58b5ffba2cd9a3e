"""The checks, each on small tables that have and have not what it looks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2, statistics_pb2

from components.data_gate.findings import Finding
from components.data_gate.judgement import (
    Baseline,
    Judgement,
    ModelInputs,
    SplitData,
    judge,
)
from components.data_gate.profiles import dump_profiles, load_profiles
from components.data_gate.rows import read_rows
from components.data_gate.settings import GateSettings
from core.errors import UserError

ROWS = 2_000
Columns = dict[str, Any]
MODEL = ModelInputs(
    kinds={
        "fare": "numeric",
        "company": "categorical",
        "start": "timestamp",
        "zone": "categorical",
    },
    label="tipped",
)


def trips(seed: int = 0, rows: int = ROWS) -> Columns:
    draw = np.random.default_rng(seed)
    return {
        "fare": draw.gamma(2.0, 8.0, rows),
        "company": draw.choice(["Blue", "Red", "Gold"], rows, p=[0.6, 0.3, 0.1]),
        "start": np.arange(rows) + rows * seed,
        "zone": draw.integers(1, 9, rows),
        "unused": draw.normal(size=rows),
        "tipped": (draw.random(rows) < 0.4).astype(np.int64),
    }


def split(columns: Columns, **options: Any) -> SplitData:
    """A split as the gate reads it, without anomalies; None and NaN are gaps."""
    table = {name: pa.array(values, from_pandas=True) for name, values in columns.items()}
    count = len(next(iter(table.values())))
    lists = {}
    for name, values in table.items():
        kind = pa.int64() if pa.types.is_integer(values.type) else values.type
        kind = pa.large_binary() if pa.types.is_string(kind) else kind
        lists[name] = pa.array(
            [None if value is None else [value] for value in values.to_pylist()],
            pa.large_list(kind),
        )
    batch = pa.RecordBatch.from_pydict(lists)
    batches = [batch.slice(0, count // 2), batch.slice(count // 2)]
    options = {"expected": count, "sample_rows": 100_000, **options}
    statistics = statistics_pb2.DatasetFeatureStatistics(num_examples=count)
    return SplitData(anomalies_pb2.Anomalies(), statistics, read_rows(batches, **options))


def judged(
    columns: Columns,
    before: Columns | None = None,
    *,
    settings: dict[str, Any] | None = None,
    model: ModelInputs = MODEL,
    schema: str = "",
) -> Judgement:
    known = GateSettings.model_validate(settings or {})
    expected = text_format.Parse(schema, schema_pb2.Schema())
    baseline = Baseline()
    if before is not None:
        first = judge({"train": split(before)}, expected, known, model, Baseline())
        profiles = load_profiles(dump_profiles(first.profiles))
        assert profiles == first.profiles, "a profile is read as it was written"
        baseline = Baseline(profiles=profiles)
    return judge({"train": split(columns)}, expected, known, model, baseline)


def only(judgement: Judgement) -> Finding:
    [finding] = judgement.findings
    return finding


def test_alike_data_have_no_findings() -> None:
    assert judged(trips(1), trips(2)).findings == ()


def _leaked(columns: Columns) -> Columns:
    return {**columns, "company": np.where(columns["tipped"] == 1, "Blue", "Red")}


def _gap_by_label(columns: Columns) -> Columns:
    return {**columns, "fare": np.where(columns["tipped"] == 1, columns["fare"], np.nan)}


def _leaked_number(columns: Columns) -> Columns:
    return {**columns, "fare": columns["fare"] + 1_000 * columns["tipped"]}


@pytest.mark.parametrize(
    ("fault", "feature", "words"),
    [
        (_leaked, "company", "alone predicts the label"),
        (_leaked_number, "fare", "alone predicts the label"),
        (_gap_by_label, "fare", "gaps give the label away"),
    ],
)
def test_a_feature_that_gives_the_label_away_is_found(
    fault: Callable[[Columns], Columns], feature: str, words: str
) -> None:
    finding = only(judged(fault(trips())))

    assert (finding.check, finding.feature) == ("label_leakage", feature)
    assert words in finding.headline


def test_names_that_never_repeat_predict_nothing() -> None:
    columns = {**trips(), "company": np.array([f"cab {index}" for index in range(ROWS)])}

    assert judged(columns).findings == ()


def test_a_label_of_a_regression_is_leaked_by_its_copy() -> None:
    columns = {**trips(), "tips": np.random.default_rng(3).gamma(2.0, 2.0, ROWS)}
    columns["fare"] = columns["tips"] * 2
    model = ModelInputs(kinds=MODEL.kinds, label="tips", task="regression")

    assert only(judged(columns, model=model)).feature == "fare"
    assert judged({**columns, "fare": trips()["fare"]}, model=model).findings == ()


def test_a_label_that_is_nearly_always_the_same_is_found() -> None:
    columns = trips()
    columns["tipped"] = (np.arange(ROWS) < 10).astype(np.int64)

    finding = only(judged(columns))

    assert (finding.check, finding.values, finding.count) == ("majority_label", ("0",), ROWS - 10)


def test_a_label_unlike_before_is_found() -> None:
    columns = trips(1)
    columns["tipped"] = (np.random.default_rng(5).random(ROWS) < 0.75).astype(np.int64)

    checks = {finding.check for finding in judged(columns, trips(2)).findings}

    assert checks == {"label_drift", "drift"}, "the label is a column as well"


def test_a_label_may_be_an_expression() -> None:
    model = ModelInputs(kinds=MODEL.kinds, label="tipped > 0.5 * zone")
    before = trips(2)
    now = {**trips(1), "zone": np.ones(ROWS, np.int64)}

    checks = {finding.check for finding in judged(now, before, model=model).findings}

    assert "label_drift" in checks


def test_repeated_rows_are_counted() -> None:
    columns = trips()
    repeated = {name: np.concatenate([values, values[:500]]) for name, values in columns.items()}

    finding = only(judged(repeated))

    assert (finding.check, finding.count, finding.examples) == ("duplicated_rows", 500, 2_500)


@pytest.mark.parametrize(("key", "words"), [([], "the whole row"), (["start"], "start")])
def test_examples_in_two_splits_are_found_by_key(key: list[str], words: str) -> None:
    train, evaluation = trips(1), trips(2)
    evaluation = {
        name: np.append(values[:900], train[name][:100]) for name, values in evaluation.items()
    }
    settings = GateSettings.model_validate({"checks": {"split_overlap": {"key": key}}})

    found = judge(
        {"train": split(train, key=key), "eval": split(evaluation, key=key)},
        schema_pb2.Schema(),
        settings,
        MODEL,
        Baseline(),
    )

    finding = only(found)
    assert (finding.split, finding.check, finding.count) == ("eval", "split_overlap", 100)
    assert "in train" in finding.headline
    assert words in finding.seen


def test_numbers_outside_the_known_range_are_found() -> None:
    columns = trips(1)
    columns["fare"] = np.where(np.arange(ROWS) < 80, 5_000.0, columns["fare"])

    finding = only(judged(columns, trips(2)))

    assert (finding.check, finding.feature) == ("extrapolation", "fare")
    assert finding.count in range(80, 100), "the smallest fares may be outside, too"
    assert finding.values[0] == "5000"


def test_time_goes_on() -> None:
    assert judged(trips(7), trips(2)).findings == ()


def test_categories_that_there_were_not_before_are_found() -> None:
    columns = trips(1)
    columns["company"] = np.where(np.arange(ROWS) % 5 == 0, "Green", columns["company"])

    found = {
        finding.check: finding
        for finding in judged(columns, trips(2), settings={"drift": {"categorical": None}}).findings
    }

    assert list(found) == ["unknown_categories"]
    assert found["unknown_categories"].values == ("Green",)
    assert found["unknown_categories"].count == ROWS // 5


def test_whole_numbers_that_are_categories_are_compared_as_such() -> None:
    before, now = trips(2), trips(1)
    # The same numbers, a few places on: the same to the eye of a histogram's neighbour.
    now["zone"] = np.where(now["zone"] == 1, 8, now["zone"])

    finding = only(judged(now, before, settings={"drift": {"categorical": 0.05}}))

    assert (finding.check, finding.feature, finding.blocks) == ("drift", "zone", True)
    assert "L-infinity" in finding.headline


def test_drift_of_what_the_model_does_not_read_only_warns() -> None:
    finding = only(judged({**trips(1), "unused": trips(1)["unused"] + 5}, trips(2)))

    assert (finding.feature, finding.check, finding.severity) == ("unused", "drift", "warn")


def test_a_column_of_one_value_is_found() -> None:
    finding = only(judged({**trips(), "company": np.full(ROWS, "Blue")}))

    assert (finding.check, finding.feature, finding.values) == (
        "constant_columns",
        "company",
        ("Blue",),
    )


@pytest.mark.parametrize(("rows", "found"), [(ROWS, 0), (100, 1), (30_000, 1)])
def test_too_few_or_too_many_examples_are_noted(rows: int, found: int) -> None:
    checks = [finding.check for finding in judged(trips(1, rows), trips(2)).findings]

    assert checks == ["example_count_ratio"] * found


def test_small_samples_may_differ_by_chance() -> None:
    for seed in range(30):
        assert (
            judged(
                trips(seed, 60), trips(seed + 100, 60), settings={"drift": {"numeric": 0.001}}
            ).findings
            == ()
        )


def test_a_missing_share_beyond_the_accepted_is_found_though_no_schema_says_so() -> None:
    columns = trips(1)
    columns["fare"] = np.where(np.arange(ROWS) % 4 == 0, np.nan, columns["fare"])

    finding = only(judged(columns, trips(2)))

    assert (finding.check, finding.feature) == ("proportion_change", "fare")
    assert finding.question.number == 5
    assert finding.blocks


@pytest.mark.parametrize(
    ("severities", "expected"),
    [
        ({}, ["block"]),
        ({"similar": "warn"}, ["warn"]),
        ({"drift": "warn"}, ["warn"]),
        ({"similar": "block", "drift": "ignore"}, []),
    ],
)
def test_severities_follow_the_configuration(
    severities: dict[str, str], expected: list[str]
) -> None:
    shifted = {**trips(1), "zone": trips(1)["zone"] // 4}
    settings = {"severities": severities, "checks": {"unknown_categories": "off"}}

    found = judged(shifted, trips(2), settings=settings)

    assert [finding.severity for finding in found.findings] == expected


def test_an_allowed_check_does_not_stop_the_run() -> None:
    shifted = {**trips(1), "zone": trips(1)["zone"] // 4}
    settings = {"allowed": ["zone:drift"], "checks": {"unknown_categories": "off"}}

    found = judged(shifted, trips(2), settings=settings)

    assert found.refused == []
    assert [finding.feature for finding in found.allowed] == ["zone"]


@pytest.mark.parametrize(
    "settings",
    [
        {"slices": ["compani"]},
        {"drift": {"features": {"compani": 0.5}}},
        {"checks": {"split_overlap": {"key": "compani"}}},
    ],
)
def test_a_feature_that_there_is_not_is_refused_with_the_nearest(settings: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="compani") as raised:
        judged(trips(), settings=settings)

    assert raised.value.code == "unknown-feature"
    assert "'company'" in raised.value.hint


def test_a_sample_is_said_to_be_one() -> None:
    whole = split(trips(0, 20_000), sample_rows=1_000)

    found = judge({"train": whole}, schema_pb2.Schema(), GateSettings(), MODEL, Baseline())

    assert whole.rows is not None
    assert 800 < whole.rows.sampled < 1_200
    assert f"{whole.rows.sampled:,} of 20,000 rows" in found.notes[0]
    assert found.profiles["train"].total == 20_000


def test_a_slice_that_is_new_is_said_not_to_be_compared() -> None:
    columns = trips(1)
    columns["company"] = np.where(np.arange(ROWS) % 10 == 0, "Green", columns["company"])

    found = judged(columns, trips(2), settings={"slices": ["company"]})

    assert any("company=Green" in note for note in found.notes)
