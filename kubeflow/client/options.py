"""Options that the commands which talk to a cluster share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kubeflow.client.durations import Duration

HOST_HELP = (
    "The address of Kubeflow Pipelines. Default: MILLRACE_KUBEFLOW_HOST, KF_PIPELINES_ENDPOINT, "
    "then kubeflow.host of the configuration."
)
CREDENTIALS_HELP = """A token is read from MILLRACE_KUBEFLOW_TOKEN, cookies from
    MILLRACE_KUBEFLOW_COOKIES; neither is ever an argument."""

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


def connection_options(command: Any) -> Any:
    """--host, --namespace and --ca-certificate."""
    for decorate in (certificate_option, namespace_option, host_option):
        command = decorate(command)
    return command


def compile_options(command: Any) -> Any:
    """--data, --profile, --image and --root, for a CONFIG that is compiled first."""
    options = (
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
    for decorate in reversed(options):
        command = decorate(command)
    return command
