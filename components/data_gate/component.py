"""The DataGate component: nothing downstream of it sees data that break the schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts
from tfx.utils import json_utils

from components.data_gate import executor
from components.data_gate.artifacts import DataBlessing
from components.data_gate.settings import GateSettings
from components.data_gate.severities import parse_allowed
from preprocessing.label import Task


class DataGateSpec(component_spec.ComponentSpec):
    """Inputs, parameters and outputs of the gate."""

    PARAMETERS: ClassVar = {
        executor.SETTINGS_KEY: component_spec.ExecutionParameter(type=str),
        executor.MODEL_KEY: component_spec.ExecutionParameter(type=str),
        executor.SERVING_DIGEST_KEY: component_spec.ExecutionParameter(type=str, optional=True),
    }
    INPUTS: ClassVar = {
        executor.ANOMALIES_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.ExampleAnomalies
        ),
        executor.STATISTICS_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.ExampleStatistics
        ),
        executor.SCHEMA_KEY: component_spec.ChannelParameter(type=standard_artifacts.Schema),
        executor.EXAMPLES_KEY: component_spec.ChannelParameter(type=standard_artifacts.Examples),
        executor.BASELINE_STATISTICS_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.ExampleStatistics, optional=True
        ),
        executor.BASELINE_BLESSING_KEY: component_spec.ChannelParameter(
            type=DataBlessing, optional=True
        ),
    }
    OUTPUTS: ClassVar = {executor.BLESSING_KEY: component_spec.ChannelParameter(type=DataBlessing)}


class DataGate(base_component.BaseComponent):
    """Ends the run where the six questions about new data have a bad answer.

    Nodes that use the examples depend on this one (``add_upstream_node``).

    Args:
      anomalies: ExampleValidator's anomalies.
      statistics: The statistics that they were found in.
      schema: The schema that they break.
      examples: The examples; their rows are looked at, too.
      baseline_statistics: The statistics of the data accepted before, if there are any.
      baseline_blessing: The blessing of those data.
      settings: Thresholds, severities and checks.
      kinds: The role of each raw column that the model reads, such as ``numeric``;
        empty where that is not known.
      label: The label's expression; empty for none.
      task: The task.
      classes: The configured classes, if there are any.
      split: How rows are split.
      key: The column by which they are, if there is one.
      serving_digest: A digest of the serving statistics, for the cache key.

    Raises:
      UserError: If the settings allow an anomaly that TFDV does not know.
    """

    SPEC_CLASS = DataGateSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

    def __init__(
        self,
        anomalies: types.BaseChannel,
        statistics: types.BaseChannel,
        schema: types.BaseChannel,
        examples: types.BaseChannel,
        baseline_statistics: types.BaseChannel | None = None,
        baseline_blessing: types.BaseChannel | None = None,
        settings: GateSettings | None = None,
        kinds: Mapping[str, str] | None = None,
        label: str = "",
        task: Task = "binary",
        classes: Sequence[str] | None = None,
        split: str = "",
        key: str = "",
        serving_digest: str | None = None,
    ) -> None:
        settings = settings or GateSettings()
        parse_allowed(settings.allowed)
        model: dict[str, Any] = {
            "kinds": dict(kinds or {}),
            "label": label,
            "task": task,
            "split": split,
            "key": key,
        }
        if classes:
            model["classes"] = list(classes)
        arguments = {
            executor.ANOMALIES_KEY: anomalies,
            executor.STATISTICS_KEY: statistics,
            executor.SCHEMA_KEY: schema,
            executor.EXAMPLES_KEY: examples,
            executor.BASELINE_STATISTICS_KEY: baseline_statistics,
            executor.BASELINE_BLESSING_KEY: baseline_blessing,
            executor.SETTINGS_KEY: settings.model_dump_json(),
            executor.MODEL_KEY: json_utils.dumps(model),
            executor.SERVING_DIGEST_KEY: serving_digest,
            executor.BLESSING_KEY: types.Channel(type=DataBlessing),
        }
        super().__init__(
            DataGateSpec(**{name: value for name, value in arguments.items() if value is not None})
        )
