"""The manifests as kubectl builds them."""

from __future__ import annotations

import functools
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Objects = list[dict[str, Any]]


@pytest.fixture(scope="session")
def manifests(repository: Path) -> Path:
    return repository / "kubeflow" / "manifests"


@pytest.fixture(scope="session")
def build(manifests: Path) -> Callable[[str], Objects]:
    """Builds one folder of the manifests; each is built once."""
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not installed (Debian: apt-get install kubernetes-client)")

    @functools.cache
    def built(folder: str) -> Objects:
        done = subprocess.run(
            ["kubectl", "kustomize", str(manifests / folder)], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return [item for item in yaml.safe_load_all(done.stdout) if item]

    return built


@pytest.fixture(params=["dev", "prod"])
def overlay(request: pytest.FixtureRequest, build: Callable[[str], Objects]) -> Objects:
    """All objects of an overlay, the optional ML Metadata server among them."""
    server = build("base/metadata-server")
    objects = build(f"overlays/{request.param}")
    namespace = objects[0]["metadata"]["namespace"]
    moved = [{**item, "metadata": {**item["metadata"], "namespace": namespace}} for item in server]
    return [*objects, *moved]
