"""The schema that is written can be lived with: new data pass, broken data do not."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from tensorflow_metadata.proto.v0 import schema_pb2

from onboarding.configuration_text import document
from onboarding.schema_text import schema_text
from onboarding.splits import split_sample
from pipeline.configuration.model import PipelineConfiguration
from pipeline.curation.table_statistics import table_statistics
from schema import tfdv_library
from schema.reading import parse_schema
from tests.onboarding.made_proposals import PLACES, binary_proposal, write_table


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_table(tmp_path_factory.mktemp("table"))


@pytest.fixture(scope="module")
def text(table: Path) -> str:
    proposal = binary_proposal(table)
    configuration = PipelineConfiguration.model_validate(document(proposal, PLACES))
    splits = split_sample(proposal.sample, configuration.data.ingestion)
    return schema_text(proposal, configuration, str(table), splits, "things.csv")


@pytest.fixture(scope="module")
def schema(text: str) -> schema_pb2.Schema:
    return parse_schema(text, "schema.pbtxt")


def _anomalies(schema: schema_pb2.Schema, path: Path) -> set[str]:
    found = tfdv_library.validate_statistics(schema, table_statistics(path), "TRAINING")
    return set(found.anomaly_info)


def _changed(table: Path, folder: Path, change: Callable[[list[str]], list[str]]) -> Path:
    header, *rows = table.read_text(encoding="utf-8").splitlines()
    path = folder / "new.csv"
    lines = [header, *(",".join(change(row.split(","))) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_the_label_is_absent_when_a_model_serves_and_nothing_else_is(
    schema: schema_pb2.Schema,
) -> None:
    assert list(schema.default_environment) == ["TRAINING", "SERVING"]
    not_served = [f.name for f in schema.feature if "SERVING" in f.not_in_environment]
    assert not_served == ["sold"]


def test_only_real_categories_have_a_list_of_values(schema: schema_pb2.Schema) -> None:
    assert {domain.name for domain in schema.string_domain} == {"colour", "sold"}


def test_columns_that_are_no_features_may_be_anything_or_absent(
    schema: schema_pb2.Schema, table: Path, tmp_path: Path
) -> None:
    changed = _changed(table, tmp_path, lambda row: [*row[:4], "7", "text", row[6]])
    gone = tmp_path / "gone.csv"
    gone.write_text(
        "\n".join(
            ",".join([*line.split(",")[:4], line.split(",")[6]])
            for line in table.read_text(encoding="utf-8").splitlines()
        ),
        encoding="utf-8",
    )

    assert _anomalies(schema, changed) == set()
    assert _anomalies(schema, gone) == set()


def test_a_second_table_with_a_few_new_values_and_gaps_passes(
    schema: schema_pb2.Schema, table: Path, tmp_path: Path
) -> None:
    chance = random.Random(3)

    def change(row: list[str]) -> list[str]:
        draw = chance.random()
        colour = "mauve" if draw < 0.03 else "" if draw < 0.05 else row[1]
        return [row[0], colour, *row[2:]]

    assert _anomalies(schema, _changed(table, tmp_path, change)) == set()


def test_a_column_that_has_no_value_in_a_split_is_no_anomaly(
    schema: schema_pb2.Schema, table: Path, tmp_path: Path
) -> None:
    found = {feature.name: feature for feature in schema.feature}["seldom"]

    assert found.presence.min_count == 0
    assert found.presence.min_fraction == 0


def test_new_categories_everywhere_or_a_missing_feature_are_anomalies(
    schema: schema_pb2.Schema, table: Path, tmp_path: Path
) -> None:
    changed = _changed(table, tmp_path, lambda row: [row[0], f"{row[1]}ish", *row[2:]])
    assert _anomalies(schema, changed) == {"colour"}

    without = tmp_path / "without.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    without.write_text("\n".join(line.split(",", 1)[1] for line in lines), encoding="utf-8")
    assert _anomalies(schema, without) == {"size: m²"}


def test_half_of_a_feature_missing_is_below_what_the_schema_asks_for(
    schema: schema_pb2.Schema,
) -> None:
    wanted = {feature.name: feature.presence.min_fraction for feature in schema.feature}

    assert 0.85 <= wanted["size: m²"] < 0.98
    assert wanted["colour"] == pytest.approx(0.95)


def test_the_heading_explains_the_words(text: str) -> None:
    heading = text.split("\n\n")[0]
    assert "things.csv" in heading
    for word in ("min_fraction", "DISABLED", "SERVING"):
        assert word in heading
