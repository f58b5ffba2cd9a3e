"""Errors say what happened, what shows it and what to do; they survive a pipe."""

from __future__ import annotations

import pytest

from core import errors


@pytest.mark.parametrize(
    "kind",
    [
        errors.UserError,
        errors.DataError,
        errors.ModelError,
        errors.InfrastructureError,
        errors.InternalError,
    ],
)
def test_an_error_crosses_a_process_boundary_unchanged(kind: type[errors.MillraceError]) -> None:
    error = kind("it broke", evidence=["row 3: x", "row 4: ü"], hint="mend it", code="broke")

    back = errors.error_from_json(error.to_json())

    assert type(back) is kind
    assert (back.headline, back.evidence, back.hint, back.code) == (
        "it broke",
        ("row 3: x", "row 4: ü"),
        "mend it",
        "broke",
    )


def test_exit_codes_tell_the_kinds_apart() -> None:
    codes = [
        kind.exit_code
        for kind in (
            errors.UserError,
            errors.DataError,
            errors.ModelError,
            errors.InfrastructureError,
            errors.InternalError,
        )
    ]
    assert len(set(codes)) == len(codes)
    assert not {0, 1} & set(codes)


@pytest.mark.parametrize("line", ["", "null", "[1]", '{"kind": "UserError"}'])
def test_a_line_that_is_no_error_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        errors.error_from_json(line)


def test_the_nearest_name_is_offered_only_when_it_is_near() -> None:
    assert errors.nearest("trian_steps", ["train_steps", "eval_steps"]) == "train_steps"
    assert errors.nearest("zzz", ["train_steps"]) is None


def test_as_text_an_error_holds_headline_evidence_and_hint() -> None:
    text = str(errors.UserError("no such file", evidence=["looked in a/"], hint="name one"))
    assert text.splitlines() == ["no such file", "  looked in a/", "  hint: name one"]
