"""A configuration is held against the data before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import errors
from pipeline.start import project_folder, read_request

CONFIGURATION = """
name: small
data: {{path: {path}}}
label: {label}
features: {{{feature}: numeric}}
schema_file: {schema}
evaluation: {{slices: [{slice}]}}
gate: {{slices: [{gate_slice}]}}
trainer: {{files: [{file}]}}
"""


def _configuration(folder: Path, **changes: str) -> Path:
    values = {
        "path": "table.csv",
        "label": "target",
        "feature": "price",
        "schema": "null",
        "slice": "price",
        "gate_slice": "price",
        "file": "configs/*.yaml",
        **changes,
    }
    (folder / "table.csv").write_text("price,target\n1.5,0\n2.5,1\n")
    (folder / "configs").mkdir()
    path = folder / "configs" / "small.yaml"
    path.write_text(CONFIGURATION.format(**values))
    return path


def test_what_fits_is_accepted_with_absolute_places(tmp_path: Path) -> None:
    request = read_request(_configuration(tmp_path), root=tmp_path / "root")
    assert request.locations.project == tmp_path
    assert request.locations.in_project("table.csv") == str(tmp_path / "table.csv")


@pytest.mark.parametrize(
    ("change", "said", "line"),
    [
        ({"path": "tabel.csv"}, "there is no data", 3),
        ({"label": "targit"}, "no column is called 'targit'", 4),
        ({"feature": "prise"}, "no column 'prise'", 5),
        ({"schema": "nowhere.pbtxt"}, "does not exist", 6),
        ({"gate_slice": "prise"}, "no column 'prise'", 8),
        ({"slice": "prize"}, "slice 'prize'", 7),
        ({"file": "words.txt"}, "trainer.files: there is no file words.txt", 9),
    ],
    ids=["data", "label", "feature", "schema", "gate", "slice", "file"],
)
def test_what_does_not_fit_is_refused_with_file_and_line(
    tmp_path: Path, change: dict[str, str], said: str, line: int
) -> None:
    path = _configuration(tmp_path, **change)
    with pytest.raises(errors.UserError) as refused:
        read_request(path, root=tmp_path / "root")
    assert said in refused.value.headline
    assert f"small.yaml:{line}" in str(refused.value)


def test_a_column_that_the_curated_schema_lists_is_left_to_the_gate(tmp_path: Path) -> None:
    schema = tmp_path / "schema.pbtxt"
    schema.write_text('feature { name: "distance" type: FLOAT }')
    path = _configuration(tmp_path, feature="distance", schema="schema.pbtxt")

    assert read_request(path, root=tmp_path / "root").locations.project == tmp_path


def test_a_configuration_without_data_says_how_to_name_some(tmp_path: Path) -> None:
    path = _configuration(tmp_path, path="null")
    with pytest.raises(errors.UserError, match="names no data") as refused:
        read_request(path, root=tmp_path / "root")
    assert "--data" in refused.value.hint


def test_paths_are_relative_to_the_folder_above_configs(tmp_path: Path) -> None:
    assert project_folder(tmp_path / "configs" / "a.yaml") == tmp_path
    assert project_folder(tmp_path / "a.yaml") == tmp_path


def test_a_span_that_is_not_finished_is_refused_unless_the_run_would_wait(tmp_path: Path) -> None:
    path = _configuration(tmp_path, path="'span-{SPAN}/table.csv'")
    (tmp_path / "span-1").mkdir()
    (tmp_path / "table.csv").rename(tmp_path / "span-1" / "table.csv")

    def request(*assignments: str) -> None:
        read_request(path, root=tmp_path / "root", assignments=assignments)

    with pytest.raises(errors.DataError, match="no span is finished"):
        request("data.ready={marker: _SUCCESS}")
    request("data.ready={marker: _SUCCESS, wait_seconds: 60}")
    (tmp_path / "span-1" / "_SUCCESS").touch()
    request("data.ready={marker: _SUCCESS}")
    with pytest.raises(errors.UserError, match="there is no span 2"):
        request("data.span=2")
