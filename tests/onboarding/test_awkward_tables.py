"""Every table of the awkward corpus is understood, or refused with its reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from components.example_gen.settings import SplitMethod, SplitSettings
from core.errors import DataError, UserError
from onboarding.model import Proposal, Request
from onboarding.propose import propose
from onboarding.sample import read_sample
from onboarding.splits import split_sample
from preprocessing import time_format
from tests.awkward_tables import BAD, GOOD, AwkwardTable, make


def proposed(table: AwkwardTable) -> Proposal:
    """What is proposed for a table."""
    request = Request(data=str(table.path), label=table.label, name=table.name, **table.options)
    return propose(read_sample(request), request)


@pytest.mark.parametrize("name", GOOD)
def test_a_good_table_is_understood(name: str, tmp_path: Path) -> None:
    table = make(name, tmp_path)

    proposal = proposed(table)

    assert proposal.task.value == table.task
    found = {d.facts.name: (str(d.kind), str(d.use), d.why) for d in proposal.columns}
    for column, expected in table.columns.items():
        kind, use, why = found[column]
        assert expected in (f"{kind} {use}", use), f"{column}: {kind} {use}, {why}"
    settings = proposal.sections["data"]
    for key, value in table.settings.items():
        assert key in settings, f"{key} is not said: {sorted(settings)}"
        chosen = settings[key].value
        assert (tuple(chosen) if isinstance(chosen, list) else chosen) == value, key


@pytest.mark.parametrize("name", BAD)
def test_a_bad_table_is_refused_with_the_reason(name: str, tmp_path: Path) -> None:
    table = make(name, tmp_path)

    with pytest.raises((UserError, DataError)) as caught:
        proposed(table)

    error = caught.value
    said = " ".join([error.headline, *error.evidence, error.hint]).lower()
    for words in table.refused:
        assert re.search(words, said), said
    assert error.hint, "no next step"


def test_the_sample_is_split_by_time_as_a_run_splits_the_table(tmp_path: Path) -> None:
    table = make("by_time", tmp_path)
    proposal = proposed(table)
    settings = proposal.sample.settings
    chosen = {key: choice.value for key, choice in proposal.sections["data"].items()}
    split = SplitSettings(
        method=SplitMethod.TIME,
        time_column=chosen["split.time_column"],
        time_format=chosen["split.time_format"],
        splits=chosen["split.splits"],
    )

    parts = split_sample(proposal.sample, settings.model_copy(update={"split": split}))

    def moments(name: str) -> list[float]:
        texts = parts[name].column("when").to_pylist()
        return [time_format.parse("%d.%m.%Y %H:%M", text) or 0.0 for text in texts]

    assert max(moments("train")) <= min(moments("eval"))
