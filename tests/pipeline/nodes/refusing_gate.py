"""A gate that refuses spans by their number, as a node of a real TFX pipeline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

from tfx import types
from tfx.dsl.components.base import base_component, base_executor, executor_spec
from tfx.types import component_spec, standard_artifacts

from core.errors import DataError


class Executor(base_executor.BaseExecutor):
    """Refuses the spans that a file lists, which is read anew each time."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        [examples] = input_dict["examples"]
        refused = json.loads(Path(exec_properties["refused"]).read_text())
        if examples.get_int_custom_property("span") in refused:
            raise DataError(
                "1 feature of the new data breaks the schema",
                evidence=["eval: fare: gone"],
                hint="correct the data",
                code="data-anomalies",
                details={"report.json": '{"accepted": false}', "report.html": "<p>fare</p>"},
            )


class GateSpec(component_spec.ComponentSpec):
    PARAMETERS: ClassVar = {"refused": component_spec.ExecutionParameter(type=str)}
    INPUTS: ClassVar = {
        "examples": component_spec.ChannelParameter(type=standard_artifacts.Examples)
    }
    OUTPUTS: ClassVar = {
        "blessing": component_spec.ChannelParameter(type=standard_artifacts.ModelBlessing)
    }


class Gate(base_component.BaseComponent):
    SPEC_CLASS = GateSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(self, examples: types.BaseChannel, refused: Path) -> None:
        blessing = types.Channel(type=standard_artifacts.ModelBlessing)
        super().__init__(GateSpec(examples=examples, refused=str(refused), blessing=blessing))
