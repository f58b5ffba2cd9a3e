"""What is to be learned: the inputs, the head and both splits."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from models.hyperparameters import Hyperparameters
from preprocessing.features import load_features, transformed_features
from preprocessing.label import Task, class_names

if TYPE_CHECKING:
    from tfx.components import FnArgs

    from models.heads import Head
    from models.input_layout import InputLayout
    from models.input_pipeline import Split

OWN_MODEL_KEY = "model"
"""The key of `custom_config` that names the project's module with a `make_model`."""


class Problem:
    """What is to be learned: the inputs, the head and both splits.

    Args:
      fn_args: TFX's arguments of a training or a tuning.
      hyperparameters: The hyperparameters.

    Raises:
      DataError: If a split is empty or its labels are all the same.
    """

    def __init__(self, fn_args: FnArgs, hyperparameters: Hyperparameters) -> None:
        import tensorflow_transform as tft

        from models.heads import make_head
        from models.input_layout import layout_of
        from models.input_pipeline import split_of

        config = fn_args.custom_config
        self.features = load_features(config["features"])
        self.task: Task = config["task"]
        self.own_model: str | None = config.get(OWN_MODEL_KEY)
        graph = getattr(fn_args, "transform_graph_path", None) or fn_args.transform_output
        self.transform_output = tft.TFTransformOutput(graph)
        self.layout: InputLayout = layout_of(
            transformed_features(self.features),
            self.transform_output,
            hyperparameters.largest_embedding,
        )
        spec = self.transform_output.transformed_feature_spec()
        self.train: Split = split_of(fn_args.train_files, spec, self.layout, self.task)
        self.eval: Split = split_of(fn_args.eval_files, spec, self.layout, self.task)
        self.train_fits = self.train.fits(hyperparameters.cache_bytes)
        # Of a split that is streamed, enough rows to know the label's distribution.
        self.train_rows = self.train.read(None if self.train_fits else 50_000)
        if hyperparameters.numeric_pieces and self.layout.dense and len(self.train_rows):
            from models.piecewise_linear import quantile_knots

            knots = quantile_knots(self.train_rows.dense, hyperparameters.numeric_pieces)
            self.layout = dataclasses.replace(self.layout, knots=knots)
        eval_rows = None
        if hyperparameters.eval_steps is not None:
            eval_rows = hyperparameters.eval_steps * hyperparameters.batch_size
        self.eval_rows = self.eval.read(eval_rows)
        names = class_names(
            self.task, config["label"], config.get("classes"), self.transform_output
        )
        self.head: Head = make_head(self.task, names, self.train_rows.label)
