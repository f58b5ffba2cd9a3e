"""What a configuration loses in a job that TFX's `KubeflowV2DagRunner` compiles.

Read in TFX 1.16: ``tfx/orchestration/kubeflow/v2/step_builder.py`` (what is written) and
``.../v2/container/kubeflow_v2_run_executor.py`` (what the container does with it).
"""

from __future__ import annotations

from pipeline.configuration.cluster import KubeflowSettings, NodeSettings
from pipeline.configuration.model import PipelineConfiguration
from pipeline.configuration.parameters import run_parameters


def losses(configuration: PipelineConfiguration) -> tuple[str, ...]:
    """What is in the configuration, or in a local run, and not in the job.

    Args:
      configuration: The checked configuration.

    Returns:
      A sentence each.
    """
    found = [
        f"run parameters: the values of all {len(run_parameters(configuration))} are fixed in "
        "the job; another value needs another compile",
        "the metadata store: Vertex keeps its own, so `millrace runs` and `millrace show` know "
        "nothing of these runs",
        "flags of executors: beam.in_memory_bytes is its default, and the cache key has neither "
        "the code's digest nor the schema file's, so a new image or schema needs a new name",
        "reports and metrics for the interface, exit codes and short messages of failed nodes: "
        "the container runs TFX's entry point, not ours",
    ]
    found.append(
        "LatestAcceptedData: TFX compiles no resolver of one's own for Vertex, so the gate "
        "compares new data with the schema only, not with the data accepted before"
    )
    found.append(
        "LatestBlessedModel: the newest blessed model is the baseline, also one that was "
        "withdrawn by a rollback, and the registry of models is not kept"
    )
    if not configuration.tuner.enabled:
        found.append(
            "LatestHyperparameters: TFX compiles no resolver of one's own for Vertex, so the "
            "Trainer takes the configured hyperparameters, never those of an earlier search"
        )
    if configuration.components:
        found.append(
            "components of your own: TFX's entry point runs them, so examples that they make "
            "of examples have no span, and rewrite_examples cannot write to a bucket"
        )
    ignored = _ignored(configuration.kubeflow)
    if ignored:
        found.append(f"settings of the cluster: {', '.join(ignored)}")
    return tuple(found)


def _ignored(settings: KubeflowSettings) -> list[str]:
    """The keys of the section `kubeflow` that are set and that TFX's compiler does not write."""
    default = KubeflowSettings()
    names = ("volumes", "secrets", "environment", "service_account", "nodes")
    ignored = [name for name in names if getattr(settings, name) != getattr(default, name)]
    if settings.defaults != NodeSettings():
        ignored.append("defaults")
    return [f"kubeflow.{name}" for name in ignored]
