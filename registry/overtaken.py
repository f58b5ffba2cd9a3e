"""Whether another model became the champion while a run evaluated its own."""

from __future__ import annotations

import ml_metadata
from ml_metadata.proto import metadata_store_pb2

from components.nodes import BASELINE_RESOLVER, PUSHER
from core.errors import ModelError
from metadata.leftovers import node_executions
from metadata.records import output_artifacts
from registry.model_version import ModelVersion
from registry.models import Models
from registry.registration import PUSHED_MODEL, read_models
from registry.store_access import known_types

CODE = "champion-changed"
_LIVE = metadata_store_pb2.Artifact.LIVE


def overtaken(
    store: ml_metadata.MetadataStore, pipeline: str, run_id: str
) -> tuple[ModelVersion, ModelError] | None:
    """Finds out whether a run compared its model with the champion of now.

    To be asked, and acted on, while nobody else may push.

    Args:
      store: The store, open for writing: pushes that have no version yet get one.
      pipeline: The pipeline's name.
      run_id: The run.

    Returns:
      The champion of now and the refusal, None where the run looked at that champion, or
      where no evaluation could: there is none, or it never was blessed.
    """
    models = read_models(store).get(pipeline) or Models(pipeline)
    champion = models.champion
    if champion is None or champion.pushes[-1].why == f"run {run_id}":
        return None
    baseline = _baseline(store, run_id)
    if champion.model == baseline or not _can_be_compared_with(store, champion.model):
        return None
    known = next((str(v.version) for v in models.versions if v.model == baseline), "")
    against = known or (f"model {baseline}" if baseline else "no other model: there was none")
    push = champion.pushes[-1]
    return champion, ModelError(
        f"{champion.version} became the champion while this run evaluated its model",
        evidence=[
            f"it was evaluated against {against}",
            f"{champion.version} was pushed on {push.when} by {push.who or 'unknown'}: {push.why}",
            "nothing was pushed; the champion is as it was",
        ],
        hint=f"`millrace resume {run_id}` evaluates it against {champion.version}, "
        "and pushes it if it is blessed",
        code=CODE,
    )


def note_refusal(store: ml_metadata.MetadataStore, run_id: str, champion: ModelVersion) -> None:
    """Has the registry list the model of a run as refused.

    Args:
      store: The store, open for writing.
      run_id: The run, whose Pusher has failed.
      champion: The champion that it was not compared with.
    """
    pushers = [execution for node, execution in node_executions(store, run_id) if node == PUSHER]
    if not pushers:
        return
    execution = max(pushers, key=lambda one: one.id)
    rows = [row for row in output_artifacts(store, execution.id) if row.type == PUSHED_MODEL]
    new = metadata_store_pb2.Artifact(type_id=known_types(store)[PUSHED_MODEL])
    row = rows[-1] if rows else new
    # Not live: nothing reads it as a pushed model.
    row.state = metadata_store_pb2.Artifact.ABANDONED
    row.custom_properties["pushed"].int_value = 0
    words = f"{champion.version} became the champion during the run"
    row.custom_properties["refused_by"].string_value = words
    if rows:
        store.put_artifacts([row])
        return
    event = metadata_store_pb2.Event(type=metadata_store_pb2.Event.OUTPUT)
    event.path.steps.add().key = "pushed_model"
    event.path.steps.add().index = 0
    contexts = store.get_contexts_by_execution(execution.id)
    store.put_execution(execution, [(row, event)], contexts)


def _baseline(store: ml_metadata.MetadataStore, run_id: str) -> int:
    """The id of the model that a run's resolver found to compare with, 0 for none."""
    return max(
        (
            artifact.id
            for node, execution in node_executions(store, run_id)
            if node == BASELINE_RESOLVER
            for artifact in output_artifacts(store, execution.id)
            if artifact.type == "Model"
        ),
        default=0,
    )


def _can_be_compared_with(store: ml_metadata.MetadataStore, model: int) -> bool:
    """Whether the resolver would find a model: one with a blessing of its own."""
    return any(
        row.state == _LIVE
        and row.custom_properties["blessed"].int_value == 1
        and row.custom_properties["current_model_id"].int_value == model
        for row in store.get_artifacts_by_type("ModelBlessing")
    )
