"""What the configuration says about running on a cluster."""

from __future__ import annotations

from typing import Annotated, Any

import pydantic

from core import errors
from core.settings import Settings


def _as_text(value: Any) -> Any:
    """A number as text: who writes ``cpu: 2`` means the quantity."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return str(value) if is_number else value


Quantity = Annotated[str, pydantic.BeforeValidator(_as_text)]


class ResourceSettings(Settings):
    """What a node's container asks the cluster for."""

    cpu: Quantity | None = pydantic.Field(
        None, pattern=r"^\d+(\.\d+)?m?$", description="Cores, such as 2 or 500m."
    )
    memory: Quantity | None = pydantic.Field(
        None, pattern=r"^\d+(\.\d+)?([KMGT]i?)?$", description="Memory, such as 4Gi."
    )
    accelerator: str = pydantic.Field(
        "nvidia.com/gpu", description="The accelerator's resource name."
    )
    accelerator_count: int = pydantic.Field(0, ge=0, le=64, description="How many accelerators.")


class TolerationSettings(Settings):
    """A taint that a node's pod may ignore; the keys are Kubernetes' own."""

    key: str | None = pydantic.Field(None, description="The taint's key; every key where empty.")
    operator: str = pydantic.Field(
        "Equal", pattern="^(Equal|Exists)$", description="Equal or Exists."
    )
    value: str | None = pydantic.Field(None, description="The taint's value, for Equal.")
    effect: str | None = pydantic.Field(
        None,
        pattern="^(NoSchedule|PreferNoSchedule|NoExecute)$",
        description="The taint's effect; every effect where empty.",
    )


class NodeSettings(Settings):
    """How one node's container runs; what is left out is taken from `defaults`."""

    resources: ResourceSettings | None = pydantic.Field(
        None, description="What the container asks for."
    )
    retries: int | None = pydantic.Field(
        None, ge=0, le=10, description="How often a failed node is tried again."
    )
    timeout_seconds: int | None = pydantic.Field(
        None, ge=1, description="After how many seconds a node is stopped; never where empty."
    )
    node_selector: dict[str, str] | None = pydantic.Field(
        None, description="Labels that the machine must have."
    )
    tolerations: tuple[TolerationSettings, ...] | None = pydantic.Field(
        None, description="Taints that the pod may ignore."
    )


class VolumeSettings(Settings):
    """A persistent volume claim that every node mounts."""

    claim: str = pydantic.Field(
        pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", description="The claim's name."
    )
    path: str = pydantic.Field(pattern=r"^/", description="Where it is mounted.")


class SecretSettings(Settings):
    """A key of a Kubernetes secret that every node sees as an environment variable."""

    variable: str = pydantic.Field(
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", description="The environment variable."
    )
    secret: str = pydantic.Field(
        pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", description="The secret's name."
    )
    key: str = pydantic.Field(min_length=1, description="The key in the secret.")


class KubeflowSettings(Settings):
    """The cluster that runs the pipeline."""

    image: str | None = pydantic.Field(
        None, description="The container image of all nodes; `make image` makes one."
    )
    root: str = pydantic.Field(
        "/mnt/millrace",
        description="The folder of all artifacts: on a shared volume, or gs://.",
    )
    volumes: tuple[VolumeSettings, ...] = pydantic.Field(
        (VolumeSettings(claim="millrace", path="/mnt/millrace"),),
        description="Persistent volume claims that every node mounts.",
    )
    data: str | None = pydantic.Field(
        None,
        description="Where the cluster sees the data, on a volume or gs://; it takes the place "
        "of `data.path` when a package is made, unless --data or --set names another.",
    )
    secrets: tuple[SecretSettings, ...] = pydantic.Field(
        (), description="Secrets that every node sees as environment variables."
    )
    environment: dict[str, str] = pydantic.Field(
        default_factory=dict, description="Plain environment variables of every node."
    )
    service_account: str | None = pydantic.Field(
        None, description="The pods' service account; the orchestrator's own where empty."
    )
    defaults: NodeSettings = pydantic.Field(
        default_factory=NodeSettings, description="How containers run, unless `nodes` says else."
    )
    nodes: dict[str, NodeSettings] = pydantic.Field(
        default_factory=dict, description="How the containers of single nodes run, by node id."
    )
    host: str | None = pydantic.Field(
        None, description="The address of the Kubeflow Pipelines API."
    )
    namespace: str | None = pydantic.Field(
        None, description="The user's namespace, where Kubeflow has several users."
    )
    experiment: str | None = pydantic.Field(
        None, description="The experiment of all runs; the pipeline's name where empty."
    )

    def node(self, node_id: str) -> NodeSettings:
        """How one node's container runs, the defaults filled in."""
        own = self.nodes.get(node_id, NodeSettings())
        given = {
            name: value
            for name in NodeSettings.model_fields
            if (value := getattr(own, name)) is not None
        }
        return self.defaults.model_copy(update=given)


def check_cluster(settings: KubeflowSettings, node_ids: tuple[str, ...]) -> None:
    """Refuses what a cluster cannot do.

    Args:
      settings: The section `kubeflow`.
      node_ids: The pipeline's nodes.

    Raises:
      errors.UserError: If a node does not exist, or the root is no place that both
        TensorFlow and every container can write to.
    """
    for name in settings.nodes:
        if name not in node_ids:
            near = errors.nearest(name, node_ids)
            raise errors.UserError(
                f"kubeflow.nodes names {name!r}, which the pipeline does not have",
                evidence=[f"its nodes: {', '.join(node_ids)}"],
                hint=f"did you mean {near}?" if near else "name one of these",
                code="unknown-node",
            )
    check_root(settings)


def check_root(settings: KubeflowSettings) -> None:
    """Refuses a root that nodes could not share.

    Raises:
      errors.UserError: With the reason and what to use in its place.
    """
    root = settings.root
    if root.startswith("gs://"):
        return
    if "://" in root:
        raise errors.UserError(
            f"kubeflow.root {root} cannot hold artifacts",
            evidence=["TensorFlow has no file system for it: it cannot write a model there"],
            hint="use a shared volume (root: /mnt/millrace and a claim in kubeflow.volumes) "
            "or a gs:// bucket",
            code="unsupported-root",
        )
    paths = [volume.path.rstrip("/") for volume in settings.volumes]
    if not any(root == path or root.startswith(f"{path}/") for path in paths):
        raise errors.UserError(
            f"kubeflow.root {root} is on none of the mounted volumes",
            evidence=[f"volumes are mounted at: {', '.join(paths) or '(none)'}"],
            hint="every node has its own container: put the root under a volume's path",
            code="root-not-shared",
        )
