"""Training state on disk, so that an interrupted training goes on where it was."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from core import files

if TYPE_CHECKING:
    import keras


class TrainingState:
    """Saves and restores the model, its optimiser, the best weights and the history.

    A checkpoint and the record that belongs to it become valid together: the record
    names its checkpoint and is replaced atomically after the checkpoint is whole.

    Args:
      folder: A local folder that outlives an interrupted execution; None to keep
        nothing.
      model: The model.
      optimizer: The optimiser.
      identity: Tells trainings apart; a record of another one is not taken up.
    """

    _RECORD = "training_state.json"

    def __init__(
        self,
        folder: str | None,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        identity: str,
    ) -> None:
        self._folder = folder
        self._identity = identity
        self._weights = [weight.value for weight in model.weights]
        self._best = [tf.Variable(weight, trainable=False) for weight in self._weights]
        self._checkpoint = tf.train.Checkpoint(
            weights=self._weights,
            best=self._best,
            optimizer=[variable.value for variable in optimizer.variables],
        )

    def remember_best(self) -> None:
        """Keeps a copy of the weights as the best so far."""
        for kept, weight in zip(self._best, self._weights, strict=True):
            kept.assign(weight)

    def take_best(self) -> None:
        """Gives the model the best weights."""
        for kept, weight in zip(self._best, self._weights, strict=True):
            weight.assign(kept)

    def save(self, step: int, record: dict[str, Any]) -> None:
        """Writes a checkpoint.

        Args:
          step: The number of steps done.
          record: What else must be known to go on; plain JSON.

        Raises:
          OSError: If the disk refuses.
        """
        if self._folder is None:
            return
        previous = self._read_record()
        prefix = self._checkpoint.write(os.path.join(self._folder, f"step-{step}"))
        whole = {"identity": self._identity, "checkpoint": prefix, "step": step, **record}
        files.write_text(os.path.join(self._folder, self._RECORD), json.dumps(whole))
        if previous and previous["checkpoint"] != prefix:
            for path in tf.io.gfile.glob(previous["checkpoint"] + ".*"):
                tf.io.gfile.remove(path)

    def restore(self) -> dict[str, Any] | None:
        """Takes up the training that was interrupted, if there is one.

        Returns:
          The record that was saved with "step" in it, or None where nothing of this
          training was saved.
        """
        record = self._read_record()
        if record is None or record["identity"] != self._identity:
            return None
        self._checkpoint.read(record["checkpoint"]).assert_existing_objects_matched()
        return record

    def _read_record(self) -> dict[str, Any] | None:
        if self._folder is None:
            return None
        try:
            with open(os.path.join(self._folder, self._RECORD), encoding="utf-8") as source:
                record = json.load(source)
        except FileNotFoundError:
            return None
        return record if isinstance(record, dict) else None
