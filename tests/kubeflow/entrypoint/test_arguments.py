"""The words of a task's command line are read by their number, and refused by name."""

from __future__ import annotations

import pytest

from core import errors
from kubeflow.entrypoint.arguments import Output, parse_arguments

NEEDED = [
    "--node", "Trainer", "--run-id", "r", "--root", "/mnt", "--compiled-by", "1",
    "--configuration", "{}",
]  # fmt: skip


def refused(*words: str) -> errors.UserError:
    with pytest.raises(errors.UserError) as caught:
        parse_arguments(words)
    return caught.value


def test_values_may_be_empty_or_look_like_options() -> None:
    found = parse_arguments(
        [*NEEDED, "--set", "change", "-0.01", "--set", "span", "", "--set", "text", "--node"]
    )

    assert found.values == {"change": "-0.01", "span": "", "text": "--node"}
    assert (found.node, found.run_id, found.root, found.compiled_by) == (
        "Trainer",
        "r",
        "/mnt",
        "1",
    )
    assert found.outputs == ()
    assert found.executor_output == ""


def test_outputs_name_type_and_path() -> None:
    words = ["--executor-output", "/tmp/o.json", "--output", "report", "system.HTML", "/tmp/r"]
    found = parse_arguments([*NEEDED, *words])

    assert found.outputs == (Output("report", "system.HTML", "/tmp/r"),)
    assert found.executor_output == "/tmp/o.json"


def test_a_missing_option_is_named() -> None:
    assert refused(*NEEDED[2:]).headline == "--node is missing"
    assert refused("--node", "", *NEEDED[2:]).headline == "--node is missing"


def test_an_unknown_option_is_answered_with_the_nearest() -> None:
    error = refused(*NEEDED, "--outptu", "a")

    assert error.headline == "there is no option '--outptu'"
    assert error.hint == "did you mean --output?"


@pytest.mark.parametrize(
    ("words", "headline"),
    [
        (["--set", "a"], "--set needs 2 values, not 1"),
        (["--node", "Pusher"], "--node is given twice"),
        (["--set", "a", "1", "--set", "a", "2"], "the run parameter a is given twice"),
        (
            ["--output", "x", "system.Model", "/p"],
            "the output x has the type system.Model; known: "
            "system.HTML, system.Metrics, system.ClassificationMetrics",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(words: list[str], headline: str) -> None:
    error = refused(*NEEDED, *words)

    assert error.headline == headline
    assert error.code == "task-arguments"
