"""The Transform component: TFX's own, with an executor that need not start Beam."""

from __future__ import annotations

from tfx.components import Transform as TfxTransform
from tfx.dsl.components.base import executor_spec

from components.transform import executor


class Transform(TfxTransform):
    """TFX's Transform: same channels, same parameters, same artifacts.

    How it computes is decided by the executor's extra flags, see
    `components.execution_flags`.
    """

    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(executor.Executor)
