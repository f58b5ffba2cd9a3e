"""Pipelines that are compiled once for all tests of the cluster."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import pytest

from kubeflow.graph.compilation import Compilation, compile_graph

CompileTaxi = Callable[..., Compilation]


@pytest.fixture(scope="session")
def compiled_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where compiled pipelines are kept; the first use of one imports TFX."""
    return tmp_path_factory.mktemp("compiled")


@pytest.fixture(scope="session")
def compile_taxi(repository: Path, compiled_root: Path) -> CompileTaxi:
    """Makes the task graph of the taxi configuration."""
    return functools.partial(
        compile_graph, repository / "configs" / "taxi.yaml", root=compiled_root
    )


@pytest.fixture(scope="session")
def taxi(compile_taxi: CompileTaxi) -> Compilation:
    """The taxi pipeline as it stands."""
    return compile_taxi()
