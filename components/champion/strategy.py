"""The resolver strategy that finds the model that serves.

TFX's strategy takes the latest blessed model. After a rollback that would be the very
model that was withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterable

from ml_metadata import MetadataStore
from tfx.dsl.input_resolution.strategies.latest_blessed_model_strategy import (
    LatestBlessedModelStrategy,
)
from tfx.types import Artifact

MODEL_KEY = "model"
# The registry's artifacts and what stands on them.
VERSION_TYPE = "ModelVersion"
MODEL_ID = "model_id"
NUMBER = "number"
STATUS = "status"
WITHDRAWN = "withdrawn"


class Champion(LatestBlessedModelStrategy):
    """Takes the blessed model that serves, else the latest blessed one that may."""

    def resolve_artifacts(
        self, store: MetadataStore, input_dict: dict[str, list[Artifact]]
    ) -> dict[str, list[Artifact]]:
        """Picks the baseline.

        Args:
          store: The metadata store, which knows what serves and what was withdrawn.
          input_dict: All models and all blessings.

        Returns:
          One model and its blessing, or none.
        """
        champion, withdrawn = _registered(store, {item.id for item in input_dict[MODEL_KEY]})
        for choice in ({champion}, {item.id for item in input_dict[MODEL_KEY]} - withdrawn):
            found: dict[str, list[Artifact]] = super().resolve_artifacts(
                store, {**input_dict, MODEL_KEY: _those(input_dict[MODEL_KEY], choice)}
            )
            if found[MODEL_KEY]:
                return found
        return {key: [] for key in input_dict}


def _those(artifacts: Iterable[Artifact], ids: set[int]) -> list[Artifact]:
    return [artifact for artifact in artifacts if artifact.id in ids]


def _registered(store: MetadataStore, ids: set[int]) -> tuple[int, set[int]]:
    """The id of the model that serves, 0 for none, and those of withdrawn models."""
    champion, highest, withdrawn = 0, 0, set()
    for row in store.get_artifacts_by_type(VERSION_TYPE):
        values = row.custom_properties
        model, number = values[MODEL_ID].int_value, values[NUMBER].int_value
        if model not in ids:
            continue  # another pipeline's
        if number > highest:
            champion, highest = model, number
        if values[STATUS].string_value == WITHDRAWN:
            withdrawn.add(model)
    return champion, withdrawn
