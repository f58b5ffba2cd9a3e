"""What BigQuery gives is split as the same rows of a file are."""

from __future__ import annotations

import json
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.testing.util import assert_that, equal_to
from tensorflow.core.example import example_pb2, feature_pb2
from tfx.proto import example_gen_pb2
from tfx.utils import proto_utils

from components.example_gen.bigquery_executor import Executor
from components.example_gen.component import output_config
from components.example_gen.properties import custom_config
from components.example_gen.settings import IngestionSettings

ROWS = [(n % 12, f"zone {n % 5}" if n % 7 else None, n % 2) for n in range(120)]


def _example(hour: int, zone: str | None, busy: int) -> example_pb2.Example:
    texts = feature_pb2.Feature()
    if busy:
        # BigQuery's converter leaves a missing value without a kind; ours keeps the kind.
        texts.bytes_list.SetInParent()
    if zone is not None:
        texts.bytes_list.value.append(zone.encode())
    numbers = {name: feature_pb2.Feature() for name in ("hour", "busy")}
    for name, value in (("hour", hour), ("busy", busy)):
        numbers[name].int64_list.value.append(value)
    return example_pb2.Example(features=feature_pb2.Features(feature={**numbers, "zone": texts}))


def _values(record: bytes | example_pb2.Example) -> tuple[Any, ...]:
    example = example_pb2.Example.FromString(record) if isinstance(record, bytes) else record
    features = example.features.feature
    zone = features["zone"].bytes_list.value
    numbers = (features[name].int64_list.value[0] for name in ("hour", "busy"))
    return (*numbers, zone[0] if zone else b"")


class _Query(Executor):
    """The executor, with rows of its own in the place of the cloud's."""

    def GetInputSourceToExamplePTransform(self) -> Any:
        def read(pipeline: beam.Pipeline, exec_properties: Any, pattern: str) -> Any:
            assert exec_properties["custom_config"] is None, "TFX takes them for BigQuery's own"
            return pipeline | beam.Create([_example(*row) for row in ROWS])

        return beam.ptransform_fn(read)


@pytest.mark.parametrize(
    "split",
    [{"columns": ["hour", "zone"]}, {"without": ["busy"]}, {"key": "hour"}],
    ids=["columns", "without", "key"],
)
def test_rows_find_the_splits_that_they_have_in_a_file(ingest, write, split) -> None:
    lines = [json.dumps({"hour": h, "zone": z, "busy": b}) for h, z, b in ROWS]
    settings = IngestionSettings.model_validate({"split": split})
    expected = ingest(write("\n".join(lines), "rows.jsonl"), split=split)
    inputs = example_gen_pb2.Input(
        splits=[example_gen_pb2.Input.Split(name="single_split", pattern="SELECT 1")]
    )
    properties = {
        "input_config": proto_utils.proto_to_json(inputs),
        "output_config": proto_utils.proto_to_json(output_config(settings)),
        "custom_config": proto_utils.proto_to_json(custom_config(settings)),
    }

    with beam.Pipeline() as pipeline:
        found = _Query().GenerateExamplesByBeam(pipeline, properties)
        for name in ("train", "eval"):
            values = found[name] | f"Values{name}" >> beam.Map(_values)
            rows = [_values(record) for record in expected.records(name)]
            assert_that(values, equal_to(rows), label=name)
