"""The Pusher's executor: TFX's, but a push is whole or absent and no number is taken twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from absl import logging
from tfx import types
from tfx.components.pusher import executor as tfx_executor
from tfx.components.util import model_utils
from tfx.proto import pusher_pb2
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import io_utils, proto_utils

from components.pusher import layout, pushing, refusal
from core.login import login_name

# Properties of PushedModel beside TFX's own.
PUSHED_BY = "pushed_by"
MODEL_DIGEST = "model_digest"
REFUSED_BY = "refused_by"

_BLESSINGS = (
    (standard_component_specs.MODEL_BLESSING_KEY, model_utils.is_model_blessed),
    (standard_component_specs.INFRA_BLESSING_KEY, model_utils.is_infra_validated),
)


class Executor(tfx_executor.Executor):
    """Pushes a model that all its blessings allow.

    TFX numbers versions by the second, skips the push where the number is taken, and
    copies in the folder that servers watch. Here the number is always a new one, and
    the version appears whole (see `pushing.push`).
    """

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Pushes the model, or notes which blessing it lacks.

        Args:
          input_dict: As TFX's Pusher takes them.
          output_dict: As TFX's Pusher takes them.
          exec_properties: As TFX's Pusher takes them.

        Raises:
          OSError: If the disk refuses; then no server sees anything of the push.
          refusal.RefusedError: If the model is blessed and must not be pushed now.
        """
        self._log_startup(input_dict, output_dict, exec_properties)
        pushed = artifact_utils.get_single_instance(
            output_dict[standard_component_specs.PUSHED_MODEL_KEY]
        )
        if not self.CheckBlessing(input_dict):
            self._MarkNotPushed(pushed)
            pushed.set_string_custom_property(REFUSED_BY, ", ".join(_missing(input_dict)))
            return
        refusal.raise_if_refused()
        model = self.GetModelPath(input_dict)
        directory = _directory(exec_properties)
        # The copy that rollbacks push again comes first: a full disk must not end the node
        # when servers have the model already.
        io_utils.copy_dir(model, pushed.uri)
        context = self._context
        run = context.pipeline_run_id or context._unique_id or "" if context else ""
        # A node that was killed and is tried again in its run is the same push.
        done = pushing.push(model, directory, layout.push_token(run, model))
        logging.info("Model pushed to %s.", done.destination)
        self._MarkPushed(pushed, done.destination, str(done.number))
        pushed.set_string_custom_property(PUSHED_BY, login_name())
        if "://" not in model:
            pushed.set_string_custom_property(MODEL_DIGEST, layout.model_digest(Path(model)))


def _missing(inputs: dict[str, list[types.Artifact]]) -> list[str]:
    found = []
    for key, is_blessed in _BLESSINGS:
        for artifact in inputs.get(key) or ():
            if not is_blessed(artifact):
                found.append(artifact.type_name)
    return found


def _directory(exec_properties: dict[str, Any]) -> str:
    destination = pusher_pb2.PushDestination()
    proto_utils.json_to_proto(
        exec_properties[standard_component_specs.PUSH_DESTINATION_KEY], destination
    )
    kind = destination.WhichOneof("destination")
    if kind != "filesystem":
        raise NotImplementedError(f"push destination {kind}")
    return str(destination.filesystem.base_directory)
