"""Which version each pushed model gets, and why."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from registry.registration import read_models, version_name
from registry.version import Version, following, parse
from tests.registry.made_models import Place


def test_a_text_that_is_no_version_is_none() -> None:
    assert parse("1.2.3") == Version(1, 2, 3)
    assert parse("1.10.0") > parse("1.9.0")  # type: ignore[operator]
    for text in ("1.2", "v1.2.3", "1.2.3.4", "latest", ""):
        assert parse(text) is None


@pytest.mark.parametrize(
    ("change", "expected"), [("major", "3.0.0"), ("minor", "1.5.0"), ("pipeline", "1.1.8")]
)
def test_a_version_is_never_given_twice(change: Any, expected: str) -> None:
    known = [Version(1, 1, 0), Version(1, 4, 0), Version(2, 0, 0), Version(1, 1, 7)]
    assert str(following(Version(1, 1, 0), change, known)) == expected


@pytest.mark.parametrize(
    ("second", "version", "reason"),
    [
        ({"auc": 0.92, "baseline": 0.91}, "1.1.0", "auc 0.9200 is better: 1.0.0 had 0.9100 on"),
        ({"auc": 0.92}, "1.1.0", "auc 0.9200 is better: 1.0.0 had 0.9000 in its own"),
        ({"auc": 0.91, "baseline": 0.92}, "1.0.1", "auc 0.9100 is worse: 1.0.0 had 0.9200 on"),
        ({"code": "code-2"}, "1.0.1", "the code has changed"),
        ({"configuration": "configuration-2"}, "1.0.1", "the configuration has changed"),
        ({"span": 4}, "1.0.1", "code and configuration are the same"),
        ({"auc": 0.99, "label": "tips > 2"}, "2.0.0", "the label was `tips` and is `tips > 2`"),
        ({"fare": "INT"}, "2.0.0", "the column fare was FLOAT and is INT"),
        ({"change": "major"}, "2.0.0", "pushing.change asks for a major change"),
    ],
)
def test_a_second_model_gets_its_version_with_the_reason(
    place: Place, second: dict[str, Any], version: str, reason: str
) -> None:
    place.run()
    place.models()
    place.run(**second)

    first, found = place.models().versions
    assert (str(first.version), first.reasons) == ("1.0.0", ("the first version",))
    assert str(found.version) == version
    assert any(line.startswith(reason) for line in found.reasons), found.reasons


def test_a_column_that_the_model_does_not_read_is_no_incompatibility(place: Place) -> None:
    place.run()
    assert place.models().versions[0].facts.columns == {"fare": "FLOAT"}


def test_a_version_says_who_when_what_and_with_which_libraries(place: Place) -> None:
    place.run()
    [version] = place.models().versions
    facts, [push] = version.facts, version.pushes

    assert (facts.run_id, facts.trained_by, facts.commit) == ("run-1", "ada", "0123abc")
    assert facts.libraries["tensorflow"] == "2.16.2"
    assert (facts.data[0].span, facts.data[0].rows) == (3, {"train": 600, "eval": 300})
    assert facts.metrics["auc"] == pytest.approx(0.9)
    assert (push.who, push.why) == ("pusher", "run run-1")
    assert push.destination == str(place.serving / str(push.number))


def test_a_refused_model_is_the_candidate_and_takes_no_version(place: Place) -> None:
    place.run()
    refused = place.run(blessed=False)
    models = place.models()

    assert [str(version.version) for version in models.versions] == ["1.0.0"]
    assert models.aliases == {"champion": "1.0.0", "candidate": refused}
    place.run(auc=0.95)
    assert place.models().aliases == {"champion": "1.1.0", "previous": "1.0.0"}


def test_registrations_at_once_give_each_model_one_version(place: Place) -> None:
    for _ in range(3):
        place.run()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: read_models(place.open())["taxi"], range(4)))

    versions = place.models().versions
    assert [str(version.version) for version in versions] == ["1.0.0", "1.0.1", "1.0.2"]
    assert len({version.artifact for version in versions}) == 3
    for models in found:
        assert {version.name for version in models.versions} == {v.name for v in versions}
    assert version_name(place.open(), versions[1].artifact) == "1.0.1"


def test_pipelines_of_one_store_have_versions_of_their_own(place: Place) -> None:
    from tests.made_run import Recorder

    place.run()
    recorder = Recorder(place.root / "metadata.sqlite", "other-1", pipeline="other")
    pushed = recorder.artifact("PushedModel", place.root / "other", pushed=1, pushed_version="5")
    recorder.execute("Pusher", outputs={"pushed_model": pushed})

    known = read_models(place.open())
    assert {name: str(models.versions[0].version) for name, models in known.items()} == {
        "other": "1.0.0",
        "taxi": "1.0.0",
    }
