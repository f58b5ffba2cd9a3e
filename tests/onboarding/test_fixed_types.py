"""Types that the next file could change are fixed, and no others."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet
import pytest

from components.example_gen.settings import ColumnType
from onboarding.fixed_types import with_fixed_types
from onboarding.model import Choice, Proposal
from tests.onboarding.made_proposals import binary_proposal, with_task, write_table


@pytest.fixture
def proposal(tmp_path: Path) -> Proposal:
    return binary_proposal(write_table(tmp_path))


def _fixed(proposal: Proposal) -> dict[str, str]:
    data = with_fixed_types(proposal).sections["data"]
    return dict(data["columns"].value) if "columns" in data else {}


def test_numbers_that_measure_are_floats_and_nothing_else_is_fixed(proposal: Proposal) -> None:
    assert _fixed(proposal) == {"size: m²": "float", "seldom": "float"}


def test_types_that_were_found_out_before_stay(proposal: Proposal) -> None:
    data = {**proposal.sections["data"], "columns": Choice({"note": "text"}, "dates")}
    changed = dataclasses.replace(proposal, sections={"data": data})

    assert _fixed(changed)["note"] == "text"


def test_a_class_that_is_a_number_keeps_its_type(proposal: Proposal) -> None:
    number = dataclasses.replace(proposal.columns[0], use="label")
    label = dataclasses.replace(
        proposal.label, expression='column("size: m²")', columns=("size: m²",)
    )
    classes = dataclasses.replace(proposal, columns=(number,), label=label)

    assert _fixed(classes) == {}
    assert _fixed(with_task(classes, "regression")) == {"size: m²": "float"}
    compared = dataclasses.replace(label, expression='column("size: m²") > 40')
    assert _fixed(dataclasses.replace(classes, label=compared)) == {"size: m²": "float"}


def test_nothing_is_fixed_where_the_files_declare_types(proposal: Proposal, tmp_path: Path) -> None:
    path = tmp_path / "things.parquet"
    pyarrow.parquet.write_table(pyarrow.csv.read_csv(proposal.sample.path), path)
    declared = dataclasses.replace(
        proposal, sample=dataclasses.replace(proposal.sample, path=str(path))
    )

    assert _fixed(declared) == {}


def test_folders_declare_no_types_even_above_files_that_do(
    proposal: Proposal, tmp_path: Path
) -> None:
    for note in ("1", "2"):
        (tmp_path / "t" / f"note={note}").mkdir(parents=True)
        path = tmp_path / "t" / f"note={note}" / "things.parquet"
        pyarrow.parquet.write_table(pyarrow.csv.read_csv(proposal.sample.path).drop(["note"]), path)
    sample = dataclasses.replace(proposal.sample, path=str(tmp_path / "t"))
    facts = dataclasses.replace(proposal.columns[0].facts, name="note")
    column = dataclasses.replace(proposal.columns[0], facts=facts)

    assert _fixed(dataclasses.replace(proposal, sample=sample, columns=(column,))) == {
        "note": "float"
    }


def test_codes_say_why_they_are_text(proposal: Proposal) -> None:
    named = dataclasses.replace(
        proposal, sample=dataclasses.replace(proposal.sample, codes=("zip",))
    )
    facts = dataclasses.replace(
        proposal.columns[0].facts, name="zip", type=ColumnType.TEXT, common=(("01970", 3),)
    )
    column = dataclasses.replace(proposal.columns[0], facts=facts, kind="categorical")

    chosen = with_fixed_types(dataclasses.replace(named, columns=(column,))).sections["data"]

    assert chosen["columns"].value == {"zip": "text"}
    assert "zip: text, since a number has no leading zeros" in chosen["columns"].why
