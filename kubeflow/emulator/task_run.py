"""One task of a run: its attempts, from its inputs to its outputs."""

from __future__ import annotations

import dataclasses
import functools
import json
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from core import errors, files
from kubeflow.emulator.cluster_settings import rewritten, secret_values
from kubeflow.emulator.container import Container, base_environment
from kubeflow.emulator.failures import failure, output_failure
from kubeflow.emulator.inputs import RunFacts, executor_input, with_defaults
from kubeflow.emulator.log_file import own_account
from kubeflow.emulator.outputs import OutputRefused, TaskOutputs, collect
from kubeflow.emulator.placeholders import expanded, filled_in, placeholders
from kubeflow.emulator.plan import PlannedTask
from kubeflow.emulator.retries import RetryPolicy
from kubeflow.emulator.task_folder import TaskFolder
from kubeflow.emulator.watchdog import Watchdog
from metadata.run_file import NodeState

TERMINATION_LOG = "MILLRACE_TERMINATION_LOG"


@dataclasses.dataclass(frozen=True)
class RunPlace:
    """Where a run works.

    Attributes:
      run: The run's folder.
      volumes: The folder that holds one folder per volume claim.
      project: The working folder of every task; stands for the image's.
    """

    run: Path
    volumes: Path
    project: Path


class TaskRun:
    """One task that has started.

    Args:
      task: What to run.
      facts: The run.
      place: Where.
      ended: What the tasks before it left.
      watchdog: Ends it should the emulator be killed.
      ids: Gives artifacts their numbers.

    Raises:
      errors.MillraceError: If its inputs cannot be made; nothing was started then.
    """

    def __init__(
        self,
        task: PlannedTask,
        facts: RunFacts,
        place: RunPlace,
        ended: Mapping[str, TaskOutputs],
        watchdog: Watchdog,
        ids: Iterator[int],
    ) -> None:
        self.task = task
        self.outputs: TaskOutputs | None = None
        self.error: errors.MillraceError | None = None
        self.state: NodeState = "running"
        self.folder = TaskFolder(place.run / task.name)
        self._place = place
        self._watchdog = watchdog
        self._ids = ids
        self._policy = RetryPolicy.of(task.specification)
        self._attempt = 0
        self._waits_until = 0.0
        self._log_from = 0
        self._result = ""
        self._shortened = False
        self._container: Container | None = None
        self._input = executor_input(task, facts, ended, self.folder)
        self._secrets = secret_values(task.name, task.cluster.secrets)
        self._environment = self._make_environment()
        self._words = self._make_words()
        self._prepare()
        self._launch()

    @property
    def descriptor(self) -> int | None:
        """Becomes readable when its process ends; None while it waits for a retry."""
        return None if self._container is None else self._container.descriptor

    @property
    def story(self) -> str:
        """A few words: what it says of its results, and how many attempts it took."""
        words = [self._result] if self._result else []
        if self._attempt > 1:
            waits = ", waits between them shortened" if self._shortened else ""
            words.append(f"{self._attempt} attempts{waits}")
        return "; ".join(words)

    def advance(self, say: Callable[[str], None]) -> bool:
        """Goes on where something has happened.

        Args:
          say: Told what people may want to know.

        Returns:
          Whether the task is over; `state` says how it ended, and `outputs` or `error` is set.
        """
        if self._container is None:
            if time.monotonic() >= self._waits_until:
                self._launch()
                say(f"attempt {self._attempt} of {self._policy.limit + 1}")
            return False
        code = self._container.end()
        if code is None:
            return False
        error = self._take_end(code, late=self._container.late)
        self._container = None
        if error is None:
            return True
        if self._attempt > self._policy.limit:
            self.error, self.state = error, "failed"
            return True
        self._wait(error, say)
        return False

    def ask_to_stop(self) -> None:
        """Asks its process to end."""
        if self._container is not None:
            self._container.ask_to_stop()

    def stop(self) -> None:
        """Ends its process."""
        if self._container is not None:
            self._container.stop()

    def _make_environment(self) -> dict[str, str]:
        variables: dict[str, str] = {}
        for variable in self.task.container.env:
            # A variable may refer to those that stand before it.
            variables[variable.name] = self._mounted(expanded(variable.value, variables))
        return {**variables, **self._secrets}

    def _make_words(self) -> list[str]:
        # Kubernetes expands $(NAME) where the words and the values stand in the pod.
        def rewrite(text: str) -> str:
            return self._mounted(expanded(text, self._environment))

        complete = with_defaults(self._input, self.task.component)
        return filled_in(
            self.task.words,
            placeholders(complete, rewrite),
            lambda name: name in self._input.inputs.parameter_values,
            task=self.task.name,
            rewrite=rewrite,
        )

    @functools.cached_property
    def _mounted(self) -> Callable[[str], str]:
        mounts, volumes = self.task.cluster.mounts, self._place.volumes
        return lambda text: rewritten(text, mounts, volumes)

    def _prepare(self) -> None:
        from google.protobuf import json_format

        for mount in self.task.cluster.mounts:
            mount.folder(self._place.volumes).mkdir(parents=True, exist_ok=True)
        document = json_format.MessageToDict(self._input)
        files.write_text(
            self.folder.executor_input, json.dumps(document, indent=1, sort_keys=True) + "\n"
        )

    def _launch(self) -> None:
        self._attempt += 1
        self.folder.artifact("").mkdir(parents=True, exist_ok=True)
        self.folder.parameter("").mkdir(parents=True, exist_ok=True)
        environment = {
            **base_environment(),
            "KFP_POD_NAME": self.task.name,
            "KFP_RETRY_INDEX": str(self._attempt - 1),
            **self._environment,
            TERMINATION_LOG: str(self.folder.termination),
        }
        self._log_from = self.folder.log.stat().st_size if self.folder.log.exists() else 0
        self._container = Container(
            self._words,
            environment,
            self._place.project,
            self.folder.log,
            self.task.cluster.deadline_seconds,
            self._watchdog,
        )

    def _take_end(self, code: int, *, late: bool) -> errors.MillraceError | None:
        node_id = self.task.node_id
        if code != 0:
            return failure(
                node_id,
                self.folder,
                code,
                since=self._log_from,
                late_after=self.task.cluster.deadline_seconds if late else None,
                secrets=self._secrets.values(),
            )
        try:
            self.outputs = collect(self._input, self.task.component, self._ids)
        except OutputRefused as refused:
            return output_failure(node_id, str(refused))
        files.write_text(self.folder.executor_output, self.outputs.to_json())
        self.state, self._result = own_account(self.folder.log, self._log_from, node_id)
        return None

    def _wait(self, error: errors.MillraceError, say: Callable[[str], None]) -> None:
        retry = self._attempt - 1
        here, there = self._policy.shortened(retry), self._policy.wait(retry)
        self._waits_until = time.monotonic() + here
        self._shortened = self._shortened or here < there
        self.folder.set_aside(self._attempt)
        instead = f" instead of {there:g} s" if here < there else ""
        say(
            f"attempt {self._attempt} of {self._policy.limit + 1} failed: {error.headline}; "
            f"tried again in {here:g} s{instead}"
        )
