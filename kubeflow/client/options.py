"""Options that the commands which talk to a cluster share."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.durations import Duration

if TYPE_CHECKING:
    from kubeflow.client.api import KubeflowApi
    from kubeflow.client.connection import Connection
    from pipeline.configuration.cluster import KubeflowSettings

HOST_HELP = (
    "The address of Kubeflow Pipelines. Default: MILLRACE_KUBEFLOW_HOST, KF_PIPELINES_ENDPOINT, "
    "then kubeflow.host of the configuration. A token goes into MILLRACE_KUBEFLOW_TOKEN, cookies "
    "into MILLRACE_KUBEFLOW_COOKIES."
)
host_option = click.option("--host", metavar="URL", help=HOST_HELP)
namespace_option = click.option(
    "--namespace",
    metavar="NAME",
    help="The user's namespace, where Kubeflow has several users. "
    "Default: MILLRACE_KUBEFLOW_NAMESPACE, then kubeflow.namespace.",
)
certificate_option = click.option(
    "--ca-certificate",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The authority that signed the server's certificate (PEM), if it is your own.",
)
experiment_option = click.option(
    "--experiment",
    metavar="NAME",
    help="The experiment of new runs; made if there is none. Default: "
    "MILLRACE_KUBEFLOW_EXPERIMENT, kubeflow.experiment, then the pipeline's name.",
)
values_option = click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="NAME=VALUE",
    help="A run parameter's value, such as trainer.train_steps=2000. May be repeated.",
)
service_account_option = click.option(
    "--service-account",
    metavar="NAME",
    help="The pods' service account. Default: kubeflow.service_account.",
)
poll_option = click.option(
    "--poll",
    "poll_seconds",
    type=click.FloatRange(min=0.01),
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help="The pause between two looks at the run.",
)
timeout_option = click.option(
    "--timeout",
    "timeout_seconds",
    type=Duration(),
    metavar="TIME",
    help="Wait no longer than this (90s, 15m, 2h); the run goes on. Default: for ever.",
)


@dataclasses.dataclass(frozen=True)
class Server:
    """What the command line says of the server.

    Attributes:
      host: ``--host``.
      namespace: ``--namespace``.
      ca_certificate: ``--ca-certificate``.
    """

    host: str | None = None
    namespace: str | None = None
    ca_certificate: Path | None = None

    def connection(
        self, settings: KubeflowSettings | None = None, experiment: str | None = None
    ) -> Connection:
        """Where it is; see `connect_to`."""
        from kubeflow.client.connection import connect_to

        return connect_to(
            host=self.host,
            namespace=self.namespace,
            experiment=experiment,
            ca_certificate=self.ca_certificate,
            settings=settings,
        )

    def open(self) -> KubeflowApi:
        """Connects, with no configuration; see `open_api`."""
        connection = self.connection()
        from kubeflow.client.api import open_api

        return open_api(connection)


@dataclasses.dataclass(frozen=True)
class Compile:
    """What the command line says of compiling a configuration.

    Attributes:
      root: Where compiled pipelines are kept.
      data: ``--data``.
      profile: ``--profile``.
      image: ``--image``.
    """

    root: Path
    data: str | None = None
    profile: str | None = None
    image: str | None = None


@dataclasses.dataclass(frozen=True)
class Asked:
    """What is to be run, as the command line says it.

    Attributes:
      server: The server.
      compile_with: How to compile a configuration.
      package: A package or a configuration.
      pipeline: A pipeline on the server, in its place.
      version: That pipeline's version.
      assignments: ``--set`` texts.
      experiment: ``--experiment``.
      service_account: ``--service-account``.
    """

    server: Server
    compile_with: Compile
    package: Path | None = None
    pipeline: str | None = None
    version: str | None = None
    assignments: tuple[str, ...] = ()
    experiment: str | None = None
    service_account: str | None = None


def server_options(command: Any) -> Any:
    """--host, --namespace and --ca-certificate; the command gets them as `server`."""
    decorates = (host_option, namespace_option, certificate_option)
    return _gathered(command, decorates, "server", Server)


def compile_options(command: Any) -> Any:
    """How to compile a CONFIG; the command gets it as `compile_with`."""
    decorates = (
        click.option("--data", metavar="PATH", help="For CONFIG: data that the cluster sees."),
        click.option("--profile", metavar="NAME", help="For CONFIG: profiles/NAME.yaml."),
        click.option("--image", metavar="NAME", help="For CONFIG: the container image."),
        click.option(
            "--root",
            type=click.Path(path_type=Path, file_okay=False),
            default=".millrace",
            show_default=True,
            envvar="MILLRACE_ROOT",
            help="For CONFIG: where compiled pipelines are kept.",
        ),
    )
    return _gathered(command, decorates, "compile_with", Compile)


def target_options(command: Any) -> Any:
    """What is to be run, with which values, where; the command gets it as `asked`."""
    decorates = (
        click.argument(
            "package", type=click.Path(path_type=Path), required=False, metavar="[PACKAGE|CONFIG]"
        ),
        click.option("--pipeline", metavar="NAME", help="A pipeline that is on the cluster."),
        click.option("--version", metavar="NAME", help="Its version. Default: the newest now."),
        values_option,
        experiment_option,
        service_account_option,
    )
    gathered = _gathered(command, (), "asked", Asked)
    return _decorated(server_options(compile_options(gathered)), decorates)


def _gathered(command: Any, decorates: Iterable[Any], name: str, kind: Any) -> Any:
    """Gives a command one record in the place of several options."""
    names = [field.name for field in dataclasses.fields(kind)]

    @functools.wraps(command)
    def gathered(**options: Any) -> Any:
        record = kind(**{option: options.pop(option) for option in names})
        return command(**{name: record}, **options)

    return _decorated(gathered, decorates)


def _decorated(command: Any, decorates: Iterable[Any]) -> Any:
    for decorate in reversed(tuple(decorates)):
        command = decorate(command)
    return command
