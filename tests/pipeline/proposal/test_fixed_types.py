"""Types that the next file could change are fixed, and no others."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet
import pytest

from pipeline.proposal.fixed_types import with_fixed_types
from pipeline.proposal.model import Choice, Proposal
from tests.pipeline.proposal.made_proposals import binary_proposal, with_task, write_table


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
