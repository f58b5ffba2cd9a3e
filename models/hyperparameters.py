"""Hyperparameters of the model and of the search for better ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import pydantic

from core.settings import Settings, run_parameter

_SizeInUnits = Annotated[int, pydantic.Field(ge=1, le=8_192)]


class Hyperparameters(Settings):
    """What shapes the model and its training."""

    train_steps: int = run_parameter(
        1_000, description="Steps of training, a batch each.", ge=1, le=100_000_000
    )
    batch_size: int = run_parameter(256, description="Rows in a batch.", ge=1, le=1_000_000)
    learning_rate: float = run_parameter(
        0.001, description="The optimiser's largest step size.", gt=0, le=1
    )
    learning_rate_decay: Literal["cosine", "none"] = pydantic.Field(
        "cosine", description="cosine: the step size falls to nothing over the train steps."
    )
    eval_steps: int | None = pydantic.Field(
        None, ge=1, description="Evaluate on so many batches of the eval split; all by default."
    )
    evaluate_every_steps: int | None = pydantic.Field(
        None, ge=1, description="Steps between evaluations; a tenth of the steps by default."
    )
    early_stopping_patience: int = pydantic.Field(
        4, ge=0, description="Stop after so many evaluations without a better loss; 0: never."
    )
    hidden_units: tuple[_SizeInUnits, ...] = pydantic.Field(
        (64, 32), max_length=12, description="Units of each hidden layer of the deep part."
    )
    activation: Literal["relu", "gelu", "swish", "selu", "tanh"] = pydantic.Field(
        "swish", description="The hidden layers' activation."
    )
    dropout: float = pydantic.Field(
        0.2, ge=0, lt=1, description="Share of hidden units left out at random in training."
    )
    weight_decay: float = pydantic.Field(
        0.01, ge=0, le=1, description="Decoupled weight decay (AdamW), which acts as L2."
    )
    largest_embedding: int = pydantic.Field(
        16, ge=2, le=1_024, description="The widest embedding; narrower for small vocabularies."
    )
    numeric_pieces: int = pydantic.Field(
        0,
        ge=0,
        le=1_024,
        description="Pieces between quantiles in which a number's embedding is linear; 0: the "
        "model reads the bare number.",
    )
    numeric_embedding: int = pydantic.Field(
        8, ge=1, le=256, description="Width of that embedding, for each number."
    )
    wide: bool = pydantic.Field(
        True, description="Add the wide part: a linear weight for each index and number."
    )
    class_weights: (
        Literal["none", "balanced"] | dict[str, Annotated[float, pydantic.Field(gt=0)]]
    ) = pydantic.Field(
        "none",
        description="none, balanced (rare classes weigh more), or a weight for each class name. "
        "Weights move decisions at one half towards the heavier class; probabilities then are "
        "those of a population with classes in that proportion, so leave them at none where "
        "probabilities are read as such.",
    )
    seed: int = pydantic.Field(7, ge=0, lt=2**31, description="Seed of weights and shuffling.")
    checkpoint_seconds: float = pydantic.Field(
        10.0,
        ge=0,
        description="Seconds between checkpoints, from which an interrupted training goes on.",
    )
    cache_bytes: int = pydantic.Field(
        2 * 1024**3,
        ge=0,
        description="Splits that take less memory than this are read once and kept.",
    )

    def with_tuned(self, values: Mapping[str, Any]) -> Hyperparameters:
        """These hyperparameters with the ones that a tuner found.

        Args:
          values: Name to value; names that are no hyperparameter are left out, since a
            tuner keeps records of its own (``tuner/epochs``) among them.

        Raises:
          pydantic.ValidationError: If a value is out of bounds.
        """
        fields = type(self).model_fields
        known = {name: value for name, value in values.items() if name in fields}
        units = [values[key] for key in sorted(values) if key.startswith("hidden_units_")]
        if units and "hidden_layers" in values:
            known["hidden_units"] = units[: int(values["hidden_layers"])]
        return type(self).model_validate({**self.model_dump(), **known})


class FloatRange(Settings):
    """Numbers between two bounds, tried evenly or evenly on the logarithm."""

    low: float
    high: float
    logarithmic: bool = False

    @pydantic.model_validator(mode="after")
    def _low_is_lower(self) -> FloatRange:
        if self.low >= self.high:
            raise ValueError("low must be lower than high")
        if self.logarithmic and self.low <= 0:
            raise ValueError("a logarithmic range starts above 0")
        return self


class SearchSettings(Settings):
    """How the tuner looks for hyperparameters."""

    trials: int = run_parameter(10, description="Models to try.", ge=1, le=10_000)
    algorithm: Literal["random", "bayesian", "hyperband"] = pydantic.Field(
        "random", description="hyperband trains many trials shortly and the best ones longer."
    )
    train_steps: int | None = pydantic.Field(
        None, ge=1, description="Steps of each trial; the trainer's by default."
    )
    seed: int = pydantic.Field(7, ge=0, lt=2**31, description="Seed of the choice of trials.")
    learning_rate: FloatRange | None = FloatRange(low=3e-4, high=1e-2, logarithmic=True)
    dropout: FloatRange | None = FloatRange(low=0.0, high=0.5)
    weight_decay: FloatRange | None = FloatRange(low=1e-4, high=0.3, logarithmic=True)
    hidden_layers: tuple[_SizeInUnits, ...] = pydantic.Field(
        (1, 2, 3), description="Numbers of hidden layers to try; empty: as configured."
    )
    hidden_units: tuple[_SizeInUnits, ...] = pydantic.Field(
        (32, 64, 128, 256), description="Sizes of each hidden layer to try."
    )
    batch_size: tuple[_SizeInUnits, ...] = pydantic.Field(
        (), description="Batch sizes to try; empty: as configured."
    )
