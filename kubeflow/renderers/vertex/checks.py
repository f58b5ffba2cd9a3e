"""What Vertex needs of a configuration, asked before anything heavy is imported."""

from __future__ import annotations

from pathlib import Path

from core import errors
from kubeflow.graph.build import missing_image
from pipeline.configuration.model import PipelineConfiguration


def check_vertex(configuration: PipelineConfiguration) -> None:
    """Refuses what a job on Vertex could not reach.

    Args:
      configuration: The checked configuration.

    Raises:
      errors.UserError: If there is no image, or the root, the data, the push directory or
        the schema are not where the job's containers find them; or if a window of spans or
        a wait for finished ones is configured, which need resolving that Vertex has not.
    """
    for key, is_set in (
        ("data.window", configuration.data.window > 1),
        ("data.ready", configuration.data.ready is not None),
    ):
        if is_set:
            raise errors.UserError(
                f"{key} has no effect on Vertex",
                evidence=["there TFX's own driver finds the span, and no resolver of ours runs"],
                hint=f"leave {key} out, or run on Kubeflow Pipelines",
                code="not-on-vertex",
            )
    if not configuration.kubeflow.image:
        raise missing_image()
    _check_bucket(
        "kubeflow.root", configuration.kubeflow.root, "say --set kubeflow.root=gs://BUCKET/FOLDER"
    )
    if configuration.data.path is None:
        raise errors.UserError(
            "the configuration names no data",
            evidence=["bundled data are on this machine only"],
            hint="say --data gs://BUCKET/FOLDER",
            code="no-data",
        )
    _check_bucket("data.path", configuration.data.path, "say --data gs://BUCKET/FOLDER")
    if configuration.pushing.directory is not None:
        _check_bucket(
            "pushing.directory", configuration.pushing.directory, "leave it out or name a bucket"
        )
    schema = configuration.schema_file
    if schema is not None and Path(schema).is_absolute():
        raise errors.UserError(
            f"the curated schema {schema} is not in the project folder",
            evidence=["the image holds that folder; the rest of this machine is not on Vertex"],
            hint="name it relative to the project folder, such as schema/taxi/schema.pbtxt",
            code="schema-not-in-image",
        )


def _check_bucket(key: str, value: str, hint: str) -> None:
    if not value.startswith("gs://"):
        raise errors.UserError(
            f"{key} {value} cannot be reached from Vertex",
            evidence=["its containers share buckets, no volumes"],
            hint=hint,
            code="not-in-bucket",
        )
