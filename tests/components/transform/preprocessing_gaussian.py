"""A preprocessing_fn with an analyzer that is left to Beam."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
import tensorflow_transform as tft


def preprocessing_fn(inputs: dict[str, Any]) -> dict[str, Any]:
    return {"hour": tft.scale_to_gaussian(tf.cast(inputs["hour"], tf.float32))}
