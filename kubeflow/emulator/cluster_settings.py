"""What the platform document says of a task, as far as one machine can follow it.

The fields are those of ``kubernetes_platform/proto/kubernetes_executor_config.proto``.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import UserError

_NOT_APPLIED = {
    "nodeSelector": "node selectors",
    "tolerations": "tolerations",
    "nodeAffinity": "node affinity",
    "podAffinity": "pod affinity",
    "podMetadata": "labels and annotations",
    "imagePullSecret": "image pull secrets",
    "imagePullPolicy": "the image pull policy",
    "securityContext": "the security context",
    "enabledSharedMemory": "shared memory",
}
_EMULATED = frozenset({"secretAsEnv", "pvcMount", "activeDeadlineSeconds"})


@dataclasses.dataclass(frozen=True)
class Secret:
    """An environment variable that a secret fills.

    Attributes:
      variable: Its name.
      source: The secret and its key, for messages.
      optional: Whether the task starts without it.
    """

    variable: str
    source: str
    optional: bool


@dataclasses.dataclass(frozen=True)
class Mount:
    """A volume claim in the container.

    Attributes:
      claim: The claim's name.
      path: Where the container sees it.
      sub_path: The part of the volume that it sees; empty for all of it.
    """

    claim: str
    path: str
    sub_path: str = ""

    def folder(self, volumes: Path) -> Path:
        """The folder that stands for it below the folder of all volumes."""
        return volumes / self.claim / self.sub_path


@dataclasses.dataclass(frozen=True)
class ClusterSettings:
    """The settings of one task.

    Attributes:
      secrets: Environment variables out of secrets.
      mounts: Volume claims.
      deadline_seconds: After how long an attempt is stopped; None for never.
      not_applied: In words, what has no meaning here.
    """

    secrets: tuple[Secret, ...] = ()
    mounts: tuple[Mount, ...] = ()
    deadline_seconds: float | None = None
    not_applied: tuple[str, ...] = ()


def read_cluster_settings(
    task: str, label: str, platform: Mapping[str, Any] | None
) -> ClusterSettings:
    """Reads the settings of a task.

    Args:
      task: The task's name, for messages.
      label: Its executor's label.
      platform: The platform document, or None.

    Raises:
      UserError: If the document asks for what cannot be emulated.
    """
    document = _executor(platform, label)
    for field in document:
        if field not in _EMULATED and field not in _NOT_APPLIED:
            raise UserError(
                f"the task {task} uses {field}, which is not emulated",
                evidence=["it stands in the platform document of the package"],
                hint="run this package on a cluster",
                code="not-emulated",
            )
    deadline = document.get("activeDeadlineSeconds")
    return ClusterSettings(
        secrets=tuple(_secrets(task, document.get("secretAsEnv", ()))),
        mounts=tuple(_mount(task, mount) for mount in document.get("pvcMount", ())),
        deadline_seconds=float(deadline) if deadline and float(deadline) > 0 else None,
        not_applied=tuple(_NOT_APPLIED[field] for field in document if field in _NOT_APPLIED),
    )


def secret_values(
    task: str, secrets: tuple[Secret, ...], environment: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Takes the values of secrets from the caller's environment.

    Args:
      task: The task's name, for messages.
      secrets: What it needs.
      environment: Where to look.

    Raises:
      UserError: If one is missing that is not optional.
    """
    values = {}
    for secret in secrets:
        if secret.variable in environment:
            values[secret.variable] = environment[secret.variable]
        elif not secret.optional:
            raise UserError(
                f"the task {task} needs the secret {secret.source} as {secret.variable}",
                evidence=[f"the environment variable {secret.variable} is not set here"],
                hint=f"export {secret.variable}=... before the emulation",
                code="secret-missing",
            )
    return values


def rewritten(text: str, mounts: tuple[Mount, ...], volumes: Path) -> str:
    """Replaces the container's mount paths by the folders that stand for them.

    A path counts where it begins a path (not inside another name) and ends there or
    goes on with a slash. The longest mount path wins.

    Args:
      text: A word of the command, a value of the environment or of a parameter.
      mounts: The volumes of the task.
      volumes: The folder of all volumes.
    """
    folders = {mount.path.rstrip("/"): str(mount.folder(volumes)) for mount in mounts}
    folders.pop("", None)
    if not folders:
        return text
    paths = "|".join(re.escape(path) for path in sorted(folders, key=len, reverse=True))
    return re.sub(rf"(?<![\w.-])(?:{paths})(?![\w.-])", lambda found: folders[found.group()], text)


def _executor(platform: Mapping[str, Any] | None, label: str) -> Mapping[str, Any]:
    found: Any = platform or {}
    for key in ("platforms", "kubernetes", "deploymentSpec", "executors", label):
        found = found.get(key) or {}
    return dict(found)


def _secrets(task: str, documents: Any) -> list[Secret]:
    secrets = []
    for document in documents:
        name = document.get("secretName") or _constant(
            task, "secretAsEnv", document.get("secretNameParameter")
        )
        for key in document.get("keyToEnv", ()):
            source = f"{name}/{key.get('secretKey', '')}"
            secrets.append(Secret(key["envVar"], source, bool(document.get("optional"))))
    return secrets


def _mount(task: str, document: Any) -> Mount:
    claim = document.get("constant") or _constant(
        task, "pvcMount", document.get("pvcNameParameter")
    )
    mount = Mount(claim, document.get("mountPath", ""), document.get("subPath", ""))
    parts = (*Path(claim).parts, *Path(mount.sub_path).parts)
    if not mount.path.startswith("/") or ".." in parts or "/" in claim or "/" in parts:
        raise UserError(
            f"the task {task} mounts the volume claim {claim!r} in an impossible way",
            evidence=[f"mount path {mount.path!r}, path in the volume {mount.sub_path!r}"],
            code="mount-path",
        )
    return mount


def _constant(task: str, field: str, parameter: Any) -> str:
    """The name where it stands in the package itself; other sources are not emulated."""
    name = ((parameter or {}).get("runtimeValue") or {}).get("constant")
    if isinstance(name, str) and name and "{{" not in name:
        return name
    raise UserError(
        f"the task {task} has a {field} whose name is not a constant, which is not emulated",
        hint="run this package on a cluster",
        code="not-emulated",
    )
