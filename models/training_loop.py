"""The training loop: steps in one compiled loop, evaluation, early stopping.

`keras.Model.fit` crosses from Python into TensorFlow once a step, or traces a more
involved graph to avoid it; for models of this size that is most of the time. Here one
traced function runs any number of steps, so the loop comes back to Python only to
evaluate, to report and to save.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from core import progress
from models.checkpoints import TrainingState
from models.heads import Head, weights_of_classes
from models.hyperparameters import Hyperparameters
from models.input_pipeline import Rows, batches_from_memory
from models.own_model import forward, make_own_model
from models.wide_and_deep import WideAndDeep

if TYPE_CHECKING:
    from models.problem import Problem

_EVAL_ROWS = 8_192
_SECONDS_BETWEEN_REPORTS = 0.4


@dataclasses.dataclass(frozen=True)
class Trained:
    """A trained model with its best weights, and the record of its training."""

    model: keras.Model
    record: dict[str, Any]


def make_optimizer(hyperparameters: Hyperparameters) -> keras.optimizers.Optimizer:
    """AdamW with the configured step size, decay and weight decay.

    See Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization"
    (https://arxiv.org/abs/1711.05101), for why the decay is not part of the loss.
    """
    rate: Any = hyperparameters.learning_rate
    if hyperparameters.learning_rate_decay == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(rate, hyperparameters.train_steps)
    return keras.optimizers.AdamW(rate, weight_decay=hyperparameters.weight_decay)


def make_train_function(
    model: keras.Model,
    head: Head,
    optimizer: keras.optimizers.Optimizer,
    class_weights: np.ndarray,
) -> Callable[[Any, tf.Tensor], tf.Tensor]:
    """A compiled function that runs a number of steps and gives their mean loss.

    Args:
      model: The model.
      head: Its head.
      optimizer: A built optimiser.
      class_weights: A weight for each class, float32 [classes].

    Returns:
      A function of a dataset iterator and a number of steps (int32 scalar).
    """
    call = forward(model)
    variables = model.trainable_variables
    by_class = tf.constant(class_weights)
    trivial = bool(np.all(class_weights == 1.0))

    def weigh(labels: tf.Tensor) -> tf.Tensor:
        if head.task == "regression":
            return tf.cast(tf.math.is_finite(labels), tf.float32)
        known = tf.cast(labels >= 0, tf.float32)
        return known if trivial else known * tf.gather(by_class, tf.maximum(labels, 0))

    def one_step(iterator: Any) -> tf.Tensor:
        inputs, labels = next(iterator)
        weights = weigh(labels)
        labels = tf.where(weights > 0, labels, tf.zeros_like(labels))
        with tf.GradientTape() as tape:
            loss = head.loss(labels, call(inputs, training=True), weights)
            # What the layers of a project's own model ask for, such as L2.
            total = tf.add_n([loss, *model.losses])
        gradients = tape.gradient(total, [variable.value for variable in variables])
        optimizer.apply(gradients, variables)
        return loss

    # Without AutoGraph, which would rewrite Keras' and our sources at a cost of seconds.
    @tf.function(autograph=False)
    def train(iterator: Any, steps: tf.Tensor) -> tf.Tensor:
        _, total = tf.while_loop(
            lambda step, _: step < steps,
            lambda step, total: (step + 1, total + one_step(iterator)),
            (tf.constant(0), tf.constant(0.0)),
            parallel_iterations=1,
        )
        return total / tf.cast(steps, tf.float32)

    return train


class Evaluator:
    """Metrics of a split in memory, in large batches through one compiled function.

    Args:
      model: The model.
      head: Its head.
      rows: The split.
      class_weights: As `Head.metrics` takes them.
    """

    def __init__(
        self,
        model: keras.Model,
        head: Head,
        rows: Rows,
        class_weights: np.ndarray | None = None,
    ) -> None:
        self._head = head
        self._class_weights = class_weights
        self._rows = rows
        call = forward(model)

        @tf.function(autograph=False)
        def predict(inputs: dict[str, tf.Tensor]) -> tf.Tensor:
            return head.predictions(call(inputs, training=False))

        signature = {
            name: tf.TensorSpec([None, values.shape[1]], values.dtype, name=name)
            for name, values in rows.inputs().items()
        }
        self._predict = predict.get_concrete_function(signature)

    def predictions(self) -> np.ndarray:
        """The head's predictions of every row."""
        parts = [
            self._predict(
                {
                    name: tf.constant(values[first : first + _EVAL_ROWS])
                    for name, values in self._rows.inputs().items()
                }
            ).numpy()
            for first in range(0, len(self._rows), _EVAL_ROWS)
        ]
        return np.concatenate(parts)

    def evaluate(self) -> dict[str, float]:
        """The head's metrics; none where the split is empty."""
        if not len(self._rows):
            return {}
        return self._head.metrics(self._rows.label, self.predictions(), self._class_weights)


def train_model(
    problem: Problem,
    hyperparameters: Hyperparameters,
    *,
    log_folder: str | None,
    checkpoint_folder: str | None,
    identity: str,
) -> Trained:
    """Trains a wide-and-deep model until its steps or its patience are used up.

    Args:
      problem: The data and the head.
      hyperparameters: The hyperparameters.
      log_folder: Where TensorBoard logs go; None for none.
      checkpoint_folder: Where checkpoints go; None for none.
      identity: Tells this training from others in the same checkpoint folder.

    Raises:
      DataError: If the model's loss stops being a number.
    """
    loop = _Loop(problem, hyperparameters, checkpoint_folder, identity)
    loop.run(log_folder)
    return Trained(loop.model, loop.record())


def _make_model(problem: Problem, hyperparameters: Hyperparameters) -> keras.Model:
    if problem.own_model is None:
        return WideAndDeep(problem.layout, problem.head, hyperparameters)
    return make_own_model(
        problem.own_model, problem.layout, problem.head, hyperparameters, problem.train_rows
    )


class _Loop:
    def __init__(
        self,
        problem: Problem,
        hyperparameters: Hyperparameters,
        checkpoint_folder: str | None,
        identity: str,
    ) -> None:
        self._started = time.monotonic()
        keras.utils.set_random_seed(hyperparameters.seed)
        self._problem = problem
        self._settings = hyperparameters
        self.model = _make_model(problem, hyperparameters)
        optimizer = make_optimizer(hyperparameters)
        optimizer.build(self.model.trainable_variables)
        weights = weights_of_classes(
            hyperparameters.class_weights, problem.head, problem.train_rows.label
        )
        self._train = make_train_function(self.model, problem.head, optimizer, weights)
        self._evaluator = Evaluator(self.model, problem.head, problem.eval_rows, weights)
        self._class_weights = dict(zip(problem.head.classes, weights.tolist(), strict=False))
        self._state = TrainingState(checkpoint_folder, self.model, optimizer, identity)
        self._step = 0
        self._best: dict[str, Any] = {"step": 0, "loss": math.inf}
        self._waited = 0
        self._history: list[dict[str, Any]] = []
        self._seconds_before = 0.0
        self._continued_from: int | None = None
        saved = self._state.restore()
        if saved is not None:
            self._step = self._continued_from = saved["step"]
            self._best, self._waited = saved["best"], saved["waited"]
            self._history, self._seconds_before = saved["history"], saved["seconds"]

    def run(self, log_folder: str | None) -> None:
        settings = self._settings
        interval = settings.evaluate_every_steps or max(1, math.ceil(settings.train_steps / 10))
        iterator = iter(self._batches())
        writer = tf.summary.create_file_writer(log_folder) if log_folder else None
        reported = saved = time.monotonic()
        chunk = min(interval, 20)
        while self._step < settings.train_steps and not self._out_of_patience():
            until = min(settings.train_steps, (self._step // interval + 1) * interval)
            losses = []
            while self._step < until:
                steps = min(chunk, until - self._step)
                began = time.monotonic()
                losses.append((steps, float(self._train(iterator, tf.constant(steps)))))
                self._step += steps
                now = time.monotonic()
                # Long enough to cost nothing, short enough to be seen.
                rate = steps / max(now - began, 1e-6)
                chunk = max(1, min(5_000, int(rate * _SECONDS_BETWEEN_REPORTS)))
                if now - reported >= _SECONDS_BETWEEN_REPORTS:
                    reported = now
                    progress.report(self._words(losses[-1][1]))
                if now - saved >= settings.checkpoint_seconds and self._step < until:
                    saved = now
                    self._save()
            self._evaluate(sum(n * loss for n, loss in losses) / sum(n for n, _ in losses))
            if writer:
                self._log(writer)
            if time.monotonic() - saved >= settings.checkpoint_seconds:
                saved = time.monotonic()
                self._save()
        if writer:
            writer.close()
        if self._history and "loss" in self._best and math.isfinite(self._best["loss"]):
            self._state.take_best()
        progress.report(self._words(self._history[-1]["train_loss"]))

    def _batches(self) -> tf.data.Dataset:
        settings, problem = self._settings, self._problem
        if problem.train_fits:
            return batches_from_memory(
                problem.train_rows, settings.batch_size, settings.seed, self._step
            )
        return problem.train.stream(settings.batch_size, settings.seed + self._step)

    def _out_of_patience(self) -> bool:
        patience = self._settings.early_stopping_patience
        return bool(patience) and self._waited >= patience

    def _evaluate(self, train_loss: float) -> None:
        if not math.isfinite(train_loss):
            from core.errors import DataError

            raise DataError(
                f"the loss is not a number after {self._step:,} steps",
                evidence=[f"learning rate {self._settings.learning_rate}"],
                hint="lower the learning rate, and look for extreme values in the features",
                code="loss-not-a-number",
            )
        metrics = self._evaluator.evaluate()
        loss = metrics.get("loss", train_loss)
        self._history.append(
            {
                "step": self._step,
                "seconds": round(self._seconds(), 3),
                "train_loss": train_loss,
                **{f"eval_{name}": value for name, value in metrics.items()},
            }
        )
        if loss < self._best["loss"]:
            self._best = {**metrics, "step": self._step, "loss": loss}
            self._waited = 0
            self._state.remember_best()
        else:
            self._waited += 1

    def _seconds(self) -> float:
        return self._seconds_before + time.monotonic() - self._started

    def _save(self) -> None:
        self._state.save(
            self._step,
            {
                "best": self._best,
                "waited": self._waited,
                "history": self._history,
                "seconds": self._seconds(),
            },
        )

    def _log(self, writer: Any) -> None:
        latest = self._history[-1]
        with writer.as_default(step=latest["step"]):
            for name, value in latest.items():
                if name not in ("step", "seconds"):
                    tf.summary.scalar(name.replace("_", "/", 1), value)
        writer.flush()

    def _words(self, loss: float) -> str:
        return f"step {self._step:,}/{self._settings.train_steps:,}, loss {loss:.4g}"

    def record(self) -> dict[str, Any]:
        rows = self._problem
        return {
            "history": self._history,
            "best_step": self._best["step"],
            "metrics": {name: value for name, value in self._best.items() if name != "step"},
            "train_steps": self._step,
            "class_weights": self._class_weights,
            "stopped_early": self._step < self._settings.train_steps,
            "continued_from_step": self._continued_from,
            "examples": {
                "train": len(rows.train_rows) if rows.train_fits else None,
                "eval": len(rows.eval_rows),
                "seen": self._step * self._settings.batch_size,
                # Of a split that is streamed, the first rows only.
                "train_read": len(rows.train_rows) + rows.train_rows.without_label,
                "train_without_label": rows.train_rows.without_label,
                "eval_without_label": rows.eval_rows.without_label,
            },
            "seconds": {"train": round(self._seconds(), 3)},
        }
