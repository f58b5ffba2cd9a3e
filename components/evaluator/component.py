"""The Evaluator component: TFX's, with an executor that can do without Beam."""

from __future__ import annotations

from typing import Any

from tfx.components import Evaluator as TfxEvaluator
from tfx.dsl.components.base import executor_spec

from components.evaluator import executor
from components.evaluator.gates import GATES_KEY, Gates


class Evaluator(TfxEvaluator):
    """Evaluates a model by slice, against thresholds and the blessed baseline.

    Inputs, parameters and outputs are those of TFX's Evaluator, and so are the files
    and the blessing that it writes.
    """

    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(executor.Executor)

    def __init__(self, *, gates: Gates | None = None, **arguments: Any) -> None:
        """Makes the node.

        Args:
          gates: What is judged beyond TFMA's thresholds.
          **arguments: Those of TFX's Evaluator.
        """
        super().__init__(**arguments)
        if gates is not None:
            # TFX's Evaluator makes its own specification, which has no such parameter.
            self.spec.exec_properties[GATES_KEY] = gates.to_json()
