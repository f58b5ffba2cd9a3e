"""`millrace data quarantine`: list, show, release, discard, and what is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli import main as cli
from components.quarantine import records
from components.quarantine.entry import Change, DataIdentity, Entry
from metadata import store
from metadata.run_folder import RunFolder
from tests.e2e.servers import free_port
from tests.made_run import make_run
from tests.metadata.store_server import StoreServer

_SECONDS = 1_700_000_000


class Shell:
    """The command line on one root."""

    def __init__(self, root: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capture = capture

    def __call__(self, *words: str, code: int = 0) -> str:
        """Runs a command; what it prints, errors included."""
        with pytest.raises(SystemExit) as ended:
            cli.main(["data", "quarantine", *words, "--root", str(self.root)])
        said = self._capture.readouterr()
        assert ended.value.code == code, said.out + said.err
        return said.out + said.err

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "--json"))

    def quarantine(self, span: int = 8, pipeline: str = "taxi") -> Entry:
        """Quarantines a real file."""
        path = self.root / "trips" / f"span-{span}" / "data.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("fare\n1\n")
        os.utime(path, (_SECONDS, _SECONDS))
        fingerprint = (
            f"split:single,num_files:1,total_bytes:7,xor_checksum:{_SECONDS},"
            f"sum_checksum:{_SECONDS}"
        )
        base, patterns = str(self.root / "trips"), {"single": f"span-{span}/*.csv"}
        data = DataIdentity(pipeline, base, patterns, span, None, fingerprint)
        refusal = Change("refused", "DataGate", records.utc_now(), "fare is gone", "run-9")
        entry = Entry(data, {"train": 1200}, "fare is gone", ("eval: fare",), history=(refusal,))
        opened = store.open_store(store.sqlite_config(self.root / "metadata.sqlite"))
        return records.quarantine(opened, entry)


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path, capsys)


@pytest.fixture(autouse=True)
def _known_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is at the keyboard, after pytest has named its own folder by the real login."""
    monkeypatch.setenv("LOGNAME", "ada")
    monkeypatch.delenv("MILLRACE_USER", raising=False)


def test_a_list_says_what_why_when_and_by_whom(shell: Shell) -> None:
    entry = shell.quarantine()

    lines = shell("list").splitlines()

    assert len(lines) == 2
    for words in (entry.id, "quarantined", "taxi", "span 8", "1,200 train", "fare is gone"):
        assert words in lines[1]


def test_a_list_takes_status_and_pipeline(shell: Shell) -> None:
    first, second = shell.quarantine(1), shell.quarantine(2, "other")
    shell("release", first.id)

    assert [entry["id"] for entry in shell.json("list")] == [first.id, second.id]
    assert [entry["id"] for entry in shell.json("list", "--status", "released")] == [first.id]
    assert [entry["id"] for entry in shell.json("list", "--pipeline", "other")] == [second.id]
    assert "None of the 2 entries" in shell("list", "--status", "discarded")


def test_a_store_without_entries_says_so(shell: Shell) -> None:
    make_run(shell.root)

    assert shell("list") == f"No data are quarantined in {shell.root / 'metadata.sqlite'}.\n"
    assert shell.json("list") == []
    assert "no data are quarantined" in shell("show", "3f9a", code=2)


@pytest.mark.parametrize("words", [["list"], ["show", "3f9a"], ["release", "3f9a"]])
def test_a_store_that_does_not_exist_is_refused_and_not_made(
    shell: Shell, words: list[str]
) -> None:
    assert "there is no metadata store" in shell(*words, code=2)
    assert not (shell.root / "metadata.sqlite").exists()


def test_a_file_that_is_no_store_is_an_explained_error(shell: Shell) -> None:
    (shell.root / "metadata.sqlite").write_text("no database")

    assert "cannot be opened" in shell("list", code=5)


def test_an_entry_shows_its_data_its_reasons_and_what_happens_next(shell: Shell) -> None:
    entry = shell.quarantine()

    text = shell("show", entry.id[:4])

    for words in (
        f"quarantined span 8  {entry.id}",
        "fare is gone",
        "eval: fare",
        str(shell.root / "trips/span-8/*.csv"),
        "refused by DataGate in run run-9: fare is gone",
        "Runs skip span 8 until it is released",
    ):
        assert words in text


def test_a_release_is_recorded_and_says_what_happens_next(shell: Shell) -> None:
    entry = shell.quarantine()

    text = shell("release", entry.id, "--because", "a new terminal")

    assert text.startswith(f"{entry.id} (span 8) released by ada.\n")
    assert "takes it without --force" in text
    [refused, released] = shell.json("show", entry.id)["history"]
    assert refused["action"] == "refused"
    assert (released["action"], released["who"], released["why"]) == (
        "released",
        "ada",
        "a new terminal",
    )


def test_a_name_may_be_given(shell: Shell) -> None:
    entry = shell.quarantine()

    changed = shell.json("discard", entry.id, "--by", "grace")

    assert changed["status"] == "discarded"
    assert changed["history"][-1]["who"] == "grace"
    assert changed["next"].startswith("No run ever takes span 8 again")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("release", "release", "is released already"),
        ("discard", "discard", "is discarded already"),
        ("discard", "release", "was discarded, which is for ever"),
    ],
)
def test_what_was_decided_is_not_decided_again(
    shell: Shell, before: str, after: str, said: str
) -> None:
    entry = shell.quarantine()
    shell(before, entry.id, "--by", "grace")

    text = shell(after, entry.id, code=2)

    assert said in text
    assert "by grace on" in text
    assert len(shell.json("show", entry.id)["history"]) == 2


def test_what_was_released_may_be_discarded(shell: Shell) -> None:
    entry = shell.quarantine()
    shell("release", entry.id)

    assert shell.json("discard", entry.id)["status"] == "discarded"


def test_an_unknown_id_is_answered_with_the_nearest(shell: Shell) -> None:
    entry = shell.quarantine()
    wrong = entry.id[:5] + ("0" if entry.id[5] != "0" else "1") + entry.id[6:]

    assert f"did you mean {entry.id}?" in shell("release", wrong, code=2)
    assert "quarantine list" in shell("show", "zzzz", code=2)


def test_an_ambiguous_id_is_refused(shell: Shell) -> None:
    # Among seventeen hexadecimal texts two begin alike.
    ids = [shell.quarantine(span).id for span in range(17)]
    first = next(one[0] for one in ids if sum(other[0] == one[0] for other in ids) > 1)

    text = shell("show", first, code=2)

    assert "is the beginning of" in text
    assert all(known in text for known in ids if known.startswith(first))


@pytest.mark.parametrize(
    ("content", "said"), [("fare\n2\n3\n", "changed since"), (None, "no longer there")]
)
def test_files_that_changed_or_went_are_noticed(
    shell: Shell, content: str | None, said: str
) -> None:
    entry = shell.quarantine()
    path = shell.root / "trips" / "span-8" / "data.csv"
    path.write_text(content) if content else path.unlink()

    assert said in shell("release", entry.id)


def test_a_store_that_is_a_server_is_named_by_the_newest_run(shell: Shell) -> None:
    entry = shell.quarantine()
    make_run(shell.root)
    behind = (shell.root / "metadata.sqlite").rename(shell.root / "elsewhere.sqlite")
    server = StoreServer(behind, free_port())
    section = {"kind": "grpc", "host": "127.0.0.1", "port": server.port}
    path = RunFolder(shell.root).run("run-1").configuration
    path.write_text(yaml.safe_dump({"metadata": section}))
    server.start()
    try:
        assert shell.json("release", entry.id)["status"] == "released"
        assert [known["id"] for known in shell.json("list")] == [entry.id]
    finally:
        server.stop()


def test_a_store_that_is_a_server_is_named_by_a_configuration(
    shell: Shell, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (repository / "configs" / "taxi.yaml").read_text()
    path = shell.root / "taxi.yaml"
    path.write_text(f"{text}\nmetadata: {{kind: mysql, host: 127.0.0.1, port: {free_port()}}}\n")

    monkeypatch.setattr(store.time, "sleep", lambda seconds: None)
    assert "mysql://millrace@127.0.0.1" in shell("list", "--config", str(path), code=5)
    assert "--profile means nothing" in shell("list", "--profile", "x", code=2)


@pytest.mark.parametrize("name", ["list", "show", "release", "discard"])
def test_every_command_teaches_with_an_example(shell: Shell, name: str) -> None:
    assert f"millrace data quarantine {name}" in shell(name, "--help").split("Examples:")[1]
