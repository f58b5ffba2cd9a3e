"""BigQuery as far as it goes without the cloud: addresses, queries, TFX's component, refusals."""

from __future__ import annotations

import pytest

from components.example_gen.bigquery import (
    bigquery_source,
    check_access,
)
from components.example_gen.bigquery_component import bigquery_example_gen, check_bigquery_settings
from components.example_gen.settings import IngestionSettings
from core.errors import UserError

PUBLIC = "bigquery://my-project/chicago.trips"
BY_DAY = """SELECT * FROM `p.chicago.trips`
  WHERE start >= TIMESTAMP_SECONDS(@span_begin_timestamp)
  AND start < TIMESTAMP_SECONDS(@span_end_timestamp) AND day = @span_yyyymmdd_utc;"""


def test_a_table_becomes_a_query_with_quoted_names():
    source = bigquery_source(PUBLIC)
    assert source.project == "my-project"
    assert source.query == "SELECT * FROM `my-project.chicago.trips`"


@pytest.mark.parametrize(
    ("path", "query", "reason"),
    [
        ("bigquery://my-project", None, "no table"),
        ("bigquery://my-project/trips", None, "not a dataset.table"),
        ("bigquery://my-project/a.b` JOIN x", None, "not a dataset.table"),
        ("bigquery:///a.b", None, "not a Google Cloud project"),
        (PUBLIC, "SELECT 1", "names a table, and"),
    ],
)
def test_an_address_that_is_none_is_refused(path, query, reason):
    with pytest.raises(UserError, match=reason):
        bigquery_source(path, query)


def test_tfx_component_gets_query_splits_and_project():
    settings = IngestionSettings.model_validate(
        {"split": {"key": "company", "splits": {"train": 3, "eval": 1}}}
    )
    component = bigquery_example_gen(bigquery_source(PUBLIC), settings)
    properties = component.exec_properties
    assert "SELECT * FROM `my-project.chicago.trips`" in properties["input_config"]
    assert '"hash_buckets": 3' in properties["output_config"]
    assert '"partition_feature_name": "company"' in properties["output_config"]
    assert properties["range_config"] is None
    assert component.executor_spec.beam_pipeline_args == ["--project=my-project"]


def test_the_span_is_filled_in_by_tfx_driver():
    from tfx.components.example_gen.driver import QueryBasedDriver
    from tfx.proto import example_gen_pb2
    from tfx.utils import proto_utils

    source = bigquery_source("bigquery://my-project", BY_DAY)
    component = bigquery_example_gen(source, IngestionSettings(), span=20778)
    found = QueryBasedDriver(None).resolve_exec_properties(
        dict(component.exec_properties), None, None
    )
    inputs = example_gen_pb2.Input()
    proto_utils.json_to_proto(found["input_config"], inputs)
    assert found["span"] == 20778
    assert "TIMESTAMP_SECONDS(1795219200)" in inputs.splits[0].pattern
    assert "TIMESTAMP_SECONDS(1795305600) AND day = '20261121'" in inputs.splits[0].pattern


def test_a_query_by_day_needs_a_span():
    source = bigquery_source("bigquery://my-project", BY_DAY)
    with pytest.raises(UserError, match="no span is given"):
        bigquery_example_gen(source, IngestionSettings())


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"split": {"method": "time", "time_column": "start"}}, "data.split.method"),
        ({"split": {"method": "row"}}, "data.split.method"),
        ({"columns": {"fare": "float"}}, "data.columns"),
        ({"rejects": {"max_share": 0.1}}, "data.rejects.max_share"),
    ],
)
def test_settings_that_would_be_passed_over_are_refused(settings, key):
    with pytest.raises(UserError, match=key):
        check_bigquery_settings(IngestionSettings.model_validate(settings))


def test_without_a_bucket_or_credentials_nothing_is_started(monkeypatch, tmp_path):
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    with pytest.raises(UserError, match="needs a bucket"):
        check_access(["--runner=DirectRunner"])
    with pytest.raises(UserError) as caught:
        check_access(["--temp_location=gs://bucket/tmp"])
    assert caught.value.code == "bigquery-credentials"
    assert "gcloud auth application-default login" in caught.value.hint


def test_the_executor_asks_before_it_reads(monkeypatch, tmp_path):
    from components.example_gen.bigquery_executor import Executor

    context = Executor.Context(beam_pipeline_args=[], tmp_dir=str(tmp_path), unique_id="1")
    with pytest.raises(UserError) as caught:
        Executor(context).Do({}, {}, {})
    assert caught.value.code == "bigquery-bucket"
