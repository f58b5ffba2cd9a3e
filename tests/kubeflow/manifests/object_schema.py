"""Kubernetes objects, checked strictly against the models of the `kubernetes` client."""

from __future__ import annotations

import functools
import re
from typing import Any

Object = dict[str, Any]


def problems(thing: Object) -> list[str]:
    """What Kubernetes would refuse or ignore in an object; nothing where it is well.

    Fields that the object's kind does not have, values of another type, and required
    fields that are missing. The client's models come from Kubernetes' own OpenAPI schema.
    """
    kind = f"{thing.get('apiVersion')} {thing.get('kind')}"
    model = _models().get((str(thing.get("apiVersion")), str(thing.get("kind"))))
    if model is None:
        return [f"{kind}: no such kind is known"]
    return _check(thing, model, f"{thing['kind']} {thing['metadata'].get('name')}")


@functools.cache
def _models() -> dict[tuple[str, str], str]:
    versions = {
        "v1": ("PersistentVolumeClaim", "Secret", "Service", "ServiceAccount", "ConfigMap"),
        "apps/v1": ("Deployment", "StatefulSet"),
        "batch/v1": ("Job",),
        "networking.k8s.io/v1": ("NetworkPolicy",),
        "rbac.authorization.k8s.io/v1": ("Role", "RoleBinding"),
    }
    return {(version, kind): f"V1{kind}" for version, kinds in versions.items() for kind in kinds}


def _check(value: Any, kind: str, where: str) -> list[str]:
    if match := re.fullmatch(r"list\[(.*)\]", kind):
        if not isinstance(value, list):
            return [f"{where}: not a list: {value!r}"]
        return [p for n, item in enumerate(value) for p in _check(item, match[1], f"{where}[{n}]")]
    if match := re.fullmatch(r"dict\(str, (.*)\)", kind):
        if not isinstance(value, dict):
            return [f"{where}: not a mapping: {value!r}"]
        return [
            p for name, item in value.items() for p in _check(item, match[1], f"{where}.{name}")
        ]
    plain = {"str": str, "int": int, "bool": bool, "float": (int, float), "object": object}
    if kind in plain:
        fits = isinstance(value, plain[kind]) and not (kind == "int" and isinstance(value, bool))
        return [] if fits else [f"{where}: not of type {kind}: {value!r}"]
    return _check_model(value, kind, where)


def _check_model(value: Any, kind: str, where: str) -> list[str]:
    import kubernetes.client

    model = getattr(kubernetes.client, kind, None)
    if model is None or not isinstance(value, dict):
        return [f"{where}: not a {kind}: {value!r}"]
    names = {key: name for name, key in model.attribute_map.items()}
    unknown = [f"{where}.{key}: no such field" for key in value if key not in names]
    known = {names[key]: item for key, item in value.items() if key in names}
    found = unknown + [
        problem
        for name, item in known.items()
        for problem in _check(
            item, model.openapi_types[name], f"{where}.{model.attribute_map[name]}"
        )
    ]
    try:
        model(**known)  # Asks for what is required and, where there is a list, for its values.
    except ValueError as error:
        found.append(f"{where}: {error}")
    return found
