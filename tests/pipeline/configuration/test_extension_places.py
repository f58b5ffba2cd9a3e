"""A component of the project's own without a place is refused when the configuration is read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from core import errors
from pipeline.configuration.loading import load

BASE = {"name": "shop", "label": "sold", "features": {"price": "numeric"}, "data": {"path": "t"}}
EXAMPLES = {"examples": "ExampleGen.examples"}


def write(folder: Path, **components: dict[str, Any]) -> Path:
    path = folder / "shop.yaml"
    named = {name: {"component": "own.Part", **own} for name, own in components.items()}
    path.write_text(yaml.safe_dump({**BASE, "components": named}, sort_keys=False))
    return path


def refused(folder: Path, **components: dict[str, Any]) -> errors.UserError:
    with pytest.raises(errors.UserError) as caught:
        load(write(folder, **components))
    return caught.value


@pytest.mark.parametrize(
    "name", ["Transform", "TrainingWindow", "PUSHER", "price-check", "x", "A.b"]
)
def test_names_that_others_have_or_that_are_none_are_refused(tmp_path: Path, name: str) -> None:
    error = refused(tmp_path, **{name: {}})
    assert error.code == "node-name"
    assert error.evidence[-1].startswith(f"components.{name} stands at {tmp_path}/shop.yaml:")


@pytest.mark.parametrize(
    ("settings", "code", "hint", "key"),
    [
        ({"inputs": {"x": "ExampelGen.examples"}}, "unknown-node", "ExampleGen", "inputs.x"),
        ({"inputs": {"x": "Trainer.modell"}}, "unknown-output", "Trainer.model?", "inputs.x"),
        ({"before": ["Tranform"]}, "unknown-node", "Transform", "before"),
        ({"after": "Pushr"}, "unknown-node", "Pusher", "after"),
        ({"replaces": {"Trainer.modl": "m"}}, "unknown-output", "Trainer.model?", "replaces"),
        ({"replaces": {"Part.a": "b"}}, "replaced-itself", "another node", "replaces"),
    ],
)
def test_what_does_not_exist_is_refused_with_its_line_and_the_nearest(
    tmp_path: Path, settings: dict[str, Any], code: str, hint: str, key: str
) -> None:
    error = refused(tmp_path, Part=settings)
    assert error.code == code
    assert hint in error.hint
    assert any(f"components.Part.{key} stands at" in line for line in error.evidence)


@pytest.mark.parametrize("reference", ["ExampleGen", "ExampleGen.", "a b.c", "A.b.c"])
def test_an_output_is_a_node_and_a_name(tmp_path: Path, reference: str) -> None:
    error = refused(tmp_path, Part={"inputs": {"x": reference}})
    assert "Node.output" in str(error)


@pytest.mark.parametrize(
    ("components", "circle"),
    [
        ({"One": {"inputs": {"x": "One.y"}}}, {"One"}),
        ({"One": {"inputs": {"x": "Two.y"}}, "Two": {"after": ["One"]}}, {"One", "Two"}),
        (
            {"One": {"inputs": {"x": "Trainer.model"}, "before": ["Transform"]}},
            {"One", "Trainer", "Transform"},
        ),
        (
            {
                "One": {
                    "inputs": {"x": "Trainer.model"},
                    "replaces": {"Transform.transform_graph": "y"},
                }
            },
            {"One", "Trainer"},
        ),
    ],
    ids=["itself", "two own ones", "a gate behind what it guards", "a replacement made too late"],
)
def test_nodes_that_wait_for_one_another_are_refused(
    tmp_path: Path, components: dict[str, Any], circle: set[str]
) -> None:
    error = refused(tmp_path, **components)
    assert error.code == "circular-components"
    assert set(error.headline.partition(": ")[2].split(" -> ")) == circle
    assert "One" in error.hint


def test_two_replacements_of_one_output_are_refused_and_a_chain_is_offered(tmp_path: Path) -> None:
    settings = {"inputs": EXAMPLES, "replaces": {"ExampleGen.examples": "kept"}}
    error = refused(tmp_path, First=settings, Second=settings)
    assert error.headline == "both First and Second replace ExampleGen.examples"
    assert "Second reads and replaces First.kept" in error.hint


def test_an_output_may_be_given_alone_or_in_a_list(tmp_path: Path) -> None:
    path = write(tmp_path, Part={"inputs": {**EXAMPLES, "more": ["ExampleGen.examples"]}})
    own = load(path).configuration.components["Part"]
    assert own.inputs["examples"] == own.inputs["more"] == ("ExampleGen.examples",)


def test_reading_them_imports_neither_tfx_nor_the_component(
    tmp_path: Path, repository: Path
) -> None:
    path = write(tmp_path, Part={"inputs": EXAMPLES})
    (tmp_path / "own.py").write_text("raise SystemExit('imported')\n")
    program = (
        "import sys; from pathlib import Path; from pipeline.configuration.loading import load;"
        "from pipeline.start import check_own_modules;"
        f"check_own_modules(load({str(path)!r}), Path({str(tmp_path)!r})) if len(sys.argv) > 1"
        f" else load({str(path)!r}); print('tfx' in sys.modules, 'own' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["False", "False"]
