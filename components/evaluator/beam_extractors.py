"""What the Beam way of an evaluation does beside TFMA's own extractors.

Named to TFX's executor as its user module, which calls `custom_extractors`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import apache_beam as beam
import numpy as np
import tensorflow_model_analysis as tfma
from tensorflow_model_analysis import constants
from tensorflow_model_analysis.api import model_eval_lib
from tensorflow_model_analysis.extractors import slice_key_extractor

from components.evaluator import buckets, slicing
from components.evaluator.metrics.scores import Array
from preprocessing.label import has_label

_STAGE = "PrepareForSlicing"


def custom_extractors(
    eval_shared_model: Any, eval_config: tfma.EvalConfig, tensor_adapter_config: Any
) -> list[tfma.extractors.Extractor]:
    """TFMA's extractors, with one more before the slices are made."""
    extractors = tfma.default_extractors(
        eval_shared_model=eval_shared_model,
        eval_config=eval_config,
        tensor_adapter_config=tensor_adapter_config,
    )
    completed = model_eval_lib._update_eval_config_with_defaults(eval_config, eval_shared_model)
    stages = [extractor.stage_name for extractor in extractors]
    place = stages.index(slice_key_extractor.SLICE_KEY_EXTRACTOR_STAGE_NAME)
    prepare = tfma.extractors.Extractor(stage_name=_STAGE, ptransform=_PrepareForSlicing(completed))
    return [*extractors[:place], prepare, *extractors[place:]]


class _PrepareForSlicing(beam.PTransform):
    """Leaves out examples without label, and lets slices find raw features first."""

    def __init__(self, eval_config: tfma.EvalConfig) -> None:
        super().__init__()
        self._label_keys = {
            spec.name if len(eval_config.model_specs) > 1 else "": spec.label_key
            for spec in eval_config.model_specs
        }
        self._bucketed = sorted(
            name
            for spec in eval_config.slicing_specs
            for name in spec.feature_keys
            if buckets.parse_bucketed(name)
        )

    def expand(self, pcoll: beam.PCollection) -> beam.PCollection:
        return pcoll | beam.FlatMap(_prepared, self._label_keys, self._bucketed)


def _prepared(
    extracts: Mapping[str, Any], label_keys: Mapping[str, str], bucketed: Sequence[str]
) -> Iterable[Any]:
    transformed = extracts.get(constants.TRANSFORMED_FEATURES_KEY)
    raw = extracts.get(constants.FEATURES_KEY) or {}
    if bucketed:
        by_model = [transformed or {}] if "" in label_keys else list((transformed or {}).values())
        derived = {name: _in_buckets(name, [raw, *by_model]) for name in bucketed}
        extracts = {**extracts, constants.FEATURES_KEY: {**raw, **derived}}
    if transformed is None:
        return [extracts]
    kept = {}
    for name, label_key in label_keys.items():
        features = transformed[name] if name else transformed
        if label_key in features and not has_label(np.atleast_1d(features[label_key])[None]).all():
            return []
        kept[name] = {key: value for key, value in features.items() if key not in raw}
    return [{**extracts, constants.TRANSFORMED_FEATURES_KEY: kept.get("", kept)}]


def _in_buckets(name: str, features: Iterable[Mapping[str, Any]]) -> Any:
    """The buckets of an example's values, as `slicing.values_in_buckets` has them."""
    bucketed = buckets.parse_bucketed(name)
    assert bucketed is not None
    feature, boundaries = bucketed
    values = next((found[feature] for found in features if found.get(feature) is not None), ())
    numbers: Array = np.atleast_1d(values).reshape(-1)
    if not numbers.size:
        return np.array([], dtype=object)
    slicing.require_numbers(numbers, feature)
    labels = buckets.bucket_labels(boundaries)
    places = sorted({place for place in buckets.places(numbers, boundaries).tolist() if place >= 0})
    return np.array([labels[place].encode() for place in places], dtype=object)
