"""What an evaluation's reader should know beside the figures, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from components.evaluator.outcome.bounds_kept import guessing_words
from components.evaluator.outcome.reading import Evaluation
from core import formats


def remarks(found: Evaluation) -> list[str]:
    """The sentences, as many as there is something to say."""
    beyond = found.beyond
    said = [f"no examples for the slice {name}, which has bounds" for name in found.missing_slices]
    said += [f"no examples for the slice {name}" for name in beyond.empty_slices]
    if beyond.baseline_refused:
        said.append(f"not compared with the model that serves: {beyond.baseline_refused}")
        if beyond.lacks_comparison:
            said.append(
                "if that is meant, as after a change of the label, repeat the command of this run"
                " with --set evaluation.allow_no_comparison=true"
            )
    said += _left_out(beyond.rows)
    if beyond.guessing is not None and not beyond.guessing["better"]:
        said.append(
            f"not clearly better than guessing on {beyond.guessing['metric']}:"
            f" {guessing_words(beyond.guessing)} (evaluation.better_than_guessing)"
        )
    undecided = sum(check.verdict == "undecided" for check in found.checks)
    if undecided and beyond.confidence is not None:
        said.append(
            f"{formats.plural(undecided, 'bound')} undecided: the value is beyond the bound, but"
            f" the {formats.percent(beyond.confidence, 0)} confidence interval includes the bound"
        )
    return said


def _left_out(rows: Mapping[str, int] | None) -> Iterator[str]:
    """Why not all rows were evaluated on."""
    if rows is None or rows["used"] == rows["total"]:
        return
    unknown = rows["unknown_to_baseline"]
    without = rows["total"] - rows["used"] - unknown
    if without:
        yield f"{formats.plural(without, 'row')} without a label left out of the evaluation"
    if unknown:
        yield (
            f"{formats.plural(unknown, 'row')} of classes that the blessed model does not know"
            " left out of the comparison"
        )


def worst_segments(found: Evaluation) -> list[str]:
    """The segments whose residuals are worst, each in a few words."""
    return [
        f"{segment['feature']} {segment['bucket'] or '(empty)'}"
        f" ({formats.signed(segment['mean'])}, {formats.plural(segment['count'], 'example')})"
        for segment in (found.beyond.residuals or {}).get("worst", ())
    ]
