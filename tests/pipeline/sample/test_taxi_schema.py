"""Made taxi trips against the curated schema of the real ones."""

from __future__ import annotations

from pathlib import Path


def test_made_trips_break_nothing_in_the_curated_schema(tmp_path: Path, repository: Path) -> None:
    import pyarrow as pa
    import tensorflow_data_validation as tfdv
    from google.protobuf import text_format
    from tensorflow_data_validation.statistics import stats_impl
    from tensorflow_metadata.proto.v0 import schema_pb2

    from pipeline.sample.taxi import trips

    schema = text_format.Parse(
        (repository / "schema" / "taxi" / "schema.pbtxt").read_text(), schema_pb2.Schema()
    )
    (table,) = trips(3_000, seed=3)
    # As tf.Examples hold them: a list of one value, or none.
    features = pa.record_batch(
        [
            pa.array([None if value is None else [value] for value in column.to_pylist()])
            for column in table.itercolumns()
        ],
        names=table.column_names,
    )

    statistics = stats_impl.generate_statistics_in_memory(features, tfdv.StatsOptions())
    anomalies = tfdv.validate_statistics(statistics, schema, environment="TRAINING")

    assert dict(anomalies.anomaly_info) == {}
