"""The configuration that is written: read back as it was meant, with reasons, and readable."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import yaml

from onboarding.commented_yaml import WIDTH
from onboarding.configuration_text import configuration_text, document
from onboarding.model import Choice, Proposal
from pipeline.configuration.loading import load
from tests.onboarding.made_proposals import PLACES, binary_proposal, write_table


@pytest.fixture
def proposal(tmp_path: Path) -> Proposal:
    return binary_proposal(write_table(tmp_path))


def test_the_text_is_read_back_as_the_proposal(proposal: Proposal) -> None:
    read = yaml.safe_load(configuration_text(proposal, PLACES))

    assert read == document(proposal, PLACES)
    assert read["features"] == {name: choice.value for name, choice in proposal.features.items()}
    assert read["data"]["split"] == {"method": "hash", "splits": {"train": 2, "eval": 1}}
    assert (read["label"], read["task"], read["name"]) == ("sold", "binary", "things")


def test_a_run_can_load_it(proposal: Proposal, tmp_path: Path) -> None:
    path = tmp_path / "configs" / "things.yaml"
    path.parent.mkdir()
    path.write_text(configuration_text(proposal, PLACES), encoding="utf-8")

    configuration = load(path).configuration

    assert list(configuration.features) == ["size: m²", "colour", "seldom"]
    assert configuration.kubeflow.data == "/mnt/millrace/data/things/"


def test_every_reason_stands_in_it_and_no_line_is_too_long(proposal: Proposal) -> None:
    text = configuration_text(proposal, PLACES)

    for choice in (proposal.task, *proposal.features.values()):
        assert choice.why in text
    assert proposal.remarks[0] in text
    assert max(map(len, text.splitlines())) <= WIDTH


def test_columns_that_were_left_out_are_named_with_their_reason_once(proposal: Proposal) -> None:
    text = configuration_text(proposal, PLACES)

    [line] = [line for line in text.splitlines() if "differs in every row" in line]
    assert "serial, batch" in line
    assert "serial" not in yaml.safe_load(text)["features"]


def test_dotted_keys_of_a_section_stand_below_one_another(proposal: Proposal) -> None:
    sections = {
        "gate": {
            "drift.numeric": Choice(0.1, "few rows"),
            "checks.split_overlap": Choice({"severity": "warn"}),
            "drift.features": Choice({"a.b": 0.2}),
        }
    }
    changed = dataclasses.replace(proposal, sections={**proposal.sections, **sections})

    gate = yaml.safe_load(configuration_text(changed, PLACES))["gate"]

    assert gate == {
        "drift": {"numeric": 0.1, "features": {"a.b": 0.2}},
        "checks": {"split_overlap": {"severity": "warn"}},
    }
