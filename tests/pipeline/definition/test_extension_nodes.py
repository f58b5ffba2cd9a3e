"""What does not fit a component is refused when the pipeline is built, before anything runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core import errors
from pipeline.configuration.components import ComponentSettings
from pipeline.configuration.loading import data_layer, load
from pipeline.definition import Locations
from pipeline.definition.building import _MAKERS
from pipeline.definition.extension_nodes import own_node
from pipeline.definition.wiring import Wiring

MODULE = """
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types.standard_artifacts import Examples, Model

@component
def Part(
    examples: InputArtifact[Examples],
    kept: OutputArtifact[Examples],
    share: Parameter[float],
    times: Parameter[int] = 1,
) -> None:
    pass

def undecorated(examples):
    pass

class Other:
    pass
"""
EXAMPLES = {"examples": "ExampleGen.examples"}
GOOD = {"inputs": EXAMPLES, "parameters": {"share": 0.5}}


@pytest.fixture(scope="module")
def wiring(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Wiring:
    """The first two nodes of a pipeline."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "data.csv").write_text("fare,tips\n1,2\n")
    overrides = [data_layer(str(folder / "data.csv"))]
    configuration = load(repository / "configs" / "taxi.yaml", overrides=overrides).configuration
    made = Wiring(configuration, Locations(root=folder, project=repository))
    for node_id in ("ExampleGen", "StatisticsGen"):
        made.add(_MAKERS[node_id](made))
    return made


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: Any) -> str:
    """A module of the project's own, by a name that no other test has imported."""
    name = f"own_{abs(hash(request.node.name))}"
    (tmp_path / f"{name}.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    return name


def made(wiring: Wiring, component: str, **settings: Any) -> Any:
    own = ComponentSettings(component=component, **{**GOOD, **settings})
    wiring.configuration = wiring.configuration.model_copy(update={"components": {"Part": own}})
    return own_node(wiring, "Part")


def test_a_component_gets_channels_values_of_its_types_and_the_digest_of_its_code(
    wiring: Wiring, module: str
) -> None:
    node = made(wiring, f"{module}.Part", parameters={"share": 1, "times": 3})
    assert node.id == "Part"
    assert node.exec_properties == {"share": 1.0, "times": 3}
    assert type(node.exec_properties["share"]) is float
    assert any(flag.startswith("--code=") for flag in node.executor_spec.extra_flags)


def test_a_list_of_outputs_is_one_input(wiring: Wiring, module: str) -> None:
    twice = {"examples": ["ExampleGen.examples", "ExampleGen.examples"]}
    node = made(wiring, f"{module}.Part", inputs=twice)
    assert len(node.inputs["examples"].channels) == 2


def test_a_component_of_tfx_takes_a_mapping_as_its_protocol_buffer(wiring: Wiring) -> None:
    own = {"inputs": EXAMPLES, "parameters": {"data_spec": {"example_splits": ["eval"]}}}
    node = made(wiring, "tfx.components.BulkInferrer", **own)
    assert json.loads(node.exec_properties["data_spec"]) == {"example_splits": ["eval"]}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"parameters": {"shere": 0.5}}, "parameters.shere: the component has no such parameter"),
        ({"parameters": {}}, "components.Part.parameters.share is missing"),
        ({"inputs": {}}, "components.Part.inputs.examples is missing"),
        ({"parameters": {"share": "half"}}, "share must be a number, not 'half'"),
        ({"parameters": {"share": 0.5, "times": True}}, "times must be a whole number, not True"),
        ({"parameters": {"share": 0.5, "times": 1.5}}, "times must be a whole number, not 1.5"),
        ({"inputs": {"share": "ExampleGen.examples"}}, "put share under parameters"),
        ({"inputs": {"exmples": "ExampleGen.examples"}}, "did you mean 'examples'?"),
        ({"inputs": {"examples": "StatisticsGen.statistics"}}, "of that type: ExampleGen.examples"),
        ({"inputs": {"examples": "ExampleGen.exmples"}}, "did you mean ExampleGen.examples?"),
        ({"replaces": {"ExampleGen.examples": "keptt"}}, "did you mean Part.kept?"),
        ({"replaces": {"StatisticsGen.statistics": "kept"}}, "kept is of another type"),
    ],
)
def test_settings_that_do_not_fit_the_component_are_refused(
    wiring: Wiring, module: str, settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(errors.UserError) as refused:
        made(wiring, f"{module}.Part", **settings)
    assert said in str(refused.value)
    assert f"components.Part is a {module}.Part" in refused.value.evidence


def test_a_field_that_a_protocol_buffer_lacks_is_refused(wiring: Wiring) -> None:
    with pytest.raises(errors.UserError, match="no field named") as refused:
        made(
            wiring,
            "tfx.components.BulkInferrer",
            parameters={"data_spec": {"splits": ["eval"]}},
        )
    assert "example_splits" in str(refused.value)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("undecorated", "@component"), ("Other", "subclass"), ("Prt", "did you mean Part?")],
)
def test_what_is_no_component_is_refused(wiring: Wiring, module: str, name: str, hint: str) -> None:
    with pytest.raises(errors.UserError) as refused:
        made(wiring, f"{module}.{name}")
    assert hint in refused.value.hint


def test_a_component_that_is_a_container_is_refused(
    wiring: Wiring, module: str, tmp_path: Path
) -> None:
    (tmp_path / f"{module}.py").write_text(
        "from tfx.dsl.component.experimental import container_component\n"
        "Part = container_component.create_container_component("
        "name='Part', image='busybox', command=['true'])\n"
    )
    with pytest.raises(errors.UserError, match="does not run in Python"):
        made(wiring, f"{module}.Part", inputs={}, parameters={})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import nowhere_at_all\n", "No module named 'nowhere_at_all'"),
        ("x = 1\nraise ValueError('too early')\n", "ValueError: too early"),
        ("raise SystemExit(3)\n", "SystemExit: 3"),
    ],
    ids=["a missing library", "code that fails", "a script"],
)
def test_a_module_that_cannot_be_imported_is_refused_with_its_line(
    wiring: Wiring, module: str, tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / f"{module}.py").write_text(text)
    with pytest.raises(errors.UserError) as refused:
        made(wiring, f"{module}.Part")
    assert said in refused.value.headline
    line = text.count("\n")
    assert any(f"{module}.py:{line}" in words for words in refused.value.evidence)
