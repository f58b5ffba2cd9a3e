"""A root of made runs, laid out as TFX does: real store, real folders, no TensorFlow."""

from __future__ import annotations

import dataclasses
import datetime
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ml_metadata
from ml_metadata.proto import metadata_store_pb2 as mlmd

from components.pusher import layout, pushing
from metadata import run_file
from metadata.run_folder import RunFolder
from metadata.store import open_store, sqlite_config
from pipeline.cleaning.carry_out import clean
from pipeline.cleaning.plan import Plan, Rule
from registry.models import Models
from registry.registration import read_models
from tests.components.pusher.conftest import make_model
from tests.made_run import Recorder

NOW = datetime.datetime.now(datetime.timezone.utc)


@dataclasses.dataclass
class MadeRoot:
    """A root; every run made here is a minute younger than the one before.

    Attributes:
      root: The folder.
      in_memory: Whether the store is nowhere else, which is faster.
    """

    root: Path
    in_memory: bool = True
    made: int = 0
    known: dict[str, dict[str, int]] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        config = mlmd.ConnectionConfig()
        config.fake_database.SetInParent()
        self.store: Any = (
            ml_metadata.MetadataStore(config)
            if self.in_memory
            else open_store(sqlite_config(RunFolder(self.root).store))
        )

    @property
    def folder(self) -> RunFolder:
        return RunFolder(self.root)

    def run(
        self,
        run_id: str = "",
        *,
        pipeline: str = "taxi",
        data: str = "",
        blessed: bool = True,
        until: str = "",
        days: float = 0,
    ) -> str:
        """Makes a run. What runs of the same data made is taken from the cache.

        Args:
          run_id: Its id; a number where it is left out.
          pipeline: Its pipeline.
          data: Names the data; new ones where it is left out.
          blessed: Whether its model was pushed.
          until: The node that failed; every node succeeds where it is empty.
          days: How many days ago it started.
        """
        self.made += 1
        run_id = run_id or f"run-{self.made:02d}"
        data = data or f"data of {run_id}"
        steps = _Steps(self, Recorder(self.folder.store, run_id, pipeline, self.store), until)
        examples = steps.take("ExampleGen", {"examples": "Examples"}, {}, f"{pipeline} {data}")
        statistics = steps.take(
            "StatisticsGen", {"statistics": "ExampleStatistics"}, examples, f"{pipeline} {data}"
        )
        judged = {f"{key}_id": row.id for key, row in (examples | statistics).items()}
        steps.take(
            "DataGate", {"blessing": "DataBlessing"}, examples | statistics,
            f"{pipeline} {data}", blessed=1, span=0, **judged,
        )  # fmt: skip
        model = steps.take("Trainer", {"model": "Model", "model_run": "ModelRun"}, examples)
        trained = {"model": model["model"]} if model else {}
        verdict = steps.take(
            "Evaluator",
            {"evaluation": "ModelEvaluation", "blessing": "ModelBlessing"},
            examples | trained,
        )
        steps.push(trained | {k: v for k, v in verdict.items() if k == "blessing"}, blessed)
        started = NOW - datetime.timedelta(days=days, minutes=1000 - self.made)
        status: Any = "failed" if until else "succeeded" if blessed else "not_blessed"
        record = run_file.RunRecord(
            run_id, pipeline, status, started.isoformat(), started.isoformat()
        )
        run_file.write(self.folder.run(run_id).folder, record)
        (self.folder.run(run_id).folder / "report.html").write_text("report " * 100)
        return run_id

    def clean(self, keep: int | None = 1, **asked: Any) -> Plan:
        """Cleans and checks what must hold after every cleaning."""
        dry_run = asked.pop("dry_run", False)
        plan = clean(self.folder, self.store, Rule(keep, **asked), dry_run=dry_run)
        self.check()
        return plan

    def check(self) -> None:
        """No artifact that is said to be live lacks its files."""
        live = [row for row in self.store.get_artifacts() if row.state == mlmd.Artifact.LIVE]
        # A version is a record: `millrace models show` says where its model was.
        live = [row for row in live if row.type != "ModelVersion"]
        assert not [row.uri for row in live if row.uri and not os.path.exists(row.uri)]

    def outputs(self, run_id: str) -> set[str]:
        """The output folders that are there of a run's executions."""
        return {row.uri for row in self.artifacts(run_id) if os.path.isdir(row.uri)}

    def artifacts(self, run_id: str) -> list[mlmd.Artifact]:
        """The artifacts that a run made or took from the cache."""
        context = self.store.get_context_by_type_and_name("pipeline_run", run_id)
        rows = self.store.get_executions_by_context(context.id)
        events = self.store.get_events_by_execution_ids([row.id for row in rows])
        ids = {event.artifact_id for event in events if event.type == mlmd.Event.OUTPUT}
        return list(self.store.get_artifacts_by_id(sorted(ids)))

    def kinds(self, run_id: str) -> set[str]:
        """The types of a run's artifacts whose files are there."""
        return {row.type for row in self.artifacts(run_id) if os.path.isdir(row.uri)}

    def models(self, pipeline: str = "taxi") -> Models:
        """The registry's models."""
        return read_models(self.store).get(pipeline, Models(pipeline))

    def bytes(self) -> int:
        """The bytes of all files below runs and artifacts."""
        found = [*self.root.glob("runs/**/*"), *self.root.glob("artifacts/**/*")]
        return sum(path.stat().st_size for path in found if path.is_file())


@dataclasses.dataclass
class _Steps:
    """The executions of one run, up to the node that fails."""

    root: MadeRoot
    recorder: Recorder
    until: str
    failed: bool = False

    def take(
        self,
        node: str,
        kinds: Mapping[str, str],
        inputs: Mapping[str, Any],
        cached_as: str = "",
        **properties: Any,
    ) -> dict[str, Any]:
        """Runs a node, or takes its outputs from the cache."""
        if self.failed:
            return {}
        store = self.root.store
        known = self.root.known.get(f"{node} {cached_as}") if cached_as else None
        if known is not None:
            rows = {key: store.get_artifacts_by_id([i])[0] for key, i in known.items()}
            if all(row.state == mlmd.Artifact.LIVE for row in rows.values()):
                self.recorder.execute(
                    node, inputs=inputs, outputs=rows, state=mlmd.Execution.CACHED
                )
                return rows
        number = max((row.id for row in store.get_executions()), default=0) + 1
        place = self.root.root.absolute() / "artifacts" / node
        outputs = {}
        for key, kind in kinds.items():
            make_folder(place / key / str(number))
            outputs[key] = self.recorder.artifact(kind, place / key / str(number), **properties)
        make_folder(place / ".system" / "executor_execution" / str(number))
        if node == self.until:
            self.failed = True
            self.recorder.execute(node, inputs=inputs, state=mlmd.Execution.FAILED)
            return {}
        self.recorder.execute(node, inputs=inputs, outputs=outputs)
        if cached_as:
            self.root.known[f"{node} {cached_as}"] = {k: row.id for k, row in outputs.items()}
        return outputs

    def push(self, inputs: Mapping[str, Any], blessed: bool) -> None:
        """Runs the Pusher."""
        if self.failed:
            return
        number = max(row.id for row in self.root.store.get_executions()) + 1
        run_id = self.recorder.store.get_contexts_by_id([self.recorder.run])[0].name
        place = self.root.root.absolute() / "artifacts/Pusher/pushed_model" / str(number)
        properties: dict[str, Any] = {"pushed": int(blessed)}
        make_model(place, run_id) if blessed else make_folder(place)
        if blessed:
            serving = self.root.root / "serving" / self.recorder.pipeline
            done = pushing.push(str(place), str(serving), layout.push_token(run_id))
            properties |= {
                "pushed_destination": done.destination,
                "pushed_version": str(done.number),
                "model_digest": layout.model_digest(place),
            }
        pushed = self.recorder.artifact("PushedModel", place, **properties)
        self.recorder.execute("Pusher", inputs=inputs, outputs={"pushed_model": pushed})


def make_folder(path: Path) -> Path:
    """A folder with a file of a thousand bytes."""
    path.mkdir(parents=True)
    (path / "content").write_bytes(b"x" * 1000)
    return path
