"""Beam's worker processes import from where their parent does."""

from __future__ import annotations

import shlex
from typing import Any

from core import import_path

_WORKER = "apache_beam.runners.worker.sdk_worker_main"


def import_as_here() -> None:
    """Has worker processes of this process start with its import path.

    Beam starts them with ``python -m``, which looks for every module in the working folder
    first, and knows no other command. Only for the running mode ``multi_processing``.
    """
    from apache_beam.portability import python_urns
    from apache_beam.runners.portability.fn_api_runner import worker_handlers

    class Handler(worker_handlers.SubprocessSdkWorkerHandler):
        """Beam's own, with another command."""

        def __init__(self, worker_command_line: bytes, *rest: Any) -> None:
            command = shlex.join(import_path.module_command(_WORKER))
            super().__init__(command.encode(), *rest)

    worker_handlers.WorkerHandler.register_environment(python_urns.SUBPROCESS_SDK, bytes)(Handler)
