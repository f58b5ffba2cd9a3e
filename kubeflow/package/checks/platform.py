"""The platform document: what the driver makes of it when a task starts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from core import errors
from kubeflow.package.checks.containers import deployment
from kubeflow.package.checks.problem import Problem, shortened
from kubeflow.package.package import Package

# Fields of KubernetesExecutorConfig in backend 2.5; later ones are refused by older servers.
FIELDS = frozenset(
    {
        "activeDeadlineSeconds",
        "configMapAsEnv",
        "configMapAsVolume",
        "emptyDirMounts",
        "enabledSharedMemory",
        "fieldPathAsEnv",
        "genericEphemeralVolume",
        "imagePullPolicy",
        "imagePullSecret",
        "nodeAffinity",
        "nodeSelector",
        "podAffinity",
        "podMetadata",
        "pvcMount",
        "secretAsEnv",
        "secretAsVolume",
        "tolerations",
    }
)

# The driver names a volume by its claim; a volume's name has no dots, a claim's may.
_VOLUME_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


def check_platform(package: Package) -> Iterator[Problem]:
    """The rules for the second document.

    Args:
      package: The package.
    """
    if package.platform is None:
        return
    platforms = package.platform.get("platforms")
    if not isinstance(platforms, dict) or set(platforms) != {"kubernetes"}:
        yield Problem(
            "platform", "the platform document", "must have one platform, named kubernetes"
        )
        return
    try:
        executors = platforms["kubernetes"]["deploymentSpec"]["executors"]
        items = sorted(executors.items())
    except (AttributeError, KeyError, TypeError):
        yield Problem("platform", "the platform document", "has no deploymentSpec.executors")
        return
    known = deployment(package.spec) or {}
    for label, settings in items:
        where = f"the platform settings of {shortened(label)}"
        if label not in known:
            near = errors.nearest(label, known)
            means = f"; {near} is" if near else ""
            yield Problem(
                "platform-executor", where, f"mean nothing: it is not an executor here{means}"
            )
        elif not isinstance(settings, dict):
            yield Problem("platform", where, "are no mapping")
        else:
            yield from _check_settings(where, settings)


def _check_settings(where: str, settings: Mapping[str, Any]) -> Iterator[Problem]:
    for field in sorted(set(settings) - FIELDS):
        near = errors.nearest(field, FIELDS)
        means = f"; did you mean {near}?" if near else ""
        yield Problem("platform-field", where, f"have a field {shortened(field)}{means}")
    deadline = settings.get("activeDeadlineSeconds")
    if deadline is not None and not re.fullmatch(r"[1-9][0-9]*", str(deadline)):
        yield Problem("platform-timeout", where, f"have a timeout of {shortened(str(deadline))}")
    yield from _check_volumes(where, _mappings(settings, "pvcMount"))
    for secret in _mappings(settings, "secretAsEnv"):
        if not _constant(secret, "secretName", "secretNameParameter"):
            yield Problem("platform-secret", where, "name no secret")
        for pair in _mappings(secret, "keyToEnv"):
            if not pair.get("secretKey") or not pair.get("envVar"):
                yield Problem("platform-secret", where, "have a secret without key or variable")


def _check_volumes(where: str, mounts: list[Mapping[str, Any]]) -> Iterator[Problem]:
    claims: set[str] = set()
    paths: set[str] = set()
    for mount in mounts:
        claim, path = _constant(mount, "constant", "pvcNameParameter"), mount.get("mountPath")
        if not claim or not path:
            yield Problem("platform-volume", where, "have a volume without claim or mountPath")
            continue
        if not _VOLUME_NAME.fullmatch(claim):
            yield Problem(
                "platform-volume",
                where,
                f"have the claim {shortened(claim)}, which cannot name a volume: lower case "
                "letters, digits and dashes, at most 63",
            )
        if claim in claims:
            yield Problem(
                "platform-volume", where, f"mount the claim {shortened(claim)} twice: give it once"
            )
        if path in paths:
            yield Problem("platform-volume", where, f"mount two volumes at {shortened(str(path))}")
        claims.add(claim)
        paths.add(str(path))


def _mappings(settings: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = settings.get(name) or []
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def _constant(settings: Mapping[str, Any], old: str, new: str) -> str:
    """A name that may stand in an older or a newer field; empty where neither has it."""
    source = settings.get(new)
    if isinstance(source, Mapping):
        value = source.get("runtimeValue", {})
        if isinstance(value, Mapping) and isinstance(value.get("constant"), str):
            return str(value["constant"])
        # A parameter or another task's output: known when the task starts.
        return "from-elsewhere"
    found = settings.get(old)
    return found if isinstance(found, str) else ""
