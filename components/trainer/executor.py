"""TFX's Trainer executor, which also tells `run_fn` where checkpoints may lie."""

from __future__ import annotations

import os
from typing import Any

from tfx import types
from tfx.components.trainer import executor as tfx_executor
from tfx.components.trainer.fn_args_utils import FnArgs

from components.execution_flags import parse_execution_flags
from models.training import CHECKPOINT_FOLDER_KEY


class Executor(tfx_executor.GenericExecutor):
    """Hands the execution's stateful working folder to `run_fn`.

    TFX's launcher keeps that folder when an execution fails or is killed, gives it to
    the same execution again when it is resumed, and removes it after success.
    """

    def _GetFnArgs(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> FnArgs:
        fn_args = super()._GetFnArgs(input_dict, output_dict, exec_properties)
        folder = self._context.stateful_working_dir if self._context else None
        # Checkpoints are written with local renames; a run folder in a bucket has none.
        if folder and "://" not in folder:
            # Other code may train another model: it does not take up these checkpoints.
            code = parse_execution_flags(self._context.extra_flags).code
            folder = os.path.join(folder, f"checkpoints-{code[:16]}" if code else "checkpoints")
            os.makedirs(folder, exist_ok=True)
            fn_args.custom_config = {
                **(fn_args.custom_config or {}),
                CHECKPOINT_FOLDER_KEY: folder,
            }
        return fn_args
