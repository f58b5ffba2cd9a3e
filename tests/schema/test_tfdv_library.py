"""TFDV's library alone answers as TFDV's package does."""

from __future__ import annotations

from pathlib import Path

import pytest
from tensorflow_metadata.proto.v0 import statistics_pb2

from schema import tfdv_library
from schema.reading import parse_schema, read_schema
from schema.rendering import render_schema
from tests.schema.made_statistics import SCHEMA, number, statistics, text

BROKEN = {
    "payment": text("payment", {"Cash": 500, "Shells": 300}),
    "hour": number("hour", -3, 30, whole=True),
    "fare": text("fare", {"none": 1000}),
    "surge": number("surge", 0, 3, least=0),
    "tips": None,
}


@pytest.mark.parametrize("replaced", [{}, BROKEN], ids=["fitting", "broken"])
def test_the_package_gives_the_same(replaced: dict) -> None:
    made = statistics(**replaced)
    listed = statistics_pb2.DatasetFeatureStatisticsList(datasets=[made])
    schema = parse_schema(SCHEMA, "s")
    # First, so that the library is there before the package looks for it.
    inferred = tfdv_library.infer_schema(made)
    import tensorflow_data_validation as tfdv

    assert inferred == tfdv.infer_schema(listed)
    assert tfdv_library.update_schema(schema, made) == tfdv.update_schema(schema, listed)
    for environment in ("TRAINING", "SERVING"):
        expected = tfdv.validate_statistics(listed, schema, environment=environment)
        found = tfdv_library.validate_statistics(schema, made, environment)
        assert found.anomaly_info == expected.anomaly_info


def test_plain_tfdv_reads_written_schemas(tmp_path: Path, repository: Path) -> None:
    import tensorflow_data_validation as tfdv

    schema = read_schema(repository / "schema" / "taxi" / "schema.pbtxt")
    (tmp_path / "schema.pbtxt").write_text(render_schema(schema, ["For TFDV."]))
    assert tfdv.load_schema_text(str(tmp_path / "schema.pbtxt")) == schema
