"""One analysis of a small table in which every role and every kind of hole occurs."""

from __future__ import annotations

from typing import Any

import pytest

from preprocessing.features import load_features
from preprocessing.preprocessing_fn import transform_config
from tests.preprocessing.analysis import analyse, transform

N = None
COLUMNS: dict[str, list[Any]] = {
    "fare": [1.0, 3.0, 5.0, N, 7.0, 9.0, 11.0, 13.0],
    "miles": [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0],
    "company": ["a", "a", "a", "b", "b", "c", N, "ü d"],
    "area": [8, 8, 32, 32, 8, N, 7, 8],
    "shared": ["yes", "no", "yes", "no", N, "no", "no", "no"],
    "started": [1_400_269_500, 0, N, 0, 0, 0, 0, 0],
    "y": [41.0, 41.1, 41.2, 41.3, 41.4, 41.5, 41.6, N],
    "x": [-87.0, -87.1, -87.2, -87.3, -87.4, -87.5, -87.6, -87.7],
    "noted (free text)": [
        "Red car, red CAR!",
        "ÄRGER: red car",
        N,
        "...",
        "one two three four",
        "",
        "zèbre",
        "red",
    ],
    "When?": ["16.5.2014 19:45", "1.1.1970 00:00", N, "30.2.2020 10:00", "x", "", "1.1.1970", "8"],
    "tips": [0.1, 1.0, 0.0, 5.0, 2.0, N, 0.0, 9.0],
}
FEATURES = load_features(
    {
        "fare": "numeric",
        "log fare": {"role": "numeric", "column": "fare", "log1p": True, "scale": "none"},
        "miles": {"role": "numeric", "buckets": 4},
        "company": {"role": "categorical", "top_k": 2, "out_of_vocabulary_buckets": 2},
        "area": "categorical",
        "hashed": {"role": "categorical", "column": "company", "hash_buckets": 5},
        "shared": "boolean",
        "started": {"role": "timestamp", "parts": ["hour", "month", "year"], "encoding": "both"},
        "place": {"role": "latitude_longitude", "latitude": "y", "longitude": "x", "buckets": 2},
        "noted (free text)": {"role": "text", "longest": 5},
        "hashed words": {
            "role": "text",
            "column": "noted (free text)",
            "ngrams": 1,
            "longest": 3,
            "hash_buckets": 1_000_000,
        },
        "When?": {
            "role": "timestamp",
            "format": "%d.%m.%Y %H:%M",
            "utc_offset_hours": 1,
            "parts": ["hour", "month", "year"],
            "encoding": "both",
        },
        "pair": {"role": "cross", "of": ["company", "miles"], "hash_buckets": 50},
    }
)


@pytest.fixture(scope="session")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The analysed transform graph of the small table."""
    config = transform_config(FEATURES, "tips > 0.2 * fare", "binary")
    return analyse(tmp_path_factory.mktemp("analysed"), COLUMNS, config)


@pytest.fixture(scope="session")
def transformed(analysed: Any) -> dict[str, Any]:
    """The small table, transformed."""
    return transform(analysed, COLUMNS)
