"""Base, profile and --set: the strongest layer wins, and every value knows its origin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies

from core import errors
from pipeline.configuration.layers import assignments_layer, merge, profile_layer
from pipeline.configuration.positions import Layer, Origin, read_yaml


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_profile_changes_one_key_and_leaves_its_neighbours(tmp_path: Path) -> None:
    base = _write(tmp_path / "c.yaml", "trainer:\n  steps: 10\n  rate: 0.1\n")
    _write(tmp_path / "profiles" / "big.yaml", "trainer:\n  steps: 99\n")

    merged = merge([read_yaml(base), profile_layer(base, "big")])

    assert merged.values == {"trainer": {"steps": 99, "rate": 0.1}}
    assert str(merged.origins[("trainer", "steps")]).endswith("profiles/big.yaml:2")
    assert str(merged.origins[("trainer", "rate")]).endswith("c.yaml:3")


def test_set_is_stronger_than_files_and_reads_yaml_scalars(tmp_path: Path) -> None:
    base = _write(tmp_path / "c.yaml", "a:\n  b: 1\n")
    merged = merge([read_yaml(base), assignments_layer(["a.b=2.5", "a.c=[x, y]", "d=true"])])
    assert merged.values == {"a": {"b": 2.5, "c": ["x", "y"]}, "d": True}
    assert merged.origins[("a", "b")] == Origin("--set")


@pytest.mark.parametrize("text", ["a.b", "=3", "a..b=1", ""])
def test_an_assignment_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(errors.UserError, match="cannot read --set"):
        assignments_layer([text])


def test_an_unknown_profile_is_answered_with_the_nearest(tmp_path: Path) -> None:
    base = _write(tmp_path / "c.yaml", "")
    _write(tmp_path / "profiles" / "kubeflow.yaml", "")
    with pytest.raises(errors.UserError, match="no profile 'kubflow'") as caught:
        profile_layer(base, "kubflow")
    assert "kubeflow" in caught.value.hint


def test_a_key_that_stands_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    base = _write(tmp_path / "c.yaml", "a: 1\nb: 2\na: 3\n")
    with pytest.raises(errors.UserError, match="a stands twice") as caught:
        read_yaml(base)
    assert "c.yaml:3" in caught.value.evidence[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a: [1, 2", "not valid YAML"),
        (b"- a\n- b\n", "must hold keys and values"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"a: !!python/object/apply:os.system ['true']\n", "not valid YAML"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes(content)
    with pytest.raises(errors.UserError, match=said):
        read_yaml(path)


def test_a_missing_file_is_answered_with_its_neighbour(tmp_path: Path) -> None:
    _write(tmp_path / "taxi.yaml", "")
    with pytest.raises(errors.UserError, match="there is no configuration file") as caught:
        read_yaml(tmp_path / "taxy.yaml")
    assert "taxi.yaml" in caught.value.evidence[0]


_KEYS = strategies.sampled_from("abc")
_TREES = strategies.recursive(
    strategies.dictionaries(_KEYS, strategies.integers(0, 9), max_size=3),
    lambda inner: strategies.dictionaries(_KEYS, inner | strategies.integers(0, 9), max_size=3),
    max_leaves=8,
)


def _leaves(tree: dict[str, Any], prefix: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    found: dict[tuple[str, ...], Any] = {}
    for key, value in tree.items():
        if isinstance(value, dict) and value:
            found.update(_leaves(value, (*prefix, key)))
        else:
            found[(*prefix, key)] = value
    return found


@hypothesis.given(_TREES, _TREES)
def test_every_leaf_of_the_stronger_layer_survives_a_merge(
    weaker: dict[str, Any], stronger: dict[str, Any]
) -> None:
    merged = merge([Layer(weaker, {}), Layer(stronger, {})]).values
    found = _leaves(merged)
    for path, value in _leaves(stronger).items():
        if value != {}:
            assert found[path] == value
    assert merge([Layer(merged, {}), Layer(stronger, {})]).values == merged
