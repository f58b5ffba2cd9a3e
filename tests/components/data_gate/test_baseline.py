"""Comparators of the schema, serving statistics, and baselines that are broken or gone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.errors import DataError, MillraceError, UserError
from tests.components.data_gate.conftest import Accepted, Chain

ROWS = 1_500
_PLAIN = """
feature {{ name: "fare" type: FLOAT value_count {{ min: 0 max: 1 }} {fare} }}
feature {{ name: "company" type: BYTES value_count {{ min: 0 max: 1 }} {company} }}
{dataset}
"""


def schema(fare: str = "", company: str = "", dataset: str = "") -> str:
    return _PLAIN.format(fare=fare, company=company, dataset=dataset)


def trips(seed: int, scale: float = 1.0, blue: float = 0.5, rows: int = ROWS) -> pa.Table:
    draw = np.random.default_rng(seed)
    return pa.table(
        {
            "fare": draw.gamma(4.0, 3.0, rows) * scale,
            "company": draw.choice(["Blue", "Red"], rows, p=[blue, 1 - blue]),
        }
    )


Make = Callable[..., Chain]


@pytest.fixture
def chain(tmp_path: Path) -> Make:
    """Makes a chain with a schema."""
    return lambda text=None, **settings: Chain(tmp_path, text or schema(), settings)


def checks_of(error: DataError) -> str:
    return "\n".join(error.evidence)


def test_a_comparator_of_the_schema_wins_over_the_configuration(chain: Make) -> None:
    comparator = "drift_comparator { jensen_shannon_divergence { threshold: 0.9 } }"
    lenient = chain(schema(fare=comparator))
    before = lenient.accept(trips(1))

    assert lenient.accept(trips(2, scale=2.0), before).report["accepted"]


def test_a_comparator_is_evaluated_by_tfdv_itself(chain: Make) -> None:
    strict = chain(
        schema(
            fare="drift_comparator { jensen_shannon_divergence { threshold: 0.01 } }",
            company="drift_comparator { infinity_norm { threshold: 0.01 } }",
        ),
        drift={"numeric": None, "categorical": None},
    )
    before = strict.accept(trips(1))
    drifted = strict.validate(trips(2, scale=2.0, blue=0.7))

    with pytest.raises(DataError) as raised:
        strict.judge(drifted, before)

    import tensorflow_data_validation as tfdv

    def statistics(inputs: dict[str, list[Any]]) -> Any:
        return tfdv.load_stats_binary(f"{inputs['statistics'][0].uri}/Split-train/FeatureStats.pb")

    expected = tfdv.validate_statistics(
        statistics(drifted.inputs),
        tfdv.load_schema_text(f"{drifted.inputs['schema'][0].uri}/schema.pbtxt"),
        previous_statistics=statistics(before.validated.inputs),
    )
    for feature in ("fare", "company"):
        words = " ".join(expected.anomaly_info[feature].description.split())
        assert words in checks_of(raised.value)
    assert "question 1" in raised.value.evidence[0]


def test_a_comparators_distance_by_chance_is_no_finding(chain: Make) -> None:
    strict = chain(schema(company="drift_comparator { infinity_norm { threshold: 0.0001 } }"))
    before = strict.accept(trips(1))

    assert strict.accept(trips(2), before).report["warnings"] == []


def test_the_schema_bounds_the_number_of_examples(chain: Make) -> None:
    bounded = chain(
        schema(
            dataset="dataset_constraints { num_examples_drift_comparator "
            "{ min_fraction_threshold: 0.9 max_fraction_threshold: 1.1 } }"
        )
    )
    before = bounded.accept(trips(1))

    with pytest.raises(DataError) as raised:
        bounded.accept(trips(2, rows=700), before)

    assert raised.value.headline == "the new data as a whole break the schema"


def _serving(before: Accepted) -> str:
    return str(before.validated.inputs["statistics"][0].uri)


def test_new_data_are_compared_with_serving_statistics(chain: Make) -> None:
    plain = chain()
    serving = _serving(plain.accept(trips(1)))

    with pytest.raises(DataError) as raised:
        plain.accept(trips(2, blue=0.9), serving_statistics=serving)

    assert "company: unlike the serving statistics" in raised.value.evidence[0]
    found = plain.accept(trips(3), serving_statistics=f"{serving}/Split-train/FeatureStats.pb")
    assert found.report["warnings"] == []


def test_a_skew_comparator_of_the_schema_judges_serving(chain: Make) -> None:
    strict = chain(schema(company="skew_comparator { infinity_norm { threshold: 0.05 } }"))
    serving = _serving(strict.accept(trips(1)))

    with pytest.raises(DataError) as raised:
        strict.accept(trips(2, blue=0.65), serving_statistics=serving)

    assert raised.value.headline == "1 feature of the new data breaks the schema"


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        (None, UserError, "missing-serving-statistics"),
        (b"\xff\xffnot a proto", DataError, "statistics-version"),
        (b"", DataError, "statistics-version"),
    ],
    ids=["missing", "other version", "empty"],
)
def test_unusable_serving_statistics_are_refused(
    chain: Make, tmp_path: Path, content: bytes | None, kind: type[MillraceError], code: str
) -> None:
    path = tmp_path / "serving.pb"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(kind) as raised:
        chain().accept(trips(1), serving_statistics=str(path))

    assert raised.value.code == code
    assert str(path) in str(raised.value)


def test_accepted_statistics_of_another_version_are_refused(chain: Make) -> None:
    plain = chain()
    before = plain.accept(trips(1))
    for path in Path(before.validated.inputs["statistics"][0].uri).rglob("FeatureStats.pb"):
        path.write_bytes(b"\xff\xff")

    with pytest.raises(DataError) as raised:
        plain.accept(trips(2), before)

    assert raised.value.code == "statistics-version"


@pytest.mark.parametrize("left", [None, "{}", "no json", '{"version": 1, "splits": {"train": 3}}'])
def test_without_the_profile_the_statistics_serve(chain: Make, left: str | None) -> None:
    plain = chain()
    before = plain.accept(trips(1))
    profile = Path(before.blessing.uri, "profile.json")
    profile.unlink()
    if left is not None:
        profile.write_text(left)

    report = plain.accept(trips(2), before).report

    assert report["warnings"] == []
    assert any("profile of the data accepted before" in note for note in report["notes"])
    with pytest.raises(DataError):
        plain.accept(trips(3, scale=3.0), before)


def test_baseline_statistics_that_are_gone_are_said_to_be(chain: Make) -> None:
    plain = chain()
    before = plain.accept(trips(1))
    for path in Path(before.validated.inputs["statistics"][0].uri).rglob("FeatureStats.pb"):
        path.unlink()

    notes = plain.accept(trips(2), before).report["notes"]

    assert "the statistics of the data accepted before are gone" in notes


def test_the_blessing_says_which_data_were_judged_against_which(chain: Make) -> None:
    plain = chain()
    before = plain.accept(trips(1))
    after = plain.accept(trips(2), before)

    said = after.blessing
    assert said.get_int_custom_property("blessed") == 1
    assert (
        said.get_int_custom_property("statistics_id") == after.validated.inputs["statistics"][0].id
    )
    assert said.get_int_custom_property("examples_id") == after.validated.inputs["examples"][0].id
    assert (
        said.get_int_custom_property("baseline_statistics_id")
        == before.validated.inputs["statistics"][0].id
    )
    assert said.get_string_custom_property("fingerprint")
    assert after.report["baseline"]["fingerprint"] == before.report["fingerprint"]


def test_the_page_escapes_what_the_data_hold(chain: Make) -> None:
    plain = chain(schema(company='domain: "c"') + 'string_domain { name: "c" value: "Blue" }')
    table = trips(1).set_column(1, "company", pa.array(["<script>alert(1)</script>"] * ROWS))

    accepted = plain.accept(table, allowed=["company"])

    page = Path(accepted.blessing.uri, "data_gate.html").read_text()
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert json.loads(Path(accepted.blessing.uri, "data_gate.json").read_text())["allowed"]


def test_examples_that_cannot_be_read_are_judged_by_the_schema_alone(chain: Make) -> None:
    import shutil

    plain = chain()
    before = plain.accept(trips(1))
    validated = plain.validate(trips(2))
    shutil.rmtree(validated.inputs["examples"][0].uri)

    report = plain.judge(validated, before).report

    assert report["accepted"]
    assert any("cannot be read row by row" in note for note in report["notes"])
