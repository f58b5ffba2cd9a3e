"""Runs preprocessing over a few rows with TFX Transform's own libraries."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.columnar_examples import columnar_path

ColumnValues = Sequence[Any]


def schema_of(columns: Mapping[str, ColumnValues]) -> Any:
    """An inferred schema in which every column may be missing."""
    from tensorflow_metadata.proto.v0 import schema_pb2

    schema = schema_pb2.Schema()
    for name, values in columns.items():
        known = [value for value in values if value is not None]
        if any(isinstance(value, str) for value in known):
            kind = schema_pb2.BYTES
        elif any(isinstance(value, float) for value in known):
            kind = schema_pb2.FLOAT
        else:
            kind = schema_pb2.INT
        feature = schema.feature.add(name=name, type=kind)
        feature.value_count.min = feature.value_count.max = 1
    return schema


def examples_of(columns: Mapping[str, ColumnValues]) -> list[bytes]:
    """The rows as serialized tf.Examples; None and NaN give no value."""
    import tensorflow as tf

    rows = []
    for values in zip(*columns.values(), strict=True):
        example = tf.train.Example()
        for name, value in zip(columns, values, strict=True):
            if value is None or (isinstance(value, float) and math.isnan(value)):
                continue
            feature = example.features.feature[name]
            if isinstance(value, (str, bytes)):
                text = value.encode() if isinstance(value, str) else value
                feature.bytes_list.value.append(text)
            elif isinstance(value, float):
                feature.float_list.value.append(value)
            else:
                feature.int64_list.value.append(int(value))
        rows.append(example.SerializeToString())
    return rows


def analyse(
    folder: Path, columns: Mapping[str, ColumnValues], custom_config: Mapping[str, Any]
) -> Any:
    """Analyses the rows as Transform does, and writes the transform graph.

    Returns:
      The `tft.TFTransformOutput`.
    """
    import functools

    import apache_beam as beam
    import tensorflow_transform as tft
    import tensorflow_transform.beam as tft_beam
    from tensorflow_transform.tf_metadata import dataset_metadata, metadata_io
    from tfx_bsl.tfxio import tf_example_record

    from preprocessing.preprocessing_fn import preprocessing_fn

    source = tf_example_record.TFExampleBeamRecord(
        physical_format="inmem", schema=schema_of(columns)
    )
    function = functools.partial(preprocessing_fn, custom_config=dict(custom_config))
    with (
        tft_beam.Context(temp_dir=str(folder / "beam"), force_tf_compat_v1=False),
        beam.Pipeline() as pipeline,
    ):
        batches = pipeline | beam.Create(examples_of(columns)) | source.BeamSource()
        transform_fn = (batches, source.TensorAdapterConfig()) | tft_beam.AnalyzeDataset(function)
        transform_fn | tft_beam.WriteTransformFn(str(folder / "graph"))
    metadata_io.write_metadata(
        dataset_metadata.DatasetMetadata(schema_of(columns)), str(folder / "graph" / "metadata")
    )
    return tft.TFTransformOutput(str(folder / "graph"))


def transform(transform_output: Any, columns: Mapping[str, ColumnValues]) -> dict[str, Any]:
    """Applies an analysed graph to rows; NumPy arrays by transformed feature."""
    import tensorflow as tf

    spec = transform_output.raw_feature_spec()
    parsed = tf.io.parse_example(
        examples_of(columns), {name: spec[name] for name in columns if name in spec}
    )
    layer = transform_output.transform_features_layer()
    return {name: value.numpy() for name, value in layer(parsed).items()}


def write_split(uri: Path, split: str, transformed: Mapping[str, Any], arrow: bool = False) -> str:
    """Writes transformed rows as an Examples artifact holds them.

    Args:
      uri: The artifact's folder.
      split: The split.
      transformed: Arrays by transformed feature.
      arrow: Whether to write the Arrow copy as well.

    Returns:
      The pattern that TFX's trainer would be given.
    """
    import pyarrow as pa
    import tensorflow as tf

    from core.columnar_examples import ColumnarWriter

    path = uri / f"Split-{split}" / "transformed_examples-00000-of-00001.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = examples_of({name: values.tolist() for name, values in transformed.items()})
    with tf.io.TFRecordWriter(str(path), "GZIP") as writer:
        for row in rows:
            writer.write(row)
    if arrow:
        arrays = [
            pa.array(
                [[value] for value in values], type=pa.large_list(pa.from_numpy_dtype(values.dtype))
            )
            for values in transformed.values()
        ]
        batch = pa.RecordBatch.from_arrays(arrays, list(transformed))
        with ColumnarWriter(str(uri), split, batch.schema) as columnar:
            columnar.write(batch)
        assert columnar_path(str(uri), split).is_file()
    return str(path.parent / "*")
