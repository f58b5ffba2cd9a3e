"""The second pass as a Beam pipeline: for remote files, or where Beam is asked for.

Each worker reads whole files with the same code as the local way, so both write the
same examples into the same splits; only the Arrow copy is not made.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.metrics.metric import MetricsFilter
from tfx import types
from tfx.components.example_gen import write_split
from tfx.types import artifact_utils

from components.example_gen.batches import read_typed
from components.example_gen.formats.detection import SourceFile
from components.example_gen.formats.rejects import REJECTS_PATH
from components.example_gen.records.encoding import encode_examples
from components.example_gen.records.tfrecords import record_list
from components.example_gen.settings import IngestionSettings
from components.example_gen.writing.examples import IngestionResult, check_result, split_places
from components.example_gen.writing.planning import IngestionPlan

_NAMESPACE = "ColumnarExampleGen"
# No split name has a slash, so these tags can never be a split's.
_REJECTS = "rejects/"


class BeamIngestion:
    """What is to be written, and how to attach it to a pipeline.

    Args:
      plan: What the first pass learned.
      sources: The files of each input split.
      weights: The output splits and their weights; empty where input splits are output
        splits.
      settings: How the data is read and split.
    """

    def __init__(
        self,
        plan: IngestionPlan,
        sources: Mapping[str, Sequence[SourceFile]],
        weights: Mapping[str, int],
        settings: IngestionSettings,
    ) -> None:
        self._plan = plan
        self._sources = sources
        self._weights = dict(weights)
        self._settings = settings
        self._splits = list(weights or sources)

    def attach(
        self,
        pipeline: beam.Pipeline,
        examples: types.Artifact,
        file_format: int,
        exec_properties: dict[str, Any],
    ) -> None:
        """Adds reading, encoding, splitting and writing to a pipeline.

        Args:
          pipeline: The pipeline, not yet run.
          examples: The artifact to write.
          file_format: example_gen_pb2.FileFormat.
          exec_properties: The component's, as TFX's own writing transform takes them.
        """
        files = [(name, source) for name, found in self._sources.items() for source in found]
        encode = _EncodeFile(self._plan, self._weights, self._settings)
        records = (
            pipeline
            | "Files" >> beam.Create(files)
            | "OneFileEach" >> beam.Reshuffle()
            | "Encode" >> beam.ParDo(encode).with_outputs(_REJECTS, *self._splits)
        )
        examples.split_names = artifact_utils.encode_split_names(self._splits)
        for split in self._splits:
            uri = artifact_utils.get_split_uri([examples], split)
            _ = records[split] | f"Write[{split}]" >> write_split.WriteSplit(
                uri, file_format, exec_properties
            )
        if self._plan.rejected:
            path = os.path.join(examples.uri, str(REJECTS_PATH))
            _ = records[_REJECTS] | "WriteRejects" >> beam.io.WriteToText(
                path, shard_name_template=""
            )

    def result(self, finished: Any) -> IngestionResult:
        """What a finished pipeline wrote.

        Args:
          finished: Beam's PipelineResult.

        Raises:
          DataError: If a split stayed empty or the files changed since the first pass.
        """
        counted = finished.metrics().query(MetricsFilter().with_namespace(_NAMESPACE))
        counts = {counter.key.metric.name: counter.result for counter in counted["counters"]}
        rows = {split: counts.get(split, 0) for split in self._splits}
        rejected = counts.get(_REJECTS, 0)
        check_result(self._plan, rows, rejected)
        return IngestionResult(rows, rejected)


class _EncodeFile(beam.DoFn):
    def __init__(
        self, plan: IngestionPlan, weights: dict[str, int], settings: IngestionSettings
    ) -> None:
        self._plan = plan
        self._weights = weights
        self._settings = settings

    def process(self, element: tuple[str, SourceFile]) -> Iterator[beam.pvalue.TaggedOutput]:
        input_split, source = element
        names = list(self._weights)
        for rows in read_typed(source, self._plan.types, self._settings):
            for reject in rows.rejects:
                Metrics.counter(_NAMESPACE, _REJECTS).inc()
                yield beam.pvalue.TaggedOutput(_REJECTS, reject.to_json())
            for part in rows.parts(self._settings.batch_rows):
                records = record_list(encode_examples(part.columns))
                weights = list(self._weights.values())
                places = [0] * len(records)
                if len(weights) > 1:
                    found = split_places(part, records, self._plan, weights, self._settings)
                    places = found.tolist()
                for place, record in zip(places, records, strict=True):
                    split = names[place] if names else input_split
                    Metrics.counter(_NAMESPACE, split).inc()
                    yield beam.pvalue.TaggedOutput(split, record)
