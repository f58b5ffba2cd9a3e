"""A store whose folder was moved finds its artifacts where they are now, or is left alone."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from components.quarantine import records
from components.quarantine.entry import Change, DataIdentity, Entry
from metadata import relocation
from metadata.relocation import follow_move, moved_with
from metadata.run_folder import RunFolder
from metadata.store import open_for_reading, open_store, sqlite_config
from registry import moves
from registry.registration import is_served, read_models, stored_model
from tests.registry.made_models import Place


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with two pushed models, the second the champion, and data set aside."""
    place = Place(tmp_path / "before" / ".millrace")
    for auc in (0.90, 0.91):
        place.run(auc=auc)
        place.models()
    refusal = Change("refused", "DataGate", records.utc_now(), "fare is gone", "run-2")
    base = str(tmp_path / "before" / "trips")
    data = DataIdentity("taxi", base, {"all": "span-8/*"}, 8, None, "split:all")
    report = f"{place.root}/quarantine/{data.id}"
    entry = Entry(data, {}, "fare is gone", report=report, history=(refusal,))
    records.quarantine(place.open(), entry)
    return tmp_path / "before"


def _texts(store: Path) -> list[str]:
    """Every text that a store holds."""
    with sqlite3.connect(store) as connection:
        tables = ("ArtifactProperty", "ExecutionProperty", "ContextProperty")
        found = [connection.execute(f"SELECT string_value FROM {table}") for table in tables]
        found.append(connection.execute("SELECT uri FROM Artifact"))
        return [str(text) for rows in found for (text,) in rows]


@pytest.mark.parametrize("after", ["after", "elsewhere/deeper/before", "with blanks/é"])
def test_a_renamed_project_has_its_champion_rolls_back_and_knows_refused_data(
    project: Path, tmp_path: Path, after: str
) -> None:
    (tmp_path / after).parent.mkdir(parents=True, exist_ok=True)
    root = project.rename(tmp_path / after) / ".millrace"

    store = open_store(sqlite_config(RunFolder(root).store))

    models = read_models(store)["taxi"]
    assert models.champion is not None
    assert models.previous is not None
    assert is_served(models.champion.pushes[-1].destination)
    assert Path(stored_model(models.previous, store)).is_relative_to(root)
    moves.rollback(store, models, models.previous, moves.Asked("ada", "it was better"))
    assert sorted(path.name for path in (root / "serving" / "taxi").iterdir()) == sorted(
        str(push.number) for push, _ in read_models(store)["taxi"].pushes
    )
    [entry] = records.entries(store)
    assert entry.data.input_base == str(tmp_path / after / "trips")
    assert records.blocking(store, entry.data) is not None
    assert not [text for text in _texts(RunFolder(root).store) if str(project) in text]


def test_reading_follows_a_move_too_and_a_second_look_changes_nothing(
    project: Path, tmp_path: Path
) -> None:
    store = RunFolder(project.rename(tmp_path / "after") / ".millrace").store

    uris = [item.uri for item in open_for_reading(store).get_artifacts()]

    assert all(uri.startswith(f"{tmp_path}/after/.millrace/") for uri in uris if uri)
    content = store.read_bytes()
    open_for_reading(store)
    assert store.read_bytes() == content


def test_only_the_root_was_moved_and_what_is_beside_it_stayed(
    project: Path, tmp_path: Path
) -> None:
    (project / ".millrace").rename(tmp_path / "root")
    follow_move(tmp_path / "root" / "metadata.sqlite")

    texts = _texts(tmp_path / "root" / "metadata.sqlite")
    assert str(project / "trips") in texts
    assert not [text for text in texts if str(project / ".millrace") in text]


def test_a_copy_names_the_files_of_the_original_while_they_are_there(
    project: Path, tmp_path: Path
) -> None:
    copied = Path(shutil.copytree(project, tmp_path / "copy")) / ".millrace" / "metadata.sqlite"
    before = copied.read_bytes()
    follow_move(copied)
    assert copied.read_bytes() == before

    shutil.rmtree(project)
    follow_move(copied)

    assert not [text for text in _texts(copied) if str(project) in text]


def test_a_store_that_came_without_its_artifacts_is_left_alone(
    project: Path, tmp_path: Path
) -> None:
    alone = tmp_path / "alone" / "metadata.sqlite"
    alone.parent.mkdir()
    shutil.copy(project / ".millrace" / "metadata.sqlite", alone)
    shutil.rmtree(project)
    before = alone.read_bytes()

    follow_move(alone)

    assert alone.read_bytes() == before


def test_a_reader_leaves_it_alone_while_a_node_runs(project: Path, tmp_path: Path) -> None:
    with sqlite3.connect(project / ".millrace" / "metadata.sqlite") as connection:
        connection.execute("UPDATE Execution SET last_known_state = 2 WHERE id = 3")
    store = project.rename(tmp_path / "after") / ".millrace" / "metadata.sqlite"

    follow_move(store, reading=True)
    assert any(str(project) in text for text in _texts(store))
    follow_move(store)
    assert not any(str(project) in text for text in _texts(store))


@pytest.mark.parametrize("content", [b"", b"no database at all, though long enough" * 100])
def test_a_file_that_is_no_store_is_left_to_whoever_opens_it(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "metadata.sqlite").write_bytes(content)
    follow_move(tmp_path / "metadata.sqlite")
    follow_move(tmp_path / "missing.sqlite")
    assert (tmp_path / "metadata.sqlite").read_bytes() == content


def _killed(store: Path, calls: int) -> None:
    made = relocation._moves

    def mortal(former: str, root: str) -> Any:
        moved, left = made(former, root), [calls]

        def text(value: str) -> str:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            return moved(value)

        return text

    relocation._moves = mortal
    follow_move(store)


@pytest.mark.parametrize("calls", [1, 7, 40])
def test_a_killed_process_leaves_the_old_paths_or_the_new_ones(
    project: Path, tmp_path: Path, calls: int
) -> None:
    store = project.rename(tmp_path / "after") / ".millrace" / "metadata.sqlite"
    before = _texts(store)
    process = multiprocessing.get_context("spawn").Process(target=_killed, args=(store, calls))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL

    assert _texts(store) == before
    open_for_reading(store)

    assert not [text for text in _texts(store) if str(project) in text]


def test_what_lies_beside_a_moved_root_is_found_and_what_exists_is_meant_as_it_is(
    tmp_path: Path,
) -> None:
    former, root = tmp_path / "old" / ".millrace", tmp_path / "new" / ".millrace"
    (tmp_path / "new" / "trips").mkdir(parents=True)
    assert moved_with(tmp_path / "old", former, root) == tmp_path / "new"
    assert moved_with(tmp_path / "old" / "trips", former, root) == tmp_path / "new" / "trips"
    assert moved_with(tmp_path / "old" / "gone", former, root) == tmp_path / "old" / "gone"
    (tmp_path / "old" / "trips").mkdir(parents=True)
    assert moved_with(tmp_path / "old" / "trips", former, root) == tmp_path / "old" / "trips"
