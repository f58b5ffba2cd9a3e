"""Writes a task's outputs for the Kubeflow interface, from what ML Metadata knows."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from core import errors, files
from kubeflow.entrypoint.arguments import Output
from kubeflow.entrypoint.pages.artifact_folder import local_folder
from kubeflow.entrypoint.pages.executor_output import executor_output
from kubeflow.entrypoint.pages.metrics import classification_metrics, scalar_metrics
from kubeflow.entrypoint.pages.pages import blessing, evaluation_of, node_page
from metadata.records import Execution, read_run
from pipeline.configuration.model import PipelineConfiguration

if TYPE_CHECKING:
    import ml_metadata


def write_outputs(
    outputs: tuple[Output, ...],
    executor_output_file: str,
    *,
    node: str,
    run_id: str,
    store: ml_metadata.MetadataStore,
    configuration: PipelineConfiguration,
) -> None:
    """Draws one node of one run, whether it ran or its results were reused.

    One output that cannot be drawn is named in the log and left out; the others are
    written.

    Args:
      outputs: What to write, and where.
      executor_output_file: The file that describes the outputs; empty for none.
      node: The node's id.
      run_id: The run.
      store: The metadata store.
      configuration: The run's configuration.

    Raises:
      errors.InfrastructureError: If the store stops answering.
      OSError: If the disk refuses the description.
    """
    execution = read_run(store, run_id).execution(node) if outputs else None
    drawn = []
    for output in outputs:
        if execution is None:
            break
        try:
            drawn.append((output, _write(output, execution, configuration)))
        except Exception as error:  # noqa: BLE001 - a drawing must not fail a good node
            said = error.headline if isinstance(error, errors.MillraceError) else error
            logging.warning("%s is not drawn: %s: %s", output.name, type(error).__name__, said)
    if executor_output_file:
        files.write_text(executor_output_file, executor_output(drawn))


def _write(
    output: Output, execution: Execution, configuration: PipelineConfiguration
) -> Mapping[str, Any]:
    if output.type == "system.HTML":
        files.write_text(output.path, node_page(execution))
        return {}
    metadata = _METADATA[output.type](execution, configuration)
    # The interface reads the metadata; the file is for people who open the artifact.
    files.write_text(output.path, json.dumps(metadata, indent=2, allow_nan=False))
    return metadata


def _metrics(execution: Execution, configuration: PipelineConfiguration) -> dict[str, float]:
    return scalar_metrics(evaluation_of(execution), blessing(execution))


def _classification(execution: Execution, configuration: PipelineConfiguration) -> dict[str, Any]:
    [artifact] = execution.outputs["evaluation"]
    with local_folder(artifact.uri) as folder:
        return classification_metrics(
            folder,
            threshold=configuration.evaluation.decision_threshold,
            classes=configuration.classes,
        )


_METADATA: dict[str, Callable[[Execution, PipelineConfiguration], dict[str, Any]]] = {
    "system.Metrics": _metrics,
    "system.ClassificationMetrics": _classification,
}
