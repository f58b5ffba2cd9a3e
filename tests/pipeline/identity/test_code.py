"""A node's digest covers the code that it runs, so that edited code is never a cache hit."""

from __future__ import annotations

import sys
from pathlib import Path

import grimp
import pytest

from pipeline.identity.code import NODE_PACKAGES, code_digest, node_digest

ENTRY_MODULES = {
    "ExampleGen": "components.example_gen.executor",
    "StatisticsGen": "components.statistics_gen.executor",
    "DataGate": "components.data_gate.executor",
    "Transform": "components.transform.executor",
    "Trainer": "components.trainer.executor",
    "Evaluator": "components.evaluator.executor",
    "ServingValidator": "components.serving_validator.executor",
}
# Words, records and settings: they carry results and do not make them. What a setting
# says reaches the node as a property, which TFX's cache sees by itself.
CARRIERS = (
    "core",
    "core.errors",
    "core.files",
    "core.fingerprints",
    "core.progress",
    "core.settings",
    "components",
    "components.execution_flags",
    "components.example_gen",
    "components.example_gen.settings",
)


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph(
        "core",
        "preprocessing",
        "models",
        "components",
        cache_dir=None,
        exclude_type_checking_imports=True,
    )


@pytest.mark.parametrize("node", sorted(ENTRY_MODULES))
def test_all_code_that_a_node_imports_is_in_its_digest(
    node: str, imports: grimp.ImportGraph
) -> None:
    needed = imports.find_upstream_modules(ENTRY_MODULES[node]) - set(CARRIERS)
    covered = NODE_PACKAGES[node]
    missed = {
        module
        for module in needed
        if not any(module == name or module.startswith(f"{name}.") for name in covered)
    }
    assert not missed


def test_an_edited_module_changes_the_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = tmp_path / "own_features.py"
    module.write_text("SCALE = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    before = node_digest("Transform", ("own_features",))
    module.write_text("SCALE = 2\n")
    code_digest.cache_clear()
    assert node_digest("Transform", ("own_features",)) != before
    assert "own_features" not in sys.modules, "asking must not import"


def test_a_module_of_one_node_leaves_the_others_alone() -> None:
    assert node_digest("Transform", ("json",)) != node_digest("Transform")
    assert node_digest("Trainer") == node_digest("Trainer")
