"""The quarantine in a real ML Metadata store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ml_metadata.proto import metadata_store_pb2 as mlmd

from components.quarantine import records
from components.quarantine.artifacts import ARTIFACT_TYPE


def test_a_store_without_a_quarantine_has_no_entries(store: Any, make_entry: Any) -> None:
    data = make_entry().data

    assert records.entries(store) == ()
    assert records.blocked(store, "taxi") == ()
    assert records.find(store, data.id) is None
    assert records.blocking(store, data) is None
    assert records.entries_of_run(store, "run-1") == ()


@pytest.mark.parametrize("version", [None, 0, 3])
def test_an_entry_comes_back_as_it_was(store: Any, make_entry: Any, version: int | None) -> None:
    entry = make_entry(version=version)

    assert records.quarantine(store, entry) == entry
    assert records.find(store, entry.id) == entry
    assert records.entries(store) == (entry,)
    assert records.blocking(store, entry.data) == entry


def test_an_entry_is_one_artifact_that_others_can_read(store: Any, make_entry: Any) -> None:
    entry = records.quarantine(store, make_entry(version=2))

    [artifact] = store.get_artifacts_by_type(ARTIFACT_TYPE)
    values = artifact.custom_properties
    assert artifact.name == entry.id
    assert artifact.uri == entry.report
    assert (values["span"].int_value, values["version"].int_value) == (8, 2)
    assert (values["rows_train"].int_value, values["rows_eval"].int_value) == (20, 10)
    assert values["status"].string_value == "quarantined"
    assert values["who"].string_value == "DataGate"


@pytest.mark.parametrize(
    "change",
    [
        {"pipeline": "other"},
        {"input_base": "/data/other"},
        {"patterns": {"single_split": "span-08/*.csv"}},
        {"span": 9},
        {"version": 1},
        {"fingerprint": "split:a,num_files:2"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_other_data_have_another_entry(store: Any, make_entry: Any, change: dict[str, Any]) -> None:
    records.quarantine(store, make_entry())

    assert records.blocking(store, make_entry(**change).data) is None


def test_data_without_a_fingerprint_are_recorded_and_not_skipped(
    store: Any, make_entry: Any
) -> None:
    entry = records.quarantine(store, make_entry(fingerprint=""))

    assert records.entries(store) == (entry,)
    assert records.blocking(store, entry.data) is None


def test_a_released_entry_blocks_no_more_and_says_who_when_and_why(
    store: Any, make_entry: Any
) -> None:
    entry = records.quarantine(store, make_entry())

    released = records.change(store, entry.id, "released", "ada", "the rate was right")

    assert records.find(store, entry.id) == released
    assert records.blocking(store, entry.data) is None
    assert released.last is not None
    assert (released.last.who, released.last.why) == ("ada", "the rate was right")
    assert released.last.when > entry.history[0].when
    assert [change.action for change in released.history] == ["refused", "released"]


def test_released_data_that_are_refused_again_are_quarantined_again(
    store: Any, make_entry: Any
) -> None:
    entry = records.quarantine(store, make_entry())
    records.change(store, entry.id, "released", "ada", "")

    again = records.quarantine(store, make_entry("run-2", reason="2 features break the schema"))

    assert again.status == "quarantined"
    assert again.reason == "2 features break the schema"
    assert [change.action for change in again.history] == ["refused", "released", "refused"]
    assert records.find(store, entry.id) == again


def test_a_resumed_run_may_refuse_what_was_released_meanwhile(store: Any, make_entry: Any) -> None:
    entry = records.quarantine(store, make_entry("run-1"))
    records.change(store, entry.id, "released", "ada", "")

    assert records.quarantine(store, make_entry("run-1")).status == "quarantined"


def test_discarded_data_stay_discarded(store: Any, make_entry: Any) -> None:
    entry = records.quarantine(store, make_entry())
    records.change(store, entry.id, "discarded", "ada", "beyond repair")

    with pytest.raises(ValueError, match="for ever"):
        records.change(store, entry.id, "released", "bob", "")
    with pytest.raises(ValueError, match="already"):
        records.change(store, entry.id, "discarded", "bob", "")
    assert records.quarantine(store, make_entry("run-2")).status == "discarded"
    assert [e.id for e in records.blocked(store, "taxi")] == [entry.id]
    assert records.blocked(store, "other") == ()


def test_a_gate_that_refuses_twice_in_one_run_counts_once(store: Any, make_entry: Any) -> None:
    records.quarantine(store, make_entry("run-1"))

    assert len(records.quarantine(store, make_entry("run-1")).history) == 1
    assert len(records.quarantine(store, make_entry("run-2")).history) == 2


def test_runs_that_refuse_the_same_data_at_once_leave_one_entry(
    open_store: Any, make_entry: Any
) -> None:
    stores = [open_store() for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda i: records.quarantine(stores[i], make_entry(f"run-{i}")), range(4)))

    [entry] = records.entries(open_store())
    assert sorted(change.run_id for change in entry.history) == [f"run-{i}" for i in range(4)]


def test_a_change_made_between_reading_and_writing_is_kept(
    open_store: Any, make_entry: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = open_store(), open_store()
    entry = records.quarantine(mine, make_entry("run-1"))
    write = records.write_entry

    def late(*arguments: Any) -> None:
        monkeypatch.setattr(records, "write_entry", write)
        records.quarantine(other, make_entry("run-2"))
        write(*arguments)

    monkeypatch.setattr(records, "write_entry", late)
    records.change(mine, entry.id, "released", "ada", "")

    kept = records.find(mine, entry.id)
    assert kept is not None
    assert [change.action for change in kept.history] == ["refused", "refused", "released"]


def test_a_run_knows_the_entries_of_its_story(store: Any, make_entry: Any) -> None:
    kind = store.put_context_type(mlmd.ContextType(name="pipeline_run"))
    store.put_contexts([mlmd.Context(type_id=kind, name="run-2")])
    entry = records.quarantine(store, make_entry("run-1"))

    records.attribute(store, entry.id, "run-2")
    records.attribute(store, entry.id, "run-2")
    records.attribute(store, entry.id, "no-such-run")

    assert records.entries_of_run(store, "run-2") == (entry,)
    assert records.entries_of_run(store, "run-1") == ()


def test_a_run_that_passes_data_over_is_known_by_it(store: Any, make_entry: Any) -> None:
    kind = store.put_context_type(mlmd.ContextType(name="pipeline_run"))
    store.put_contexts([mlmd.Context(type_id=kind, name="run-2")])
    entry = records.quarantine(store, make_entry("run-1"))
    records.quarantine(store, make_entry("run-1", span=9))

    assert records.pass_over(store, entry.data, "run-2") == entry
    assert records.pass_over(store, make_entry(span=7).data, "run-2") is None
    assert records.entries_of_run(store, "run-2") == (entry,)


def test_entries_come_with_the_newest_change_first(store: Any, make_entry: Any) -> None:
    older, newer = make_entry(span=1), make_entry(span=2)
    records.quarantine(store, older)
    records.quarantine(store, newer)
    records.change(store, older.id, "released", "ada", "")

    assert [entry.data.span for entry in records.entries(store)] == [1, 2]
