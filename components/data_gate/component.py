"""The DataGate component: nothing downstream of it sees data that break the schema."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import component_spec, standard_artifacts
from tfx.utils import json_utils

from components.data_gate import executor
from components.data_gate.anomalies import parse_allowed
from components.data_gate.artifacts import DataBlessing


class DataGateSpec(component_spec.ComponentSpec):
    """Inputs, parameters and outputs of the gate."""

    PARAMETERS: ClassVar = {executor.ALLOWED_KEY: component_spec.ExecutionParameter(type=str)}
    INPUTS: ClassVar = {
        executor.ANOMALIES_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.ExampleAnomalies
        ),
        executor.STATISTICS_KEY: component_spec.ChannelParameter(
            type=standard_artifacts.ExampleStatistics
        ),
        executor.SCHEMA_KEY: component_spec.ChannelParameter(type=standard_artifacts.Schema),
        executor.EXAMPLES_KEY: component_spec.ChannelParameter(type=standard_artifacts.Examples),
    }
    OUTPUTS: ClassVar = {executor.BLESSING_KEY: component_spec.ChannelParameter(type=DataBlessing)}


class DataGate(base_component.BaseComponent):
    """Ends the run where a split has an anomaly of severity ERROR that is not allowed.

    Nodes that use the examples depend on this one (``add_upstream_node``).

    Args:
      anomalies: ExampleValidator's anomalies.
      statistics: The statistics that they were found in.
      schema: The schema that they break.
      examples: The examples, for the record of what was accepted.
      allowed: Features whose anomalies do not stop the run, or ``feature:ANOMALY`` pairs
        with TFDV's name of the anomaly; ``dataset`` stands for anomalies of the whole
        split.

    Raises:
      UserError: If `allowed` names an anomaly that TFDV does not know.
    """

    SPEC_CLASS = DataGateSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

    def __init__(
        self,
        anomalies: types.BaseChannel,
        statistics: types.BaseChannel,
        schema: types.BaseChannel,
        examples: types.BaseChannel,
        allowed: Sequence[str] = (),
    ) -> None:
        parse_allowed(allowed)
        super().__init__(
            DataGateSpec(
                **{
                    executor.ANOMALIES_KEY: anomalies,
                    executor.STATISTICS_KEY: statistics,
                    executor.SCHEMA_KEY: schema,
                    executor.EXAMPLES_KEY: examples,
                    executor.ALLOWED_KEY: json_utils.dumps(list(allowed)),
                    executor.BLESSING_KEY: types.Channel(type=DataBlessing),
                }
            )
        )
