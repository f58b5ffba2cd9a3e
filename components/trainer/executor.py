"""TFX's Trainer executor, which also tells `run_fn` where checkpoints may lie."""

from __future__ import annotations

import os
import shutil
from typing import Any

from tfx import types
from tfx.components.trainer import executor as tfx_executor
from tfx.components.trainer.fn_args_utils import FnArgs

from components.execution_flags import parse_execution_flags
from models.training import CHECKPOINT_FOLDER_KEY


class Executor(tfx_executor.GenericExecutor):
    """Gives `run_fn` a folder for checkpoints that a resumed execution finds again.

    TFX's stateful working folder is meant for that, but the launcher of TFX 1.16 gives it
    a new random name each time it launches an execution. So the folder stands beside
    it, named after the execution: a run that is resumed goes on with the same
    execution, and every other run has another one. It is removed after success.
    """

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Trains, and removes the checkpoints when the model is written.

        Args:
          input_dict: As TFX's Trainer takes them.
          output_dict: As TFX's Trainer takes them.
          exec_properties: As TFX's Trainer takes them.

        Raises:
          Exception: What `run_fn` raises; the checkpoints stay.
        """
        super().Do(input_dict, output_dict, exec_properties)
        folder = self._execution_folder()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def _execution_folder(self) -> str | None:
        """The folder of this execution's checkpoints, None where there can be none."""
        stateful = self._context.stateful_working_dir if self._context else None
        # Checkpoints are written with local renames; a run folder in a bucket has none.
        if not stateful or "://" in stateful:
            return None
        execution = self._context._unique_id or "0"
        return os.path.join(os.path.dirname(stateful.rstrip("/")), f"execution-{execution}")

    def _GetFnArgs(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> FnArgs:
        fn_args = super()._GetFnArgs(input_dict, output_dict, exec_properties)
        folder = self._execution_folder()
        if folder is not None:
            # Other code may train another model: it does not take up these checkpoints.
            code = parse_execution_flags(self._context.extra_flags).code
            folder = os.path.join(folder, f"checkpoints-{code[:16]}" if code else "checkpoints")
            os.makedirs(folder, exist_ok=True)
            fn_args.custom_config = {
                **(fn_args.custom_config or {}),
                CHECKPOINT_FOLDER_KEY: folder,
            }
        return fn_args
