"""Runs made by hand that push real folders: a store and a serving folder, no TensorFlow."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
from pathlib import Path
from typing import Any

from ml_metadata.proto import metadata_store_pb2 as mlmd

from components.pusher import layout, pushing, refusal
from metadata.records import FOUND_EVENTS
from metadata.run_folder import RunFolder
from metadata.store import open_store, sqlite_config
from pipeline.definition import BASELINE_RESOLVER
from registry.models import Models
from registry.pushing_turn import push_in_turn
from registry.registration import read_models
from tests.components.pusher.conftest import make_model
from tests.made_run import Recorder, write_evaluation

SCHEMA = 'feature {{ name: "fare" type: {fare} }} feature {{ name: "unread" type: BYTES }}'


def _kill(now: bool) -> None:
    if now:
        os.kill(os.getpid(), signal.SIGKILL)


@dataclasses.dataclass
class Place:
    """Where made runs lie.

    Attributes:
      root: The folder of the store and of all runs.
    """

    root: Path
    count: int = 0

    @property
    def serving(self) -> Path:
        """The serving folder."""
        return self.root / "serving" / "taxi"

    def open(self) -> Any:
        """A connection of its own."""
        self.root.mkdir(parents=True, exist_ok=True)
        return open_store(sqlite_config(RunFolder(self.root).store))

    def models(self) -> Models:
        """The models as the store has them now."""
        return read_models(self.open()).get("taxi", Models("taxi"))

    def run(
        self,
        run_id: str = "",
        *,
        auc: float = 0.9,
        baseline: float | None = None,
        span: int = 3,
        label: str = "tips",
        fare: str = "FLOAT",
        code: str = "code-1",
        configuration: str = "configuration-1",
        blessed: bool = True,
        keep: int | None = None,
        change: str | None = None,
        push: bool = True,
    ) -> str:
        """Records a run that trained a model, and pushed it where it is blessed.

        Without `push` it ends before its Pusher, evaluated against the champion of now.
        """
        self.count += 1
        run_id = run_id or f"run-{self.count}"
        files = self.root / "artifacts" / run_id
        recorder = Recorder(RunFolder(self.root).store, run_id, opened=self.open())
        self._note(recorder, code, configuration, keep, change)
        new, run = recorder.artifact, recorder.execute
        make_model(files / "model" / "Format-Serving", f"weights of {run_id}")
        write_evaluation(files / "evaluation", auc=auc, baseline=baseline, bound=0.5)
        (files / "schema").mkdir()
        (files / "schema" / "schema.pbtxt").write_text(SCHEMA.format(fare=fare))

        examples = new(
            "Examples",
            files / "examples",
            span=span,
            version=1,
            input_fingerprint=f"files:{span}",
            rows_train=600,
            rows_eval=300,
        )
        schema, graph = new("Schema", files / "schema"), new("TransformGraph", files / "graph")
        model = new("Model", files / "model", tfx_version="1.16.0")
        evaluation = new("ModelEvaluation", files / "evaluation")
        champion = self.models().champion if baseline is not None or not push else None
        rows = recorder.store.get_artifacts_by_id([champion.model]) if champion else []
        run(
            BASELINE_RESOLVER,
            outputs={row.type.lower(): row for row in rows},
            event=FOUND_EVENTS[0],
        )
        told = {"label": label, "task": "binary", "features": {"fare": {"role": "numeric"}}}
        told["hyperparameters"] = {"learning_rate": 0.01}  # type: ignore[assignment]
        run(
            "ExampleGen",
            outputs={"examples": examples},
            input_base="/data/taxi",
            input_config=json.dumps(
                {"splits": [{"name": "single_split", "pattern": f"span-{span}/*.csv"}]}
            ),
        )
        run("SchemaGen", outputs={"schema": schema})
        run(
            "Transform",
            inputs={"examples": examples, "schema": schema},
            outputs={"transform_graph": graph},
        )
        run(
            "Trainer",
            inputs={"transform_graph": graph},
            outputs={"model": model},
            custom_config=json.dumps(told),
        )
        inputs = {"examples": examples, "model": model}
        if baseline is not None:
            [inputs["baseline_model"]] = rows
        blessing = new(
            "ModelBlessing",
            files / "blessing",
            blessed=int(blessed),
            current_model_id=model.id,
        )
        run("Evaluator", inputs=inputs, outputs={"evaluation": evaluation, "blessing": blessing})
        if push:
            self._end(recorder, model, blessing, run_id)
        return run_id

    def push(self, run_id: str, until: str = "") -> None:
        """Pushes the model of a run that was recorded without, as the node does it.

        Args:
          run_id: The run.
          until: Where this process kills itself: ``turn``, ``pushed`` or ``recorded``.
        """
        recorder = Recorder(RunFolder(self.root).store, run_id, opened=self.open())
        made = {
            row.type: row
            for row in recorder.store.get_artifacts_by_context(recorder.run)
            if run_id in row.uri
        }

        def launch() -> None:
            _kill(until == "turn")
            try:
                refusal.raise_if_refused()
            except refusal.RefusedError:
                inputs = {"model": made["Model"], "model_blessing": made["ModelBlessing"]}
                recorder.execute("Pusher", inputs=inputs, state=mlmd.Execution.FAILED)
                raise
            self._end(recorder, made["Model"], made["ModelBlessing"], run_id, until)
            _kill(until == "recorded")

        push_in_turn(recorder.store, "taxi", run_id, launch)

    def _end(
        self,
        recorder: Recorder,
        model: mlmd.Artifact,
        blessing: mlmd.Artifact,
        run_id: str,
        until: str = "",
    ) -> None:
        files = self.root / "artifacts" / run_id
        blessed = blessing.custom_properties["blessed"].int_value
        pushed = recorder.artifact("PushedModel", files / "pushed", pushed=blessed)
        if blessed:
            self._push(pushed, files / "model" / "Format-Serving", files / "pushed", run_id)
            _kill(until == "pushed")
        else:
            pushed.custom_properties["refused_by"].string_value = "ModelBlessing"
        recorder.execute(
            "Pusher",
            inputs={"model": model, "model_blessing": blessing},
            outputs={"pushed_model": pushed},
        )

    def _push(self, pushed: mlmd.Artifact, model: Path, archive: Path, run_id: str) -> None:
        shutil.rmtree(archive, ignore_errors=True)  # of an earlier try
        make_model(archive, (model / "saved_model.pb").read_text())
        done = pushing.push(str(model), str(self.serving), layout.push_token(run_id))
        for name, text in (
            ("pushed_destination", done.destination),
            ("pushed_version", str(done.number)),
            ("pushed_by", "pusher"),
            ("model_digest", layout.model_digest(model)),
        ):
            pushed.custom_properties[name].string_value = text

    def _note(
        self,
        recorder: Recorder,
        code: str,
        configuration: str,
        keep: int | None,
        change: str | None,
    ) -> None:
        [context] = recorder.store.get_contexts_by_id([recorder.run])
        for name, text in (
            ("code", code),
            ("configuration", configuration),
            ("commit", "0123abc"),
            ("libraries", json.dumps({"tensorflow": "2.16.2", "tfx": "1.16.0"})),
            ("started_by", "ada"),
            ("pushing", json.dumps({"keep": keep, "change": change})),
        ):
            context.custom_properties[name].string_value = text
        recorder.store.put_contexts([context])
