"""A preprocessing_fn with the analyzers that few tables need, in two phases."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
import tensorflow_transform as tft


def _dense(sparse: tf.SparseTensor, default: Any) -> tf.Tensor:
    shaped = tf.SparseTensor(sparse.indices, sparse.values, [sparse.dense_shape[0], 1])
    return tf.squeeze(tf.sparse.to_dense(shaped, default), axis=1)


def preprocessing_fn(inputs: dict[str, Any]) -> dict[str, Any]:
    fare = _dense(inputs["fare"], 0.0)
    hour = inputs["hour"]
    payment = _dense(inputs["payment"], "")
    company = _dense(inputs["company"], "")
    scaled = tft.scale_to_0_1(fare)
    weight = tf.cast(hour, tf.float32) + 1.0
    label = tf.cast(fare > 10.0, tf.int64)
    pair = tf.stack([fare, tf.cast(hour, tf.float32)], axis=1)
    tft.vocabulary(
        company,
        vocab_filename="weighted",
        weights=weight,
        store_frequency=True,
    )
    tft.vocabulary(company, vocab_filename="shuffled", fingerprint_shuffle=True)
    return {
        # The second phase: an analyzer of what another analyzer gave.
        "scaled_twice": tft.scale_to_z_score(tf.sqrt(scaled)),
        "scaled_bucket": tft.bucketize(scaled * 3.0, 4),
        "fare_z_by_payment": tft.scale_to_z_score_per_key(fare, payment),
        "fare_01_by_payment": tft.scale_to_0_1_per_key(fare, payment),
        "fare_bucket_by_payment": tft.bucketize_per_key(fare, payment, 3),
        "principal": tf.matmul(pair, tft.pca(pair, 1, tf.float32)),
        "informative": tft.compute_and_apply_vocabulary(
            company, labels=label, top_k=4, vocab_filename="informative"
        ),
        "hour_id": tft.compute_and_apply_vocabulary(
            hour, top_k=6, vocab_filename="hours", name="hour_vocabulary"
        ),
        "reserved": tft.compute_and_apply_vocabulary(
            company,
            reserved_tokens=["zebra", "company 1"],
            vocab_filename="reserved",
        ),
        "zipped": tft.compute_and_apply_vocabulary(
            payment, vocab_filename="zipped", file_format="tfrecord_gzip"
        ),
        "tags_words": tft.bag_of_words(inputs["tags"], (1, 2), " "),
    }
