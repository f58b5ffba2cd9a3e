"""What ML Metadata knows of a pushed model, gathered for the registry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import ml_metadata
from google.protobuf import text_format
from google.protobuf.message import DecodeError

from core.artifact_files import local_path
from core.errors import InfrastructureError
from metadata.lineage import Lineage, trace
from metadata.records import RUN_CONTEXT, Artifact
from preprocessing.features import load_features, raw_columns
from registry.model_version import Data, Facts

_BASELINE = "baseline_model"


def facts_of(store: ml_metadata.MetadataStore, artifact_id: int) -> tuple[Facts, Artifact | None]:
    """The facts of a PushedModel.

    Args:
      store: The store.
      artifact_id: The id of the PushedModel artifact.

    Returns:
      The facts, and the Model artifact. What was not recorded is empty.

    Raises:
      InfrastructureError: If the store does not answer.
    """
    lineage = trace(store, artifact_id)
    model = lineage.first("model")
    trained = lineage.step(model.id) if model else None
    pushed = lineage.step(artifact_id)
    run_id = trained.execution.run_id if trained else ""
    run = run_facts(store, run_id)
    pushing = _json(run_facts(store, pushed.execution.run_id).get("pushing") if pushed else None)
    told = _json(trained.execution.properties.get("custom_config")) if trained else {}
    metrics, baselines, compared_with = _evaluation(lineage)
    facts = Facts(
        run_id=run_id,
        trained=trained.execution.updated.isoformat(timespec="milliseconds") if trained else "",
        trained_by=run.get("started_by", ""),
        commit=run.get("commit", ""),
        code=run.get("code", ""),
        configuration=run.get("configuration", ""),
        libraries=_libraries(run, lineage),
        label=str(told.get("label") or ""),
        task=str(told.get("task") or ""),
        columns=_columns(lineage, told),
        metrics=metrics,
        baselines=baselines,
        compared_with=compared_with,
        data=tuple(
            Data(d.span, d.version, d.fingerprint, dict(d.rows), d.input_base)
            for d in lineage.datasets
        ),
        model_digest=str(lineage.root.value("model_digest") or ""),
        change=str(pushing.get("change") or ""),
        keep=pushing.get("keep"),
    )
    return facts, model


def run_facts(store: ml_metadata.MetadataStore, run_id: str) -> dict[str, str]:
    """What a run noted of itself (`pipeline.identity.properties`); empty where it noted nothing."""
    context = store.get_context_by_type_and_name(RUN_CONTEXT, run_id) if run_id else None
    if context is None:
        return {}
    values = {**context.properties, **context.custom_properties}
    return {name: value.string_value for name, value in values.items()}


def _evaluation(lineage: Lineage) -> tuple[dict[str, float], dict[str, float], int | None]:
    from components.evaluator.outcome.reading import read_evaluation

    artifact = lineage.first("evaluation")
    folder = local_path(artifact.uri) if artifact else None
    if artifact is None or folder is None:
        return {}, {}, None
    step = lineage.step(artifact.id)
    inputs = dict(step.inputs) if step else {}
    try:
        overall = read_evaluation(folder).overall
    except (OSError, ValueError, DecodeError, InfrastructureError):
        return {}, {}, None
    metrics = overall.metrics if overall else {}
    values = {name: metric.value for name, metric in metrics.items()}
    baselines = {n: m.baseline for n, m in metrics.items() if m.baseline is not None}
    return values, baselines, inputs.get(_BASELINE)


def _columns(lineage: Lineage, told: Mapping[str, Any]) -> dict[str, str]:
    """The types of the columns that the model reads, by the schema it was trained under."""
    from tensorflow_metadata.proto.v0 import schema_pb2

    artifact = lineage.first("schema")
    folder = local_path(artifact.uri) if artifact else None
    if folder is None:
        return {}
    try:
        text = (folder / "schema.pbtxt").read_text(encoding="utf-8")
        schema = text_format.Parse(text, schema_pb2.Schema())
    except (OSError, ValueError, text_format.ParseError):
        return {}
    types = {f.name: schema_pb2.FeatureType.Name(f.type) for f in schema.feature}
    read = _raw_columns(told.get("features"))
    return {name: kind for name, kind in types.items() if not read or name in read}


def _raw_columns(features: Any) -> set[str]:
    try:
        return set(raw_columns(load_features(features)))
    except (ValueError, TypeError, AttributeError):
        return set()  # a Trainer that was told otherwise: every column counts


def _libraries(run: Mapping[str, str], lineage: Lineage) -> dict[str, str]:
    found = {str(k): str(v) for k, v in _json(run.get("libraries")).items()}
    versions = {str(a.value("tfx_version")) for a in lineage.artifacts.values()} - {"None"}
    if "tfx" not in found and versions:
        found["tfx"] = ", ".join(sorted(versions))
    return found


def _json(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    try:
        found = json.loads(value) if isinstance(value, str) else None
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
