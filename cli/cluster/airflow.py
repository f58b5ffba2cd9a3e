"""``millrace airflow``: the pipeline for Airflow and Cloud Composer."""

from __future__ import annotations

import re
from pathlib import Path

import click

from cli.cluster.compile_options import CompileRequest, compile_options, write_and_tell
from core import errors

_PRESETS = ("@once", "@continuous", "@hourly", "@daily", "@weekly", "@monthly", "@yearly")
_CRON_FIELD = re.compile(r"[0-9A-Za-z*/,#?LW-]+")


@click.group(epilog="Start with: millrace airflow compile configs/taxi.yaml --image NAME")
def airflow() -> None:
    """The same pipeline on Airflow 2 and Cloud Composer."""


@airflow.command()
@compile_options("_dag.py")
@click.option("--namespace", metavar="NAME", help="Where the pods run; default: Airflow's own.")
@click.option(
    "--config-file", metavar="PATH", help="The kubeconfig on Airflow's workers, if they need one."
)
@click.option("--schedule", metavar="CRON", help="When it runs, such as '0 3 * * *' or @daily.")
def compile(
    request: CompileRequest,
    namespace: str | None,
    config_file: str | None,
    schedule: str | None,
) -> None:
    """Write the pipeline of CONFIG as a DAG file for Airflow 2.

    The same containers as `millrace kubeflow compile`, a KubernetesPodOperator per node. The
    file needs Airflow and its cncf.kubernetes provider, not Millrace. Run parameters are
    typed Params with bounds in Airflow's trigger form. The run id in ML Metadata is the DAG's
    id and Airflow's run id. Airflow draws no reports: look at a run with `millrace show`.

    \b
    Examples:
      millrace airflow compile configs/taxi.yaml --image millrace:dev -o dags/taxi.py
      airflow dags trigger taxi --conf '{"trainer.train_steps": 2000}'
      Cloud Composer: --namespace composer-user-workloads \\
          --config-file /home/airflow/composer_kube_config
    """
    from kubeflow.renderers.airflow.dag_file import dag_file
    from kubeflow.renderers.airflow.options import DagOptions

    if schedule is not None:
        _check_schedule(schedule)
    compilation = request.compile()
    options = DagOptions(namespace=namespace, config_file=config_file, schedule=schedule)
    name = compilation.graph.name
    path = request.output or Path(f"{name.replace('-', '_')}_dag.py")
    write_and_tell(
        request,
        compilation,
        path,
        dag_file(compilation.graph, options),
        next_steps=(f"put {path} in Airflow's dags folder, then: airflow dags trigger {name}",),
        more={"schedule": schedule},
    )


def _check_schedule(schedule: str) -> None:
    fields = schedule.split()
    if schedule in _PRESETS or (
        len(fields) == 5 and all(_CRON_FIELD.fullmatch(field) for field in fields)
    ):
        return
    near = errors.nearest(schedule, _PRESETS)
    raise errors.UserError(
        f"--schedule {schedule!r} is neither a cron expression nor a preset of Airflow",
        evidence=[f"presets: {', '.join(_PRESETS)}"],
        hint=f"did you mean {near}?" if near else "five fields, such as '0 3 * * *'",
        code="bad-schedule",
    )
