"""Which spans and versions a pattern finds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from components.example_gen.spans.patterns import (
    check_places,
    check_span,
    find_spans,
    has_span,
    shown,
)
from core.errors import DataError, UserError

Touch = Callable[..., None]


@pytest.fixture
def touch(tmp_path: Path) -> Touch:
    """Makes files with a little content; a name that ends in a slash makes a folder."""

    def run(*names: str) -> None:
        for name in names:
            path = tmp_path / name
            path.mkdir(parents=True) if name.endswith("/") else path.parent.mkdir(
                parents=True, exist_ok=True
            )
            if not name.endswith("/"):
                path.write_text("x")

    return run


def _found(base: Path, pattern: str) -> list[tuple[int, int | None, str]]:
    return [(span.number, span.version, span.pattern) for span in find_spans(str(base), pattern)]


def test_numbers_are_compared_as_numbers_and_gaps_are_fine(touch: Touch, tmp_path: Path) -> None:
    touch("s-2/v1/a.csv", "s-2/v3/a.csv", "s-10/v10/a.csv", "s-10/v9/a.csv")
    assert _found(tmp_path, "s-{SPAN}/v{VERSION}/*.csv") == [
        (10, 10, "s-10/v10/*.csv"),
        (10, 9, "s-10/v9/*.csv"),
        (2, 3, "s-2/v3/*.csv"),
        (2, 1, "s-2/v1/*.csv"),
    ]


def test_leading_zeros_stay_in_the_pattern_that_finds_the_files(
    touch: Touch, tmp_path: Path
) -> None:
    touch("s-007/a.csv")
    assert _found(tmp_path, "s-{SPAN}/*") == [(7, None, "s-007/*")]
    assert _found(tmp_path, "s-{SPAN:3}/*") == [(7, None, "s-007/*")]
    assert _found(tmp_path, "s-{SPAN:2}/*") == []


def test_a_date_counts_days_since_1970(touch: Touch, tmp_path: Path) -> None:
    touch("2024-03-01/a.csv", "2024-02-29/a.csv", "2023-02-29/a.csv", "2024-13-01/a.csv")
    spans = find_spans(str(tmp_path), "{YYYY}-{MM}-{DD}/*")
    assert [span.number for span in spans] == [19783, 19782]
    assert spans[0].describe() == "span 19783 (2024-03-01)"


def test_a_date_without_separators(touch: Touch, tmp_path: Path) -> None:
    touch("trips-20240301-v2.csv")
    [span] = find_spans(str(tmp_path), "trips-{YYYY}{MM}{DD}-v{VERSION}.csv")
    assert (span.number, span.version) == (19783, 2)


def test_names_without_a_number_and_marks_are_no_spans(touch: Touch, tmp_path: Path) -> None:
    touch("s-1/a.csv", "s-tmp/a.csv", "s-/a.csv", "s-1/_SUCCESS", "s-1/.a.csv.crc")
    [span] = find_spans(str(tmp_path), "s-{SPAN}/*")
    assert span.files == (str(tmp_path / "s-1" / "a.csv"),)


def test_folders_without_data_are_listed_without_files(touch: Touch, tmp_path: Path) -> None:
    touch("s-1/a.csv", "s-2/_SUCCESS", "s-3/")
    found = find_spans(str(tmp_path), "s-{SPAN}/*.csv")
    assert [(span.number, len(span.files)) for span in found] == [(3, 0), (2, 0), (1, 1)]


def test_a_version_that_lies_in_two_places_is_refused(touch: Touch, tmp_path: Path) -> None:
    touch("s-7/v1/a.csv", "s-07/v1/a.csv")
    with pytest.raises(DataError, match="span 7, version 1 lies in 2 places") as caught:
        find_spans(str(tmp_path), "s-{SPAN}/v{VERSION}/*")
    assert caught.value.code == "overlapping-versions"
    assert [Path(line).parts[-3] for line in caught.value.evidence] == ["s-07", "s-7"]


@pytest.mark.parametrize(
    "pattern",
    [
        "{SPAN}/{SPAN}/*",
        "{VERSION}/*",
        "{YYYY}-{MM}/*",
        "{SPAN}/{YYYY}{MM}{DD}/*",
        "{SPAN:x}/*",
        "{SPAN:0}/*",
    ],
)
def test_places_that_make_no_sense_are_refused(pattern: str) -> None:
    with pytest.raises(UserError, match="make no sense"):
        check_places(pattern)


def test_a_span_cannot_be_asked_of_a_path_without_one() -> None:
    check_span("trips/*.csv", None)
    check_span("{SPAN}/*.csv", 3)
    with pytest.raises(UserError, match=r"span 3 is wanted.*no place for a span"):
        check_span("trips/*.csv", 3)


def test_spans_are_shown_in_few_words(touch: Touch, tmp_path: Path) -> None:
    touch("s-2/v1/a", "s-2/v3/a", *(f"s-{number}/v1/a" for number in range(10, 19)))
    text = shown(find_spans(str(tmp_path), "s-{SPAN}/v{VERSION}/*"))
    assert text.startswith("18 (version 1), 17 (version 1), ")
    assert text.endswith(" and 2 more")
    assert shown(find_spans(str(tmp_path), "s-{SPAN}/v{VERSION}/*")[-2:]) == "2 (versions 3, 1)"
    assert has_span("{SPAN:3}")
    assert not has_span("{OTHER}")
