"""Which spans may be taken, and what is said of the others."""

from __future__ import annotations

import os
from pathlib import Path

import pydantic
import pytest

from components.example_gen.settings import ReadySettings
from components.example_gen.spans.readiness import resolve_spans
from core.errors import DataError, UserError

PATTERN = "span-{SPAN}/v{VERSION}/*.csv"
MARKER = ReadySettings(marker="_SUCCESS")


def _write(base: Path, *spans: str, changed: float = 1_000.0, finished: bool = False) -> None:
    for span in spans:
        folder = base / span
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "data.csv").write_text("a\n1\n")
        os.utime(folder / "data.csv", (changed, changed))
        if finished:
            (folder / "_SUCCESS").touch()


class _Time:
    """A clock that goes on when somebody sleeps; then things happen."""

    def __init__(self, now: float = 1_100.0) -> None:
        self.now = now
        self.slept = 0.0
        self.events: dict[int, object] = {}

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds
        event = self.events.pop(round(self.slept), None)
        if callable(event):
            event()


def _taken(base: Path, ready: ReadySettings | None = None, **rest: object) -> list[str]:
    resolution = resolve_spans(str(base), PATTERN, ready, **rest)  # type: ignore[arg-type]
    return [span.describe() for span in resolution.spans]


def test_the_newest_version_of_each_span_the_newest_first(tmp_path: Path) -> None:
    _write(tmp_path, "span-1/v1", "span-1/v4", "span-3/v2")
    assert _taken(tmp_path) == ["span 3, version 2", "span 1, version 4"]
    assert _taken(tmp_path, asked=1) == ["span 1, version 4"]


def test_a_span_that_does_not_exist_names_those_that_do(tmp_path: Path) -> None:
    _write(tmp_path, "span-1/v1", "span-1/v2", "span-3/v1")
    with pytest.raises(UserError, match="there is no span 2") as caught:
        resolve_spans(str(tmp_path), PATTERN, asked=2)
    assert "spans there: 3 (version 1), 1 (versions 2, 1)" in caught.value.evidence
    assert caught.value.code == "unknown-span"


def test_no_span_at_all(tmp_path: Path) -> None:
    (tmp_path / "span-x").mkdir()
    with pytest.raises(DataError, match="finds no span") as caught:
        resolve_spans(str(tmp_path), PATTERN)
    assert "there: span-x" in caught.value.evidence


def test_without_its_marker_a_span_is_passed_over_and_named(tmp_path: Path) -> None:
    _write(tmp_path, "span-1/v1", finished=True)
    _write(tmp_path, "span-2/v1")
    resolution = resolve_spans(str(tmp_path), PATTERN, MARKER)
    assert [span.number for span in resolution.spans] == [1]
    [skip] = resolution.skipped
    assert skip.describe() == "span 2, version 1: it has no _SUCCESS yet"


def test_an_unfinished_version_leaves_the_one_before(tmp_path: Path) -> None:
    _write(tmp_path, "span-2/v1", finished=True)
    _write(tmp_path, "span-2/v2")
    assert _taken(tmp_path, MARKER) == ["span 2, version 1"]
    assert _taken(tmp_path, MARKER, asked=2) == ["span 2, version 1"]


def test_an_unfinished_span_that_was_asked_for_is_refused(tmp_path: Path) -> None:
    _write(tmp_path, "span-1/v1", finished=True)
    _write(tmp_path, "span-2/v1")
    with pytest.raises(DataError, match="span 2, version 1 is not finished") as caught:
        resolve_spans(str(tmp_path), PATTERN, MARKER, asked=2)
    assert caught.value.code == "span-not-ready"


def test_nothing_finished_at_all(tmp_path: Path) -> None:
    _write(tmp_path, "span-1/v1", "span-2/v1")
    with pytest.raises(DataError, match="no span is finished") as caught:
        resolve_spans(str(tmp_path), PATTERN, MARKER)
    assert caught.value.evidence[1] == "span 2, version 1: it has no _SUCCESS yet"


def test_a_run_waits_for_the_marker_as_long_as_it_is_told(tmp_path: Path) -> None:
    _write(tmp_path, "span-1/v1", finished=True)
    _write(tmp_path, "span-2/v1")
    time = _Time()
    time.events[3] = lambda: _write(tmp_path, "span-2/v1", finished=True)
    ready = ReadySettings(marker="_SUCCESS", wait_seconds=10)
    assert _taken(tmp_path, ready, clock=time, sleep=time.sleep)[0] == "span 2, version 1"
    assert time.slept == 3
    (tmp_path / "span-2" / "v1" / "_SUCCESS").unlink()
    assert _taken(tmp_path, ready, clock=time, sleep=time.sleep) == ["span 1, version 1"]
    assert time.slept == 13


def test_files_that_still_change_are_waited_for(tmp_path: Path) -> None:
    _write(tmp_path, "span-1/v1")
    _write(tmp_path, "span-2/v1", changed=1_095.0)
    time = _Time()
    ready = ReadySettings(stable_seconds=30)
    assert _taken(tmp_path, ready, clock=time, sleep=time.sleep)[0] == "span 2, version 1"
    assert time.slept == 25


def test_files_that_do_not_stop_changing_are_passed_over(tmp_path: Path) -> None:
    _write(tmp_path, "span-1/v1")
    _write(tmp_path, "span-2/v1", changed=1_095.0)
    time = _Time()
    time.events[20] = lambda: _write(tmp_path, "span-2/v1", changed=1_120.0)
    resolution = resolve_spans(
        str(tmp_path), PATTERN, ReadySettings(stable_seconds=30), clock=time, sleep=time.sleep
    )
    assert [span.number for span in resolution.spans] == [1]
    assert resolution.skipped[0].reason == "a file of it changed 10 s ago"


def test_a_look_does_not_wait(tmp_path: Path) -> None:
    _write(tmp_path, "span-1/v1")
    _write(tmp_path, "span-2/v1", changed=1_095.0)
    time = _Time()
    ready = ReadySettings(stable_seconds=30)
    assert _taken(tmp_path, ready, wait=False, clock=time) == ["span 1, version 1"]


def test_an_empty_folder_is_passed_over_unless_it_says_that_it_is_finished(tmp_path: Path) -> None:
    _write(tmp_path, "span-1/v1", finished=True)
    (tmp_path / "span-2" / "v1").mkdir(parents=True)
    resolution = resolve_spans(str(tmp_path), PATTERN)
    assert resolution.spans[0].number == 1
    assert resolution.skipped[0].reason == "its folder holds no data file"
    assert _taken(tmp_path, MARKER) == ["span 1, version 1"]
    with pytest.raises(DataError, match="no data file in span 2, version 1") as caught:
        resolve_spans(str(tmp_path), PATTERN, asked=2)
    assert caught.value.code == "empty-span"
    (tmp_path / "span-2" / "v1" / "_SUCCESS").touch()
    with pytest.raises(DataError, match="no data file in span 2") as caught:
        resolve_spans(str(tmp_path), PATTERN, MARKER)
    assert caught.value.code == "empty-span"


def test_where_the_files_name_has_the_span_a_marker_stands_beside_each_file(
    tmp_path: Path,
) -> None:
    for name in ("t-1.csv", "t-1.csv.done", "t-2.csv"):
        (tmp_path / name).write_text("x")
    resolution = resolve_spans(str(tmp_path), "t-{SPAN}.csv", ReadySettings(marker=".done"))
    assert [span.number for span in resolution.spans] == [1]
    assert resolution.skipped[0].reason == "it has no t-2.csv.done yet"


def test_a_path_without_spans_has_one_that_must_be_finished_too(tmp_path: Path) -> None:
    _write(tmp_path, "trips")
    base = str(tmp_path / "trips")
    with pytest.raises(DataError, match="the data are not finished"):
        resolve_spans(base, "*.csv", MARKER)
    (tmp_path / "trips" / "_SUCCESS").touch()
    [span] = resolve_spans(base, "*.csv", MARKER).spans
    assert (span.number, span.version, span.pattern) == (0, None, "*.csv")


@pytest.mark.parametrize(
    "settings",
    [{}, {"marker": "a", "stable_seconds": 1}, {"marker": "a/b"}, {"stable_seconds": 0}],
)
def test_settings_that_make_no_sense(settings: dict[str, object]) -> None:
    with pytest.raises(pydantic.ValidationError):
        ReadySettings.model_validate(settings)
