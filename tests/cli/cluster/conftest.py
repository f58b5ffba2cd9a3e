"""Compiled pipelines, as the tests of the cluster have them."""

from __future__ import annotations

from tests.kubeflow.conftest import compile_taxi, compiled_root, taxi

__all__ = ["compile_taxi", "compiled_root", "taxi"]
