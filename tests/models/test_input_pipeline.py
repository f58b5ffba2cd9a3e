from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path

import numpy as np
import pytest

from core.errors import DataError
from models.input_layout import DENSE, INDEX, layout_of
from models.input_pipeline import Rows, Split, batches_from_memory, split_of
from preprocessing.features import LABEL_KEY, transformed_features
from tests.models.small_table import FEATURES, SmallTable
from tests.preprocessing.analysis import write_split


def split(table: SmallTable, pattern: str) -> Split:
    layout = layout_of(transformed_features(FEATURES), table.transform_output, 32)
    spec = table.transform_output.transformed_feature_spec()
    return split_of([pattern], spec, layout, "binary")


def test_a_split_is_read_without_the_rows_that_have_no_label(small_table: SmallTable) -> None:
    rows = split(small_table, str(small_table.folder / "examples/Split-train/*")).read()
    known = small_table.train[LABEL_KEY] >= 0
    assert len(rows) == known.sum()
    assert rows.without_label == (~known).sum()
    np.testing.assert_array_equal(rows.label, small_table.train[LABEL_KEY][known])
    np.testing.assert_array_equal(rows.dense[:, 0], small_table.train["fare"][known])


def test_the_arrow_copy_and_the_tfrecords_give_equal_rows(
    small_table: SmallTable, tmp_path: Path
) -> None:
    pattern = write_split(tmp_path, "eval", small_table.eval, arrow=True)
    copy = split(small_table, pattern).read()
    records = split(small_table, str(small_table.folder / "examples/Split-eval/*")).read()
    for name in ("dense", "index", "label"):
        np.testing.assert_array_equal(getattr(copy, name), getattr(records, name))
        assert getattr(copy, name).dtype == getattr(records, name).dtype


def test_a_streamed_split_gives_every_row_of_an_epoch(small_table: SmallTable) -> None:
    part = split(small_table, str(small_table.folder / "examples/Split-eval/*"))
    batches = part.stream(batch_size=50, seed=1)
    rows = len(small_table.eval[LABEL_KEY])
    seen = [inputs[DENSE].numpy()[:, 0] for inputs, _ in batches.take(rows // 50)]
    assert rows % 50 == 0
    np.testing.assert_array_equal(np.sort(np.concatenate(seen)), np.sort(small_table.eval["fare"]))


@pytest.mark.parametrize("arrow", [True, False], ids=["arrow copies", "one arrow copy"])
def test_the_rows_of_several_artifacts_are_read_together(
    small_table: SmallTable, tmp_path: Path, arrow: bool
) -> None:
    patterns = [
        write_split(tmp_path / "0", "eval", small_table.eval, arrow=True),
        write_split(tmp_path / "1", "train", small_table.train, arrow=arrow),
    ]
    single = split(small_table, patterns[0])
    both = dataclasses.replace(single, patterns=tuple(patterns))
    rows, parts = both.read(), [single.read(), split(small_table, patterns[1]).read()]
    for name in ("dense", "index", "label"):
        together = np.concatenate([getattr(part, name) for part in parts])
        np.testing.assert_array_equal(
            np.sort(getattr(rows, name), axis=0), np.sort(together, axis=0)
        )
    assert rows.without_label == sum(part.without_label for part in parts)
    assert not both.fits(1_000)


def test_a_split_that_is_too_large_does_not_fit(small_table: SmallTable) -> None:
    part = split(small_table, str(small_table.folder / "examples/Split-eval/*"))
    assert part.fits(1_000_000_000)
    assert not part.fits(1_000)


def test_a_split_without_files_is_a_data_error(small_table: SmallTable, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no files"):
        split(small_table, str(tmp_path / "Split-eval" / "*")).read()


def numbered(rows: int) -> Rows:
    numbers = np.arange(rows)
    return Rows(
        numbers[:, np.newaxis].astype(np.float32),
        numbers[:, np.newaxis].astype(np.int32),
        numbers.astype(np.int64),
        0,
    )


def labels_of(rows: Rows, batch_size: int, seed: int, first_step: int, steps: int) -> list:
    batches = batches_from_memory(rows, batch_size, seed, first_step)
    return [label.numpy().tolist() for _, label in batches.take(steps)]


def test_batches_in_memory_visit_each_row_once_an_epoch_in_new_orders() -> None:
    batches = labels_of(numbered(12), 4, seed=3, first_step=0, steps=6)
    first, second = (sorted(itertools.chain(*batches[i : i + 3])) for i in (0, 3))
    assert first == second == list(range(12))
    assert batches[:3] != batches[3:]


def test_batches_go_on_from_any_step_as_they_would_have() -> None:
    rows = numbered(11)
    assert labels_of(rows, 3, 5, 0, 9)[4:] == labels_of(rows, 3, 5, 4, 5)


def test_inputs_and_label_of_a_row_stay_together() -> None:
    for inputs, label in batches_from_memory(numbered(10), 5, 1).take(4):
        assert inputs[INDEX].numpy()[:, 0].tolist() == label.numpy().tolist()
        assert inputs[DENSE].numpy()[:, 0].tolist() == label.numpy().tolist()


def test_fewer_rows_than_a_batch_make_a_smaller_batch() -> None:
    assert sorted(labels_of(numbered(3), 64, 1, 0, 1)[0]) == [0, 1, 2]
