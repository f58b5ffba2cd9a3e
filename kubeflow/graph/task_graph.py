"""A pipeline between TFX and the orchestrators: tasks in containers and typed parameters.

The renderers (Kubeflow, Argo, Airflow) know this file and nothing of TFX.
"""

from __future__ import annotations

import dataclasses
from typing import Literal, TypeAlias

from pipeline.configuration.parameters import RunParameter

OutputType = Literal["system.HTML", "system.Metrics", "system.ClassificationMetrics"]


@dataclasses.dataclass(frozen=True)
class RunId:
    """An argument: the orchestrator's unique id of the run."""


@dataclasses.dataclass(frozen=True)
class ParameterValue:
    """An argument: the value that a run parameter has in this run.

    Attributes:
      name: The parameter's name, such as ``trainer.train_steps``.
    """

    name: str


@dataclasses.dataclass(frozen=True)
class OutputPath:
    """An argument: the local path where one of the task's outputs is to be written.

    Attributes:
      name: The output's name.
    """

    name: str


@dataclasses.dataclass(frozen=True)
class ExecutorOutput:
    """An argument: the file that takes the metadata of the task's outputs."""


Argument: TypeAlias = str | RunId | ParameterValue | OutputPath | ExecutorOutput


@dataclasses.dataclass(frozen=True)
class TaskOutput:
    """Something that the orchestrator's interface draws.

    An orchestrator that draws nothing leaves out the outputs and the arguments
    that name them (`Task.output_arguments`).

    Attributes:
      name: Its name, such as ``report``.
      type: What it is.
    """

    name: str
    type: OutputType


@dataclasses.dataclass(frozen=True)
class Resources:
    """What a task asks the cluster for.

    Attributes:
      cpu: A Kubernetes quantity such as ``500m`` or ``2``; None to ask for nothing.
      memory: A Kubernetes quantity such as ``4Gi``; None to ask for nothing.
      accelerator: The resource's name, such as ``nvidia.com/gpu``.
      accelerator_count: How many of them; 0 for none.
    """

    cpu: str | None = None
    memory: str | None = None
    accelerator: str | None = None
    accelerator_count: int = 0


@dataclasses.dataclass(frozen=True)
class Toleration:
    """A taint that the task's pod may ignore; the fields are Kubernetes' own."""

    key: str | None = None
    operator: str = "Equal"
    value: str | None = None
    effect: str | None = None


@dataclasses.dataclass(frozen=True)
class SecretVariable:
    """An environment variable whose value a Kubernetes secret holds.

    Attributes:
      variable: The variable's name in the container.
      secret: The secret's name.
      key: The key in the secret.
    """

    variable: str
    secret: str
    key: str


@dataclasses.dataclass(frozen=True)
class Volume:
    """A persistent volume claim and where it is mounted.

    Attributes:
      claim: The claim's name.
      path: The absolute path in the container.
    """

    claim: str
    path: str


@dataclasses.dataclass(frozen=True)
class Task:
    """One node of the pipeline as a container.

    Attributes:
      node_id: The TFX node, such as ``StatisticsGen``.
      name: The same in lower case letters, digits and dashes, such as
        ``statistics-gen``, unique in the graph.
      upstream: Node ids that must have ended well before.
      image: The container image.
      command: The program; no placeholders.
      arguments: What follows it.
      output_arguments: Further arguments, only where the orchestrator draws outputs.
      outputs: What the task leaves for the orchestrator to draw.
      resources: What it asks for.
      retries: How often it is tried again after a failure.
      timeout_seconds: After how long it is stopped; None for never.
      node_selector: Labels that the machine must have, by key.
      tolerations: Taints that it may ignore.
      environment: Plain environment variables.
      secrets: Environment variables out of secrets.
      volumes: What is mounted.
    """

    node_id: str
    name: str
    upstream: tuple[str, ...]
    image: str
    command: tuple[str, ...]
    arguments: tuple[Argument, ...]
    output_arguments: tuple[Argument, ...] = ()
    outputs: tuple[TaskOutput, ...] = ()
    resources: Resources = Resources()
    retries: int = 0
    timeout_seconds: int | None = None
    node_selector: tuple[tuple[str, str], ...] = ()
    tolerations: tuple[Toleration, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    secrets: tuple[SecretVariable, ...] = ()
    volumes: tuple[Volume, ...] = ()


@dataclasses.dataclass(frozen=True)
class TaskGraph:
    """A pipeline that an orchestrator can run.

    Attributes:
      name: The pipeline's name.
      description: A sentence for people.
      tasks: In an order in which they could run.
      parameters: The run parameters with types, defaults, bounds and descriptions.
      service_account: The Kubernetes service account of the pods; None for the default.
      version: The version of Millrace that made the graph.
    """

    name: str
    description: str
    tasks: tuple[Task, ...]
    parameters: tuple[RunParameter, ...]
    service_account: str | None = None
    version: str = ""
