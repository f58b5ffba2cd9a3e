"""A project brings its own preprocessing; editing it takes effect."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.command import millrace

CONFIGURATION = """
name: own
data: {path: table.csv, split: {splits: {train: 1, eval: 1}}}
label: bought
features: {price: numeric}
transform: {module: own_features}
"""
MODULE = """
import tensorflow_transform as tft
from preprocessing.preprocessing_fn import preprocessing_fn as standard

def preprocessing_fn(inputs, custom_config):
    outputs = standard(inputs, custom_config)
    outputs["price_share"] = outputs["price"] * SCALE
    return outputs

SCALE = 1.0
"""


def test_an_edited_preprocessing_fn_runs_again_and_nothing_before_it(tmp_path: Path) -> None:
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "own.yaml").write_text(CONFIGURATION)
    rows = [f"{index % 17}.5,{index % 2}" for index in range(400)]
    (tmp_path / "table.csv").write_text("\n".join(["price,bought", *rows, ""]))
    (tmp_path / "own_features.py").write_text(MODULE)
    command = ("run", "configs/own.yaml", "--to=Transform", "--json")

    first = millrace(tmp_path, *command)
    assert first.code == 0, first.output + first.errors
    assert first.states()["Transform"] == "done"

    (tmp_path / "own_features.py").write_text(MODULE.replace("1.0", "2.0"))
    second = millrace(tmp_path, *command)

    assert second.code == 0, second.output + second.errors
    assert second.states()["ExampleGen"] == "cached"
    assert second.states()["StatisticsGen"] == "cached"
    assert second.states()["Transform"] == "done"
