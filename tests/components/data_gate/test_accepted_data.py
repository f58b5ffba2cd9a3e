"""Which data new data are compared with."""

from __future__ import annotations

from typing import Any

import pytest
from tfx.types import standard_artifacts

from components.data_gate.accepted_data import LatestAcceptedData
from components.data_gate.artifacts import DataBlessing


def _with_id(kind: type, number: int) -> Any:
    artifact = kind()
    artifact.id = number
    return artifact


def _examples(fingerprint: str, span: int = 0, bundled: str = "") -> Any:
    examples = _with_id(standard_artifacts.Examples, 1_000)
    examples.set_string_custom_property("bundled", bundled)
    examples.set_string_custom_property("input_fingerprint", fingerprint)
    if span:
        examples.set_int_custom_property("span", span)
    return examples


class History:
    """Blessings of a store, each with its statistics."""

    def __init__(self) -> None:
        self.statistics: list[Any] = []
        self.blessings: list[Any] = []

    def accept(
        self, fingerprint: str, *, span: int = 0, baseline: int = 0, bundled: str = ""
    ) -> int:
        number = 10 + 2 * len(self.blessings)
        self.statistics.append(_with_id(standard_artifacts.ExampleStatistics, number))
        blessing = _with_id(DataBlessing, number + 1)
        blessing.set_string_custom_property("fingerprint", fingerprint)
        blessing.set_string_custom_property("bundled", bundled)
        for name, value in (
            ("blessed", 1),
            ("span", span),
            ("statistics_id", number),
            ("baseline_statistics_id", baseline),
        ):
            blessing.set_int_custom_property(name, value)
        self.blessings.append(blessing)
        return number

    def baseline_of(self, fingerprint: str, span: int = 0, bundled: str = "") -> int | None:
        found = self.found_for(fingerprint, span, bundled)
        if not found["statistics"]:
            return None
        assert [item.get_int_custom_property("statistics_id") for item in found["blessing"]] == [
            item.id for item in found["statistics"]
        ]
        return int(found["statistics"][0].id)

    def found_for(self, fingerprint: str, span: int = 0, bundled: str = "") -> Any:
        examples = _examples(fingerprint, span, bundled)
        found = LatestAcceptedData().resolve_artifacts(
            None,  # type: ignore[arg-type]
            {
                "examples": [examples],
                "statistics": list(self.statistics),
                "blessing": list(self.blessings),
            },
        )
        assert found["examples"] == [examples]
        return found


@pytest.fixture
def history() -> History:
    return History()


def test_the_first_data_have_nothing_to_compare_with(history: History) -> None:
    assert history.baseline_of("a") is None


def test_data_are_compared_with_those_accepted_last(history: History) -> None:
    history.accept("a")
    second = history.accept("b")

    assert history.baseline_of("c") == second


def test_data_are_never_compared_with_themselves(history: History) -> None:
    first = history.accept("a")
    history.accept("b", baseline=first)

    assert history.baseline_of("b") == first


def test_a_rerun_is_compared_with_the_same_data_whatever_was_accepted_since(
    history: History,
) -> None:
    first = history.accept("a")
    history.accept("b", baseline=first)
    history.accept("c", baseline=12)

    assert history.baseline_of("b") == first
    assert history.baseline_of("a") is None


def test_an_older_span_is_compared_with_the_span_before_it(history: History) -> None:
    history.accept("1", span=1)
    third = history.accept("3", span=3)
    history.accept("5", span=5)

    assert history.baseline_of("4", span=4) == third


def test_the_oldest_span_is_compared_with_what_there_is(history: History) -> None:
    fifth = history.accept("5", span=5)

    assert history.baseline_of("1", span=1) == fifth


def test_a_new_version_of_a_span_may_be_compared_with_the_version_before(history: History) -> None:
    history.accept("3", span=3)
    fourth = history.accept("4-1", span=4)

    assert history.baseline_of("4-2", span=4) == fourth


def test_statistics_of_other_nodes_and_data_without_verdict_do_not_count(history: History) -> None:
    first = history.accept("a")
    history.accept("b")
    history.blessings[-1].set_int_custom_property("blessed", 0)
    history.statistics.append(_with_id(standard_artifacts.ExampleStatistics, 500))

    assert history.baseline_of("c") == first


def test_statistics_that_are_gone_are_passed_over(history: History) -> None:
    first = history.accept("a")
    history.accept("b")
    history.statistics.pop()

    assert history.baseline_of("c") == first


@pytest.mark.parametrize(("before", "now"), [("taxi", ""), ("", "taxi"), ("taxi, seed 1", "")])
def test_bundled_data_and_a_persons_own_are_not_compared(
    history: History, before: str, now: str
) -> None:
    history.accept("a", bundled=before)

    found = history.found_for("b", bundled=now)

    assert found["statistics"] == []
    assert [item.get_string_custom_property("bundled") for item in found["blessing"]] == [before]


def test_own_data_are_compared_with_own_data_whatever_was_bundled(history: History) -> None:
    own = history.accept("a")
    history.accept("b", bundled="taxi", span=3)

    assert history.baseline_of("c") == own
    assert history.baseline_of("c", bundled="taxi, other rows") == own + 2


def test_own_data_judged_beside_bundled_ones_before_are_judged_alone(history: History) -> None:
    bundled = history.accept("a", bundled="taxi")
    history.accept("b", baseline=bundled)

    assert history.baseline_of("b") is None
