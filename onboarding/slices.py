"""Which columns the evaluation is broken down by."""

from __future__ import annotations

from onboarding.model import Choice, ColumnDecision, Proposal

_MOST_SLICES = 3
_MOST_VALUES = 20
_MOST_OF_ONE_VALUE = 0.95


def slice_choices(proposal: Proposal, eval_rows: int) -> dict[str, Choice]:
    """The keys `slices` and `minimum_slice_examples` of the evaluation.

    Args:
      proposal: The proposal.
      eval_rows: How many of the sampled rows are in the eval split.
    """
    least = next((rows for rows in (200, 100, 50) if rows <= eval_rows // 40), 20)
    chosen = [column for column in proposal.columns if _is_worth_it(column, eval_rows, least)]
    chosen.sort(key=lambda column: (column.facts.missing, column.facts.distinct))
    names = [column.facts.name for column in chosen[:_MOST_SLICES]]
    if not names:
        return {}
    return {
        "slices": Choice(names, "few values with enough rows each; any column may stand here"),
        "minimum_slice_examples": Choice(least, "fewer say little"),
    }


def _is_worth_it(column: ColumnDecision, eval_rows: int, least: int) -> bool:
    facts = column.facts
    if column.use != "feature" or column.kind not in ("categorical", "boolean"):
        return False
    if not 2 <= facts.distinct <= _MOST_VALUES or not facts.present:
        return False
    shares = [count / facts.rows for _, count in facts.common]
    large = [share for share in shares if share * eval_rows >= least]
    return len(large) >= 2 and max(shares) <= _MOST_OF_ONE_VALUE
