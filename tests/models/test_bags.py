"""Texts as bags of tokens: read, stacked, learned from."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from models.hyperparameters import Hyperparameters
from models.input_layout import BAG, InputLayout, layout_of, make_layout
from models.input_pipeline import Rows, Split, batches_from_memory
from preprocessing.features import LABEL_KEY, TransformedFeature

LENGTH, WORDS = 6, 40
QUICK = Hyperparameters(
    train_steps=150, batch_size=64, learning_rate=0.02, hidden_units=(8,), largest_embedding=8
)


def layout() -> InputLayout:
    return make_layout(["length"], {"kind": 4}, 8, {"title": (WORDS, LENGTH), "note": (5, 2)})


def texts(rows: int, seed: int) -> dict[str, np.ndarray]:
    """Titles in which word 7 says yes, wherever it stands; some are empty."""
    random = np.random.default_rng(seed)
    title = random.integers(8, WORDS, (rows, LENGTH))
    lengths = random.integers(0, LENGTH + 1, rows)
    yes = (random.random(rows) < 0.5) & (lengths > 0)
    title[yes, random.integers(0, np.maximum(lengths[yes], 1))] = 7
    title[np.arange(LENGTH) >= lengths[:, np.newaxis]] = 0
    return {
        "length": lengths.astype(np.float32),
        "kind": random.integers(0, 4, rows),
        "title": title,
        "note": random.integers(0, 7, (rows, 2)),
        LABEL_KEY: yes.astype(np.int64),
    }


def write(folder: Path, columns: dict[str, np.ndarray], arrow: bool) -> str:
    """Writes rows as Transform does; gives the trainer's pattern."""
    import pyarrow as pa
    import tensorflow as tf

    from core.columnar_examples import ColumnarWriter

    path = folder / "Split-train" / "transformed_examples-00000-of-00001.gz"
    path.parent.mkdir(parents=True)
    lists = {name: np.reshape(v, (len(v), -1)).tolist() for name, v in columns.items()}
    with tf.io.TFRecordWriter(str(path), "GZIP") as writer:
        for row in zip(*lists.values(), strict=True):
            example = tf.train.Example()
            for name, values in zip(lists, row, strict=True):
                feature = example.features.feature[name]
                kind = feature.float_list if name == "length" else feature.int64_list
                kind.value.extend(values)
            writer.write(example.SerializeToString())
    if arrow:
        arrays = [
            pa.array(values, pa.large_list(pa.from_numpy_dtype(columns[name].dtype)))
            for name, values in lists.items()
        ]
        batch = pa.RecordBatch.from_arrays(arrays, list(lists))
        with ColumnarWriter(str(folder), "train", batch.schema) as columnar:
            columnar.write(batch)
    return str(path.parent / "*")


def split(pattern: str) -> Split:
    import tensorflow as tf

    spec = {
        name: tf.io.FixedLenFeature(shape, tf.float32 if name == "length" else tf.int64)
        for name, shape in (
            ("length", []), ("kind", []), ("title", [LENGTH]), ("note", [2]), (LABEL_KEY, [])
        )
    }  # fmt: skip
    return Split((pattern,), spec, layout(), "binary")


@pytest.mark.parametrize("arrow", [True, False], ids=["arrow copy", "tfrecords"])
def test_bags_are_read_side_by_side_and_unknown_tokens_are_none(
    arrow: bool, tmp_path: Path
) -> None:
    columns = texts(50, 1)
    rows = split(write(tmp_path, columns, arrow)).read()
    assert rows.bag is not None
    assert rows.bag.dtype == np.int32
    np.testing.assert_array_equal(rows.bag[:, :LENGTH], columns["title"])
    note = np.where(columns["note"] < 5, columns["note"], 0)
    np.testing.assert_array_equal(rows.bag[:, LENGTH:], note)


def test_a_streamed_batch_has_the_same_bags(tmp_path: Path) -> None:
    part = split(write(tmp_path, texts(50, 1), arrow=False))
    (inputs, _), *_ = part.stream(50, seed=1).take(1)
    streamed = np.sort(inputs[BAG].numpy(), axis=0)
    bag = part.read().bag
    assert bag is not None
    np.testing.assert_array_equal(streamed, np.sort(bag, axis=0))


def rows_of(columns: dict[str, np.ndarray]) -> Rows:
    bag = np.concatenate([columns["title"], columns["note"] % 5], axis=1).astype(np.int32)
    index = columns["kind"][:, np.newaxis].astype(np.int32)
    return Rows(np.zeros((len(bag), 1), np.float32), index, columns[LABEL_KEY], 0, bag)


@pytest.mark.parametrize("wide", [True, False])
def test_a_word_that_decides_is_found_wherever_it_stands(wide: bool) -> None:
    from models.heads import make_head
    from models.training_loop import train_model

    train, evaluation = rows_of(texts(800, 1)), rows_of(texts(300, 2))
    problem: Any = SimpleNamespace(
        layout=layout(),
        head=make_head("binary", ["no", "yes"], train.label),
        own_model=None,
        train_fits=True,
        train_rows=train,
        eval_rows=evaluation,
    )
    chosen = QUICK.model_copy(update={"wide": wide})
    record = train_model(
        problem, chosen, log_folder=None, checkpoint_folder=None, identity="bags"
    ).record
    assert record["metrics"]["auc"] > 0.97


def test_a_text_without_tokens_is_embedded_as_zeros() -> None:
    import keras
    import tensorflow as tf

    from models.bags import BagEmbedding

    layer = BagEmbedding(layout().bags[1], 3, True, 0.5, keras.random.SeedGenerator(1))
    bags = tf.constant([[9] * LENGTH + [0, 0], [9] * LENGTH + [2, 0], [9] * LENGTH + [2, 2]])
    mean, wide = layer(bags)
    assert wide is not None
    assert wide.shape == (3, 3)
    assert not mean.numpy()[0].any()
    twice = np.sqrt(2) * mean.numpy()[1]
    np.testing.assert_allclose(mean.numpy()[2], twice, rtol=1e-6)
    assert twice.any()


def test_a_table_without_text_has_no_third_input() -> None:
    plain = make_layout(["length"], {"kind": 4}, 8)
    assert BAG not in plain.shapes()
    rows = Rows(np.zeros((4, 1), np.float32), np.zeros((4, 1), np.int32), np.zeros(4, int), 0)
    (inputs, _), *_ = batches_from_memory(rows, 2, 1).take(1)
    assert set(inputs) == set(plain.shapes())


def test_a_vocabularys_entries_are_added_to_a_bags_cardinality() -> None:
    outputs = (TransformedFeature("title", "bag", 2, "vocabulary_title", LENGTH),)
    transform_output: Any = SimpleNamespace(
        transformed_feature_spec=lambda: {"title": None, LABEL_KEY: None},
        vocabulary_size_by_name={"vocabulary_title": 11}.__getitem__,
    )
    [bag] = layout_of(outputs, transform_output, 8).bags
    assert (bag.cardinality, bag.length) == (13, LENGTH)
