"""Executor of Transform: in this process where the data is small, else TFX's Beam one."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import tensorflow as tf
import tensorflow_transform as tft
from absl import logging
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_transform.beam import context as tft_context
from tensorflow_transform.tf_metadata import dataset_metadata, metadata_io
from tfx import types
from tfx.components.transform import executor as tfx_executor
from tfx.components.transform import executor_utils, labels
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import io_utils

from components.in_memory import NotInMemoryError, require_in_memory
from components.transform.analysis import analyze
from components.transform.inputs import ANALYSIS_ROWS, Dataset, InputReader
from components.transform.materialization import Target, transform
from components.transform.statistics import Statistics, after_transform, before_transform
from components.transform.tracing import Tensors, Tracer
from core import files, progress

_TEMPORARY_FOLDER = ".temp_path"


@dataclasses.dataclass(frozen=True)
class _Job:
    """An execution that can be computed in memory.

    Attributes:
      schema: The schema of the raw examples.
      preprocessing_fn: With the custom configuration bound.
      update_options: The user's stats_options_updater_fn, if there is one.
      with_statistics: Whether statistics are wanted.
      statistics_folders: TFX's labels of the statistics' output paths; may be empty.
      analyzed: The datasets to be analysed.
      transformed: The datasets to be transformed and where each goes.
      graph: The TransformGraph's uri.
      save_options: How the SavedModel is written.
    """

    schema: schema_pb2.Schema
    preprocessing_fn: Callable[[Tensors], Tensors]
    update_options: Callable[..., Any] | None
    with_statistics: bool
    statistics_folders: Mapping[str, str]
    analyzed: Sequence[Dataset]
    transformed: Sequence[tuple[Dataset, Target | None]]
    graph: str
    save_options: tf.saved_model.SaveOptions | None


class Executor(tfx_executor.Executor):
    """Writes the same artifacts as TFX's executor.

    Both ways carry out the analysis graph that TFT builds from the preprocessing_fn,
    with TFT's combiners. Float sums and quantile sketches depend on how the rows were
    cut into batches and agree within their precision, everything else exactly.

    The analyzer cache is neither read nor written in memory: analysing again is
    cheaper there. The output artifact is left empty, which TFT reads as no cache.
    """

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Analyses, writes the TransformGraph and transforms the examples.

        Args:
          input_dict: `examples` and `schema`; `analyzer_cache` is not read in memory.
          output_dict: As TFX's executor takes them.
          exec_properties: As TFX's executor takes them.
        """
        self._log_startup(input_dict, output_dict, exec_properties)
        try:
            _run(self._plan(input_dict, output_dict, exec_properties))
        except NotInMemoryError as reason:
            logging.info("Transform computes through Beam: %s.", reason)
            _empty(output_dict)
            with _without_deep_copies():
                super().Do(input_dict, output_dict, exec_properties)

    def _plan(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> _Job:
        """Reads what is to be done, as TFX's executor does.

        Raises:
          NotInMemoryError: If it belongs to Beam.
        """
        specs = standard_component_specs
        examples = input_dict[specs.EXAMPLES_KEY]
        if exec_properties.get(specs.FORCE_TF_COMPAT_V1_KEY, 0):
            raise NotInMemoryError("TensorFlow 1 behaviour is wanted")
        executor_utils.MatchNumberOfTransformedExamplesArtifacts(input_dict, output_dict)
        splits = executor_utils.ResolveSplitsConfig(
            exec_properties.get(specs.SPLITS_CONFIG_KEY), examples
        )
        require_in_memory(
            self._extra_flags,
            examples,
            {*splits.analyze, *splits.transform},
            [artifact for artifacts in output_dict.values() for artifact in artifacts],
        )
        schema_file = io_utils.get_only_uri_in_dir(
            artifact_utils.get_single_uri(input_dict[specs.SCHEMA_KEY])
        )
        graph = artifact_utils.get_single_uri(output_dict[specs.TRANSFORM_GRAPH_KEY])
        disable_statistics = bool(exec_properties.get(specs.DISABLE_STATISTICS_KEY, 0))
        user_code = {
            labels.MODULE_FILE: exec_properties.get(specs.MODULE_FILE_KEY),
            labels.MODULE_PATH: exec_properties.get(specs.MODULE_PATH_KEY),
            labels.PREPROCESSING_FN: exec_properties.get(specs.PREPROCESSING_FN_KEY),
            labels.STATS_OPTIONS_UPDATER_FN: exec_properties.get(
                specs.STATS_OPTIONS_UPDATER_FN_KEY
            ),
            labels.CUSTOM_CONFIG: exec_properties.get(specs.CUSTOM_CONFIG_KEY),
            labels.SCHEMA_PATH_LABEL: schema_file,
        }
        return _Job(
            schema=io_utils.SchemaReader().read(schema_file),
            preprocessing_fn=self._GetPreprocessingFn(
                user_code, {labels.TRANSFORM_METADATA_OUTPUT_PATH_LABEL: graph}
            ),
            update_options=self._GetStatsOptionsUpdaterFn(user_code),
            with_statistics=not disable_statistics,
            statistics_folders=executor_utils.GetStatsOutputPathEntries(
                disable_statistics, output_dict
            ),
            analyzed=[
                Dataset(artifact.uri, split) for split in splits.analyze for artifact in examples
            ],
            transformed=_targets(
                examples, list(splits.transform), output_dict.get(specs.TRANSFORMED_EXAMPLES_KEY)
            ),
            graph=graph,
            save_options=exec_properties.get(specs.SAVE_OPTIONS_KEY),
        )


def _targets(
    examples: Sequence[types.Artifact],
    splits: Sequence[str],
    transformed: Sequence[types.Artifact] | None,
) -> list[tuple[Dataset, Target | None]]:
    """The datasets to transform, each with the place of its results."""
    executor_utils.SetSplitNames(splits, transformed)
    targets: list[tuple[Dataset, Target | None]] = []
    for split in splits:
        for index, artifact in enumerate(examples):
            target = None
            if transformed:
                folder = artifact_utils.get_split_uri([transformed[index]], split)
                prefix = os.path.join(folder, executor_utils._DEFAULT_TRANSFORMED_EXAMPLES_PREFIX)
                target = Target(transformed[index].uri, split, prefix)
            targets.append((Dataset(artifact.uri, split), target))
    return targets


def _run(job: _Job) -> None:
    """Carries out an execution.

    Raises:
      NotInMemoryError: If something turns up that belongs to Beam.
    """
    temporary = os.path.join(job.graph, _TEMPORARY_FOLDER)
    progress.report("tracing")
    tracer = Tracer(job.preprocessing_fn, InputReader(job.schema).specs, temporary)
    traced = tracer.analysis()
    if not traced.transform_columns:
        raise NotInMemoryError("what comes out depends on no feature")
    before = None
    columns = traced.analyze_columns
    if job.with_statistics:
        # TFX reads once for the analysis and for the statistics of what goes in.
        columns = sorted({*traced.analyze_columns, *traced.transform_columns})
        before = before_transform(job.update_options, job.schema, job.statistics_folders, job.graph)
    reading = _AnalysisInputs(InputReader(job.schema, columns), job.analyzed, before)
    bindings = analyze(tracer, traced, reading.tensors, temporary)
    reading.finish()

    progress.report("writing the graph")
    output = tft.TFTransformOutput
    metadata_io.write_metadata(
        dataset_metadata.DatasetMetadata(job.schema),
        os.path.join(job.graph, output.RAW_METADATA_DIR),
    )
    finished = tracer.finish(
        traced, bindings, os.path.join(job.graph, output.TRANSFORM_FN_DIR), job.save_options
    )
    metadata_folder = os.path.join(job.graph, output.TRANSFORMED_METADATA_DIR)
    metadata_io.write_metadata(dataset_metadata.DatasetMetadata(finished.schema), metadata_folder)
    if traced.asset_map:
        path = os.path.join(metadata_folder, output.ASSET_MAP)
        files.write_text(path, json.dumps(traced.asset_map))

    after = None
    if job.with_statistics:
        after = after_transform(
            job.update_options,
            finished.plain_schema,
            job.statistics_folders,
            job.graph,
            traced.asset_map,
        )
    if after is not None or any(target for _, target in job.transformed):
        reader = InputReader(job.schema, traced.transform_columns)
        transform(finished, reader, job.transformed, after)
    io_utils.delete_dir(temporary)


class _AnalysisInputs:
    """The data to be analysed, read once a phase; the first time also for statistics."""

    def __init__(
        self, reader: InputReader, datasets: Sequence[Dataset], statistics: Statistics | None
    ) -> None:
        self._reader = reader
        self._datasets = datasets
        self._statistics = statistics
        self._pending = statistics is not None

    def tensors(self) -> Iterator[Tensors]:
        for batch in self._batches():
            for start in range(0, batch.num_rows, ANALYSIS_ROWS):
                yield self._reader.tensors(batch.slice(start, ANALYSIS_ROWS))

    def finish(self) -> None:
        """Writes the statistics, reading the data if no analyzer did."""
        if self._statistics is None:
            return
        if self._pending:
            for _ in self._batches():
                pass
        self._statistics.write()

    def _batches(self) -> Iterator[pa.RecordBatch]:
        statistics = self._statistics if self._pending else None
        self._pending = False
        rows = 0
        for dataset in self._datasets:
            for batch in self._reader.batches(dataset):
                if statistics is not None:
                    statistics.add(batch)
                rows += batch.num_rows
                progress.report(f"{rows:,} rows analysed")
                yield batch


@contextlib.contextmanager
def _without_deep_copies() -> Iterator[None]:
    """Switches off an optimization of TFT that fails with newer Beam versions.

    Before the second phase of an analysis TFT copies the part of the Beam graph that
    reads the data, so that some runners need not keep it. It makes the copies with a
    constructor of Beam's that has got more arguments since, and TFX leaves no way to
    say that the data may be shared as it is.
    """
    name = "get_use_deep_copy_optimization"
    original = vars(tft_context.Context)[name]
    setattr(tft_context.Context, name, classmethod(lambda cls: False))
    try:
        yield
    finally:
        setattr(tft_context.Context, name, original)


def _empty(output_dict: Mapping[str, Sequence[types.Artifact]]) -> None:
    """Removes what was written before it turned out that Beam has to do it."""
    for artifacts in output_dict.values():
        for artifact in artifacts:
            if "://" not in artifact.uri and os.path.isdir(artifact.uri):
                for entry in os.scandir(artifact.uri):
                    if entry.is_dir(follow_symlinks=False):
                        shutil.rmtree(entry.path)
                    else:
                        os.unlink(entry.path)
