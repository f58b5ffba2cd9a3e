"""A preprocessing_fn that needs no look at the data, and its own statistics options."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


def preprocessing_fn(inputs: dict[str, Any]) -> dict[str, Any]:
    return {"late": tf.cast(inputs["hour"] > 20, tf.int64)}


def stats_options_updater_fn(stats_type: Any, stats_options: Any) -> Any:
    stats_options.num_histogram_buckets = 3
    return stats_options
