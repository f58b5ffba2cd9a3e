"""The Evaluator component: TFX's, with an executor that can do without Beam."""

from __future__ import annotations

from tfx.components import Evaluator as TfxEvaluator
from tfx.dsl.components.base import executor_spec

from components.evaluator import executor


class Evaluator(TfxEvaluator):
    """Evaluates a model by slice, against thresholds and the blessed baseline.

    Inputs, parameters and outputs are those of TFX's Evaluator, and so are the files
    and the blessing that it writes.
    """

    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(executor.Executor)
