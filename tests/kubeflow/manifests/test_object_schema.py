"""Every object is one that Kubernetes accepts, and the check notices when one is not."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.kubeflow.manifests.object_schema import problems

SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "store", "labels": {"a": "b"}},
    "spec": {"selector": {"a": "b"}, "ports": [{"name": "mysql", "port": 3306}]},
}


def test_every_object_fits_its_schema(overlay: list[dict[str, Any]]) -> None:
    assert [problem for item in overlay for problem in problems(item)] == []


def test_a_good_object_has_no_problems() -> None:
    assert problems(SERVICE) == []


def _rename(item: dict[str, Any]) -> None:
    item["spec"]["port"] = item["spec"].pop("ports")


def _unknown_kind(item: dict[str, Any]) -> None:
    item["kind"] = "Servise"


def _wrong_type(item: dict[str, Any]) -> None:
    item["spec"]["ports"][0]["port"] = "3306"


def _number_as_label(item: dict[str, Any]) -> None:
    item["metadata"]["labels"]["a"] = 10.11


def _missing(item: dict[str, Any]) -> None:
    del item["spec"]["ports"][0]["port"]


def _no_list(item: dict[str, Any]) -> None:
    item["spec"]["ports"] = {"port": 1}


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (_rename, "Service store.spec.port: no such field"),
        (_unknown_kind, "v1 Servise: no such kind"),
        (_wrong_type, "Service store.spec.ports[0].port: not of type int"),
        (_number_as_label, "Service store.metadata.labels.a: not of type str"),
        (_missing, "Service store.spec.ports[0]: Invalid value for `port`"),
        (_no_list, "Service store.spec.ports: not a list"),
    ],
)
def test_a_spoilt_object_is_noticed(spoil: Callable[[dict], None], problem: str) -> None:
    item = copy.deepcopy(SERVICE)
    spoil(item)

    found = problems(item)

    assert len(found) == 1
    assert found[0].startswith(problem)


def test_names_are_dns_labels(overlay: list[dict[str, Any]]) -> None:
    names = [item["metadata"]["name"] for item in overlay]

    assert [
        name for name in names if not re.fullmatch(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", name)
    ] == []


def test_no_object_is_there_twice(overlay: list[dict[str, Any]]) -> None:
    keys = [(item["kind"], item["metadata"]["name"]) for item in overlay]

    assert len(keys) == len(set(keys)) > 8


def test_quantities_can_be_read(overlay: list[dict[str, Any]]) -> None:
    from kubernetes.utils import parse_quantity

    found = [quantity for item in overlay for quantity in _quantities(item)]

    assert len(found) > 10
    assert all(parse_quantity(quantity) > 0 for quantity in found)


def _quantities(value: Any) -> list[str]:
    if isinstance(value, list):
        return [quantity for item in value for quantity in _quantities(item)]
    if not isinstance(value, dict):
        return []
    own = [*value.get("requests", {}).values(), *value.get("limits", {}).values()]
    return own + [quantity for item in value.values() for quantity in _quantities(item)]
