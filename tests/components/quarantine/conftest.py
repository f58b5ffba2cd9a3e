"""A real metadata store, and entries to put into it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ml_metadata
import pytest
from ml_metadata.proto import metadata_store_pb2 as mlmd

from components.quarantine.entry import Change, DataIdentity, Entry

OpenStore = Callable[[], ml_metadata.MetadataStore]
MakeEntry = Callable[..., Entry]


@pytest.fixture
def open_store(tmp_path: Path) -> OpenStore:
    """Opens one SQLite store as often as asked, as several processes would."""

    def opened() -> ml_metadata.MetadataStore:
        config = mlmd.ConnectionConfig()
        config.sqlite.filename_uri = str(tmp_path / "metadata.sqlite")
        config.retry_options.max_num_retries = 10
        return ml_metadata.MetadataStore(config)

    return opened


@pytest.fixture
def store(open_store: OpenStore) -> ml_metadata.MetadataStore:
    return open_store()


@pytest.fixture
def make_entry() -> MakeEntry:
    """An entry of span 8 of a pipeline; changes by keyword, of the data too."""

    def make(run_id: str = "run-1", **changes: Any) -> Entry:
        data = DataIdentity(
            "taxi", "/data/trips", {"single_split": "span-8/*.csv"}, 8, None, "split:a,num_files:1"
        )
        names = {field.name for field in dataclasses.fields(DataIdentity)}
        own = {name: changes.pop(name) for name in list(changes) if name in names}
        entry = Entry(
            data=dataclasses.replace(data, **own),
            rows={"train": 20, "eval": 10},
            reason="1 feature breaks the schema",
            evidence=("eval: fare: expected FLOAT",),
            code="data-anomalies",
            report="/root/quarantine/x",
            history=(
                Change("refused", "DataGate", "2026-01-01T00:00:00.000+00:00", "why", run_id),
            ),
        )
        return dataclasses.replace(entry, **changes)

    return make
