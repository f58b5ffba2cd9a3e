"""TFX's Pusher with our executor."""

from __future__ import annotations

from tfx.components import Pusher as TfxPusher
from tfx.dsl.components.base import executor_spec

from components.pusher import executor


class Pusher(TfxPusher):
    """Pushes a blessed model into a folder in TF Serving's layout.

    Inputs, parameters and outputs are those of TFX's Pusher, and so are the properties of
    the PushedModel artifact.
    """

    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)
