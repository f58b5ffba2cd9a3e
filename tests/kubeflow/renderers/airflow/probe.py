"""Runs in an environment with Airflow: imports a DAG file and says what Airflow makes of it.

    python probe.py DAG_FOLDER '{"run_id": "...", "conf": {...}, "bad": [{...}, ...]}'

Prints JSON: import errors, warnings, the DAG, and per task the pod that would be started
for a run with that configuration, and how it refuses the bad configurations.
"""

import json
import sys
import warnings
from unittest import mock


def main(folder: str, request: str) -> None:
    from airflow.models.dagbag import DagBag

    asked = json.loads(request)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        bag = DagBag(folder, include_examples=False, read_dags_from_db=False)
        found = {
            "import_errors": dict(bag.import_errors),
            "dags": {name: dag_facts(dag, asked) for name, dag in bag.dags.items()},
        }
    found["warnings"] = [str(item.message) for item in caught if folder in item.filename]
    print("RESULT " + json.dumps(found, default=str))  # noqa: T201


def dag_facts(dag, asked: dict) -> dict:
    from airflow.exceptions import ParamValidationError
    from airflow.models.dagrun import DagRun
    from airflow.models.param import process_params
    from kubernetes.client import ApiClient

    facts = {
        "schedule": dag.schedule_interval,
        "params": {name: dag.params.get_param(name).serialize() for name in dag.params},
        "tasks": {},
    }

    def values(task, conf: dict) -> tuple:
        run = DagRun(dag_id=dag.dag_id, run_id=asked["run_id"], conf=conf, run_type="manual")
        return run, process_params(dag, task, run, suppress_exception=False)

    facts["refusals"] = []
    for conf in asked["bad"]:
        try:
            values(dag.tasks[0], conf)
        except ParamValidationError as error:
            facts["refusals"].append(str(error).splitlines()[0])
    for task in dag.topological_sort():
        run, params = values(task, asked["conf"])
        task.render_template_fields(
            {"dag": dag, "run_id": run.run_id, "params": params, "task": task, "dag_run": run}
        )
        with mock.patch.object(task, "_get_ti_pod_labels", return_value={}):
            pod = task.build_pod_request_obj({}, dry_run=True)
        facts["tasks"][task.task_id] = {
            "upstream": sorted(task.upstream_task_ids),
            "retries": task.retries,
            "timeout": task.execution_timeout.total_seconds() if task.execution_timeout else None,
            "pod": ApiClient().sanitize_for_serialization(pod),
        }
    return facts


if __name__ == "__main__":
    main(*sys.argv[1:])
