"""TFX's Trainer with our executor."""

from __future__ import annotations

from tfx import components
from tfx.dsl.components.base import executor_spec

from components.trainer import executor


class Trainer(components.Trainer):
    """TFX's Trainer, whose training goes on where an interruption left it.

    Same inputs, outputs and parameters as `tfx.components.Trainer`.
    """

    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)
