"""TFX's BigQuery executor, which first asks whether BigQuery can be reached at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import apache_beam as beam
from tensorflow.core.example import example_pb2, feature_pb2
from tfx import types
from tfx.extensions.google_cloud_big_query.example_gen import executor
from tfx.proto import example_gen_pb2
from tfx.types import standard_component_specs
from tfx.utils import proto_utils

from components.example_gen.bigquery import check_access
from components.example_gen.properties import read_settings
from components.example_gen.settings import SplitMethod, SplitSettings
from components.example_gen.splitting import cell, hash_splits
from components.example_gen.writing.split_columns import hashed_columns


class Executor(executor.Executor):
    """Refuses in plain words where there are no credentials; splits as the other sources do.

    TFX's own splits by a key or by all of a record, the label included; here the records
    are parted by the columns that are to be hashed.
    """

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes the examples.

        Raises:
          UserError: If there are no credentials or no bucket.
        """
        check_access(self._beam_pipeline_args or ())
        super().Do(input_dict, output_dict, exec_properties)

    def GenerateExamplesByBeam(
        self, pipeline: beam.Pipeline, exec_properties: dict[str, Any]
    ) -> dict[str, beam.pvalue.PCollection]:
        """Reads the query and parts its records.

        Args:
          pipeline: The pipeline, not yet run.
          exec_properties: The component's; `custom_config` holds `IngestionSettings`.

        Returns:
          The records of each split.
        """
        split = read_settings(exec_properties).split
        # TFX takes its custom_config for options of BigQuery.
        asked = {**exec_properties, standard_component_specs.CUSTOM_CONFIG_KEY: None}
        if split.method is not SplitMethod.HASH or split.key is not None:
            found: dict[str, beam.pvalue.PCollection]
            found = super().GenerateExamplesByBeam(pipeline, asked)
            return found
        asked[standard_component_specs.OUTPUT_CONFIG_KEY] = proto_utils.proto_to_json(_ONE_SPLIT)
        [records] = super().GenerateExamplesByBeam(pipeline, asked).values()
        weights = list(split.splits.values())
        parts = records | "SplitByColumns" >> beam.Partition(_place, len(weights), weights, split)
        return dict(zip(split.splits, parts, strict=True))


_ONE_SPLIT = example_gen_pb2.Output(
    split_config=example_gen_pb2.SplitConfig(
        splits=[example_gen_pb2.SplitConfig.Split(name="all", hash_buckets=1)]
    )
)


def _place(
    record: example_pb2.Example, count: int, weights: Sequence[int], split: SplitSettings
) -> int:
    del count
    features = record.features.feature
    names = sorted(hashed_columns(split, features))
    return int(hash_splits([b"".join(cell(_value(features[n])) for n in names)], weights)[0])


def _value(feature: feature_pb2.Feature) -> Any:
    kind = feature.WhichOneof("kind")
    return next(iter(getattr(feature, kind).value), None) if kind else None
