"""What a Kubeflow Pipelines server remembers, and how its runs go on."""

from __future__ import annotations

import dataclasses
import datetime
import itertools
import json
import uuid
from typing import Any

from google.protobuf import json_format

from core import errors
from kubeflow.package.checker import check_package
from kubeflow.package.package import parse_package

START = datetime.datetime(2026, 11, 21, 6, 0, 0, tzinfo=datetime.timezone.utc)
# What the server sends where it has no time: Go's zero time, and Unix's.
NO_TASK_TIME = "0001-01-01T00:00:00Z"
NO_TIME = "1970-01-01T00:00:00Z"


class Refusal(Exception):
    """A request that is well formed and yet refused."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclasses.dataclass
class Progress:
    """How far one task is: 0 waiting, 1 its driver runs, 2 it runs, 3 it has ended."""

    step: int = 0
    changed: dict[int, str] = dataclasses.field(default_factory=dict)


class ApiState:
    """The server's memory, without HTTP.

    Attributes:
      multi_user: Whether every request must name a namespace.
      failing: The name of a task that fails, in all runs.
      cancel_at: The look at which a run turns out to be cancelled.
      refuse_runs: The message with which run creation is refused.
    """

    def __init__(self) -> None:
        self.pipelines: dict[str, dict[str, Any]] = {}
        self.versions: dict[str, dict[str, Any]] = {}
        self.experiments: dict[str, dict[str, Any]] = {}
        self.runs: dict[str, dict[str, Any]] = {}
        self.recurring: dict[str, dict[str, Any]] = {}
        self.progress: dict[str, dict[str, Progress]] = {}
        self.multi_user = False
        self.failing = ""
        self.cancel_at = 0
        self._looks: dict[str, int] = {}
        self._seconds = itertools.count()

    def now(self) -> str:
        """A time a second later than the last."""
        return _text(START + datetime.timedelta(seconds=next(self._seconds)))

    # Pipelines.

    def create_pipeline(self, body: dict[str, Any]) -> dict[str, Any]:
        name = body.get("name") or body.get("display_name")
        if not name:
            raise Refusal(400, "pipeline's name cannot be empty")
        if any(item["display_name"] == name for item in self.pipelines.values()):
            raise Refusal(409, f"Failed to create a new pipeline. The name {name} already exists.")
        made = {
            "pipeline_id": str(uuid.uuid4()),
            "display_name": name,
            "name": name,
            "created_at": self.now(),
            **({"description": body["description"]} if body.get("description") else {}),
            **({"namespace": body["namespace"]} if body.get("namespace") else {}),
        }
        self.pipelines[made["pipeline_id"]] = made
        return made

    def upload_version(self, pipeline_id: str, name: str, content: bytes) -> dict[str, Any]:
        if pipeline_id not in self.pipelines:
            raise Refusal(400, "Failed to create a pipeline version")
        try:
            package = parse_package(content.decode())
            check_package(package)
        except errors.MillraceError as error:
            raise Refusal(400, f"Failed to create a pipeline version: {error}") from None
        same = (v["display_name"] for v in self.versions_of(pipeline_id))
        if name in same:
            raise Refusal(409, "Failed to create a pipeline version")
        spec = json_format.MessageToDict(package.spec)
        if package.platform is not None:
            spec = {"pipeline_spec": spec, "platform_spec": package.platform}
        made = {
            "pipeline_id": pipeline_id,
            "pipeline_version_id": str(uuid.uuid4()),
            "display_name": name,
            "name": name,
            "created_at": self.now(),
            "pipeline_spec": spec,
        }
        self.versions[made["pipeline_version_id"]] = made
        return made

    def versions_of(self, pipeline_id: str) -> list[dict[str, Any]]:
        """The versions of one pipeline."""
        return [v for v in self.versions.values() if v["pipeline_id"] == pipeline_id]

    # Experiments and runs.

    def create_experiment(self, body: dict[str, Any]) -> dict[str, Any]:
        if any(e["display_name"] == body["display_name"] for e in self.experiments.values()):
            raise Refusal(409, f"The name {body['display_name']} already exists.")
        made = {**body, "experiment_id": str(uuid.uuid4()), "created_at": self.now()}
        self.experiments[made["experiment_id"]] = made
        return made

    def create_run(self, body: dict[str, Any]) -> dict[str, Any]:
        self._check_job(body)
        made = {
            **body,
            "run_id": str(uuid.uuid4()),
            "created_at": self.now(),
            "scheduled_at": NO_TIME,
            "finished_at": NO_TIME,
            "state": "PENDING",
            "storage_state": "AVAILABLE",
        }
        tasks = self._spec(body)["root"]["dag"]["tasks"]
        self.progress[made["run_id"]] = {name: Progress() for name in tasks}
        self.runs[made["run_id"]] = made
        return made

    def look_at_run(self, run_id: str) -> dict[str, Any]:
        """A run as it is, one step further than at the look before."""
        run = self.runs[run_id]
        look = self._looks[run_id] = self._looks.get(run_id, 0) + 1
        if run["state"] in ("PENDING", "RUNNING"):
            self._advance(run, look)
        return {**run, "run_details": {"task_details": self._details(run)}}

    def _advance(self, run: dict[str, Any], look: int) -> None:
        tasks = self._spec(run)["root"]["dag"]["tasks"]
        progress = self.progress[run["run_id"]]
        time = self.now()
        run["state"] = "RUNNING"
        if self.cancel_at and look >= self.cancel_at:
            self._end(run, "CANCELED")
            return
        done = {name for name, item in progress.items() if item.step == 3}
        for name, item in progress.items():
            needed = set(tasks[name].get("dependentTasks", []))
            if item.step < 3 and needed <= done and self.failing not in done:
                item.step += 1
                item.changed[item.step] = time
        if progress.get(self.failing, Progress()).step == 3:
            self._end(run, "FAILED")
        elif all(item.step == 3 for item in progress.values()):
            self._end(run, "SUCCEEDED")

    def _end(self, run: dict[str, Any], state: str) -> None:
        run["state"], run["finished_at"] = state, self.now()
        if state == "FAILED":
            run["error"] = {"code": 13, "message": "child of the workflow failed"}

    def _details(self, run: dict[str, Any]) -> list[dict[str, Any]]:
        over = run["state"] not in ("PENDING", "RUNNING")
        rows = [("taxi-x7k2p", run["state"], run["created_at"], NO_TASK_TIME)]
        for name in ("root", "root-driver"):
            rows.append((name, "SUCCEEDED", run["created_at"], run["created_at"]))
        for name, item in self.progress[run["run_id"]].items():
            if item.step >= 1:
                state = "SUCCEEDED" if item.step > 1 else "RUNNING"
                rows.append((f"{name}-driver", state, item.changed[1], _end_of(item, 2)))
            if item.step >= 2:
                state = "SUCCEEDED" if item.step == 3 else "RUNNING"
                if (over and item.step == 2) or (name == self.failing and item.step == 3):
                    state = "FAILED"
                for shown in (name, "executor"):
                    rows.append((shown, state, item.changed[2], _end_of(item, 3)))
        return [
            {
                "run_id": run["run_id"],
                "task_id": str(uuid.uuid4()),
                "display_name": name,
                "create_time": started,
                "start_time": started,
                "end_time": ended,
                "state": state,
                "execution_id": "0",
            }
            for name, state, started, ended in rows
        ]

    # Recurring runs.

    def create_recurring(self, body: dict[str, Any]) -> dict[str, Any]:
        self._check_job(body)
        if not 1 <= int(body.get("max_concurrency", 0)) <= 10:
            raise Refusal(
                400, "Max concurrency of a recurring run must be at least 1 and at most 10."
            )
        cron = body["trigger"].get("cron_schedule", {}).get("cron", "0 0 0 * * *")
        if len(cron.split()) != 6:
            raise Refusal(
                400, f"the test wants six fields in {cron!r}, not what the server guesses"
            )
        made = {
            **body,
            "recurring_run_id": str(uuid.uuid4()),
            "created_at": self.now(),
            "status": "ENABLED" if body.get("mode") == "ENABLE" else "DISABLED",
        }
        for schedule in made["trigger"].values():
            if "interval_second" in schedule:
                schedule["interval_second"] = str(schedule["interval_second"])
        made["max_concurrency"] = str(made["max_concurrency"])
        self.recurring[made["recurring_run_id"]] = made
        return made

    def _check_job(self, body: dict[str, Any]) -> None:
        if not body.get("display_name"):
            raise Refusal(400, "the name of a run cannot be empty")
        if body.get("experiment_id") not in self.experiments:
            raise Refusal(404, "Experiment not found")
        reference = body.get("pipeline_version_reference", {})
        version = self.versions.get(reference.get("pipeline_version_id", ""))
        if version is None or version["pipeline_id"] != reference.get("pipeline_id"):
            raise Refusal(404, "PipelineVersion not found")
        known = self._spec(body)["root"].get("inputDefinitions", {}).get("parameters", {})
        for name, value in body.get("runtime_config", {}).get("parameters", {}).items():
            if name not in known:
                raise Refusal(400, f"parameter {name} is not defined")
            if not isinstance(value, _WIRE[known[name]["parameterType"]]):
                raise Refusal(400, f"parameter {name} is {json.dumps(value)}")

    def _spec(self, body: dict[str, Any]) -> dict[str, Any]:
        reference = body["pipeline_version_reference"]
        spec = self.versions[reference["pipeline_version_id"]]["pipeline_spec"]
        return dict(spec.get("pipeline_spec", spec))


_WIRE: dict[str, Any] = {
    "NUMBER_INTEGER": int,
    "NUMBER_DOUBLE": (int, float),
    "STRING": str,
    "BOOLEAN": bool,
}


def _end_of(item: Progress, step: int) -> str:
    return item.changed.get(step, NO_TASK_TIME)


def _text(time: datetime.datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
