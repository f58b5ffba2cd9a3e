"""The StatisticsGen component: TFX's own, with an executor that need not start Beam."""

from __future__ import annotations

from tfx.components import StatisticsGen as TfxStatisticsGen
from tfx.dsl.components.base import executor_spec

from components.statistics_gen import executor


class StatisticsGen(TfxStatisticsGen):
    """TFX's StatisticsGen: same channels, same parameters, same artifacts.

    How it computes is decided by the executor's extra flags, see
    `components.execution_flags`.
    """

    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(executor.Executor)
