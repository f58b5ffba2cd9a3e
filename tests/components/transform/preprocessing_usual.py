"""A preprocessing_fn as most tables need it: one phase of analysis."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
import tensorflow_transform as tft

from preprocessing.columns import raw_column
from preprocessing.features import load_features, raw_columns
from preprocessing.transforms import FeatureGraph


def _dense(sparse: tf.SparseTensor, default: Any) -> tf.Tensor:
    shaped = tf.SparseTensor(sparse.indices, sparse.values, [sparse.dense_shape[0], 1])
    return tf.squeeze(tf.sparse.to_dense(shaped, default), axis=1)


def preprocessing_fn(inputs: dict[str, Any], custom_config: dict[str, Any]) -> dict[str, Any]:
    fare = _dense(inputs["fare"], 0.0)
    hour = inputs["hour"]
    payment = _dense(inputs["payment"], "")
    company = _dense(inputs["company"], "")
    cross = tf.strings.join([payment, tf.strings.as_string(hour)], separator="_x_")
    roles = load_features(
        {
            "note": {"role": "text", "longest": 12, "top_k": 30, "out_of_vocabulary_buckets": 4},
            "when": {"role": "timestamp", "format": "%d.%m.%Y", "parts": ["weekday", "year"]},
            "firm": {"role": "categorical", "column": "company"},
        }
    )
    return {
        **FeatureGraph(roles, {c: raw_column(inputs[c]) for c in raw_columns(roles)}).build(),
        "fare_z": tft.scale_to_z_score(fare),
        "fare_01": tft.scale_to_0_1(fare),
        "fare_bucket": tft.bucketize(fare, custom_config["buckets"]),
        "fare_above_mean": tf.cast(fare > tft.mean(fare), tf.int64),
        "hour_span": tf.cast(tft.max(hour) - tft.min(hour), tf.float32) + 0.0 * fare,
        "hour_share": tf.cast(hour, tf.float32) / tf.cast(tft.sum(hour), tf.float32),
        "payment_id": tft.compute_and_apply_vocabulary(payment, num_oov_buckets=3),
        "company_top": tft.compute_and_apply_vocabulary(
            company, top_k=5, num_oov_buckets=2, vocab_filename="company_top"
        ),
        "company_often": tft.compute_and_apply_vocabulary(
            company, frequency_threshold=40, vocab_filename="company_often"
        ),
        "company_hash": tft.hash_strings(company, 17),
        "payment_x_hour": tft.hash_strings(cross, 50),
        "tags_id": tft.compute_and_apply_vocabulary(inputs["tags"], vocab_filename="tags"),
        "payment_one_hot": tf.one_hot(
            tft.compute_and_apply_vocabulary(payment, num_oov_buckets=1, vocab_filename="shot"),
            depth=4,
        ),
        "fare_missing": tf.cast(tf.equal(fare, 0.0), tf.int64),
    }
