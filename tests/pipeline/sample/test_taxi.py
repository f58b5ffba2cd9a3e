"""Made taxi trips: the same bytes for a seed, the shape of the real table, something to learn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score
from sklearn.tree import DecisionTreeClassifier

from core import errors
from pipeline.sample import taxi
from pipeline.sample.taxi import COLUMNS, trips, write_sample

NEVER_MISSING = [
    "fare", "tips", "trip_miles", "payment_type", "trip_start_timestamp", "trip_start_hour",
    "trip_start_day", "trip_start_month",
]  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return pd.read_csv(write_sample(tmp_path_factory.mktemp("made"), rows=15_000, seed=0))


@pytest.fixture(scope="module")
def real(shared_data: Path) -> pd.DataFrame:
    return pd.read_csv(shared_data / "chicago_taxi" / "data.csv")


def label(table: pd.DataFrame) -> pd.Series:
    return table.tips > 0.2 * table.fare


def area_under_curve(table: pd.DataFrame, columns: list[str]) -> float:
    """How well a tree learns the label from `columns`, on a third of the rows held back."""
    features = table[columns].apply(
        lambda column: column.astype("category").cat.codes if column.dtype == object else column
    )
    held_back = np.arange(len(table)) % 3 == 0
    model = DecisionTreeClassifier(max_leaf_nodes=40, min_samples_leaf=40, random_state=0)
    model.fit(features.fillna(-1)[~held_back], label(table)[~held_back])
    scores = model.predict_proba(features.fillna(-1)[held_back])[:, 1]
    return float(roc_auc_score(label(table)[held_back], scores))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    first = write_sample(tmp_path / "a", rows=300, seed=5).read_bytes()

    assert write_sample(tmp_path / "b", rows=300, seed=5).read_bytes() == first
    assert write_sample(tmp_path / "c", rows=300, seed=6).read_bytes() != first


@settings(max_examples=20)
@given(rows=st.integers(1, 60), seed=st.integers(0, 2**32))
def test_any_number_of_rows_is_made_with_plausible_values(rows: int, seed: int) -> None:
    (table,) = trips(rows, seed)
    frame = table.to_pandas()

    assert table.column_names == list(COLUMNS)
    assert len(frame) == rows
    assert not frame[NEVER_MISSING].isna().any().any()
    assert frame.fare.between(0, 2000).all()
    assert (frame.tips >= 0).all()
    assert (frame.trip_miles >= 0).all()
    assert frame.pickup_latitude.dropna().between(41.5, 42.2).all()
    assert frame.pickup_longitude.dropna().between(-88.1, -87.3).all()


def test_more_rows_than_a_block_are_made_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taxi, "_BLOCK_ROWS", 40)

    blocks = list(trips(100, seed=1))

    assert [block.num_rows for block in blocks] == [40, 40, 20]
    assert not blocks[0].equals(blocks[1]), "each block has random numbers of its own"


def test_numbers_are_written_so_that_a_reader_infers_their_types(tmp_path: Path) -> None:
    path = write_sample(tmp_path, rows=200, seed=0)
    table = pd.read_csv(path, dtype=str, keep_default_na=False)

    floats = ["fare", "tips", "trip_miles", "pickup_latitude", "dropoff_longitude"]
    for name in floats:
        assert table[name].map(lambda text: "." in text or text == "").all(), name
    for name in set(COLUMNS) - set(floats) - {"pickup_longitude", "dropoff_latitude"}:
        assert not table[name][table[name].str.fullmatch(r"\d+\.0")].any(), name


def test_hour_day_and_month_are_those_of_the_timestamp(made: pd.DataFrame) -> None:
    time = pd.to_datetime(made.trip_start_timestamp, unit="s")

    assert (made.trip_start_timestamp % 900 == 0).all()
    assert (made.trip_start_hour == time.dt.hour).all()
    assert (made.trip_start_month == time.dt.month).all()
    assert (made.trip_start_day == (time.dt.dayofweek + 1) % 7 + 1).all(), "1 is Sunday"


def test_a_census_tract_has_one_place_in_one_area(made: pd.DataFrame) -> None:
    tracts = made.dropna(subset=["dropoff_census_tract", "dropoff_community_area"]).groupby(
        "dropoff_census_tract"
    )

    assert (tracts.dropoff_community_area.nunique() == 1).all()
    assert (tracts.dropoff_latitude.nunique() == 1).all()


def test_cash_tips_are_hardly_ever_recorded_and_card_tips_mostly(made: pd.DataFrame) -> None:
    tipped = (made.tips > 0).groupby(made.payment_type).mean()

    assert tipped["Cash"] < 0.002
    assert tipped["Credit Card"] > 0.9


def test_a_model_has_more_to_learn_than_the_kind_of_payment(made: pd.DataFrame) -> None:
    everything = area_under_curve(made, [name for name in COLUMNS if name != "tips"])
    payment = area_under_curve(made, ["payment_type"])
    fare_too = area_under_curve(made, ["payment_type", "fare"])

    assert 0.9 < everything < 0.98
    assert payment + 0.01 < fare_too < everything


def test_as_much_is_missing_as_in_the_real_table(made: pd.DataFrame, real: pd.DataFrame) -> None:
    assert list(made.columns) == list(real.columns)
    assert (made.dtypes == real.dtypes).all()
    assert (made.isna().mean() - real.isna().mean()).abs().max() < 0.03


def test_middle_values_are_like_the_real_tables(made: pd.DataFrame, real: pd.DataFrame) -> None:
    assert label(made).mean() == pytest.approx(label(real).mean(), abs=0.02)
    for name in ("fare", "trip_seconds"):
        assert made[name].median() == pytest.approx(real[name].median(), rel=0.2), name
    assert (made.trip_miles == 0).mean() == pytest.approx((real.trip_miles == 0).mean(), abs=0.03)
    for name in ("payment_type", "company", "trip_start_hour", "pickup_community_area"):
        shares = [t[name].value_counts(normalize=True) for t in (made, real)]
        assert shares[0].sub(shares[1], fill_value=0).abs().max() < 0.03, name


def test_no_real_trip_is_among_the_made_ones(made: pd.DataFrame, real: pd.DataFrame) -> None:
    columns = ["trip_start_timestamp", "pickup_latitude", "pickup_longitude", "fare"]

    assert made.merge(real, on=columns).empty


def test_a_file_that_is_there_is_kept_unless_told_otherwise(tmp_path: Path) -> None:
    path = write_sample(tmp_path, rows=5, seed=0)
    kept = path.read_bytes()

    with pytest.raises(errors.UserError, match="exists") as refusal:
        write_sample(tmp_path, rows=5, seed=1)

    assert "--overwrite" in refusal.value.hint
    assert path.read_bytes() == kept
    assert write_sample(tmp_path, rows=5, seed=1, overwrite=True).read_bytes() != kept


@pytest.mark.parametrize(
    ("rows", "seed", "code"),
    [(0, 0, "sample-rows"), (-3, 0, "sample-rows"), (1, -1, "sample-seed")],
)
def test_nonsense_is_refused_before_anything_is_written(
    tmp_path: Path, rows: int, seed: int, code: str
) -> None:
    with pytest.raises(errors.UserError) as refusal:
        write_sample(tmp_path / "out", rows=rows, seed=seed)

    assert refusal.value.code == code
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(errors.InfrastructureError, match="cannot be written"):
        write_sample(tmp_path / "taken", rows=1, seed=0)
