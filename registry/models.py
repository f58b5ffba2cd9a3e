"""The versions of one pipeline's model, and what their pushes make of them.

Which version is the champion is not stored: it is the one with the highest number in
the serving folder, which is what servers load. So the registry cannot say one thing
while servers do another.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Literal

from core.errors import UserError, nearest
from registry.model_version import ModelVersion, Push

Alias = Literal["champion", "candidate", "previous"]
CHAMPION, CANDIDATE, PREVIOUS = "champion", "candidate", "previous"


@dataclasses.dataclass(frozen=True)
class Refused:
    """A model that was trained and not pushed.

    Attributes:
      artifact: The id of the PushedModel artifact that says so.
      run_id: The run.
      when: ISO 8601, UTC.
      refused_by: The type of the blessing that it lacks, where recorded.
    """

    artifact: int
    run_id: str
    when: str
    refused_by: str


@dataclasses.dataclass(frozen=True)
class Models:
    """All models of one pipeline.

    Attributes:
      pipeline: The pipeline's name.
      versions: All versions, oldest first.
      refused: Models that were not pushed, oldest first.
    """

    pipeline: str
    versions: tuple[ModelVersion, ...] = ()
    refused: tuple[Refused, ...] = ()

    @property
    def pushes(self) -> list[tuple[Push, ModelVersion]]:
        """All pushes in the order of their numbers."""
        found = [(push, version) for version in self.versions for push in version.pushes]
        return sorted(found, key=lambda pair: pair[0].number)

    @property
    def champion(self) -> ModelVersion | None:
        """The version that servers load."""
        pushes = self.pushes
        return pushes[-1][1] if pushes else None

    @property
    def previous(self) -> ModelVersion | None:
        """The champion's predecessor that was not withdrawn."""
        champion = self.champion
        for _, version in reversed(self.pushes):
            if version is not champion and version.withdrawn is None:
                return version
        return None

    @property
    def candidate(self) -> Refused | None:
        """The newest model, where it came after the champion and was not pushed."""
        newest = max((version.artifact for version in self.versions), default=0)
        last = self.refused[-1] if self.refused else None
        return last if last is not None and last.artifact > newest else None

    @property
    def aliases(self) -> Mapping[str, str]:
        """What each alias stands for: a version, or a run for the candidate."""
        found = {}
        for name, version in ((CHAMPION, self.champion), (PREVIOUS, self.previous)):
            if version is not None:
                found[name] = str(version.version)
        if self.candidate is not None:
            found[CANDIDATE] = self.candidate.run_id
        return found

    def aliases_of(self, version: ModelVersion) -> list[str]:
        """The aliases of a version."""
        return [name for name, text in self.aliases.items() if text == str(version.version)]

    def find(self, name: str) -> ModelVersion | Refused:
        """The model that a person means.

        Args:
          name: A version such as ``1.2.0``, an alias, a number in the serving folder, or a
            run or the unique beginning of one.

        Raises:
          UserError: If none or more than one is meant.
        """
        name = self.aliases.get(name, name)
        for version in self.versions:
            if name == str(version.version) or any(
                name == str(push.number) for push in version.pushes
            ):
                return version
        by_run: dict[str, ModelVersion | Refused] = {one.run_id: one for one in self.refused}
        by_run |= {version.facts.run_id: version for version in self.versions}
        runs = [run for run in by_run if name and run.startswith(name)]
        if name in by_run:
            return by_run[name]
        if len(runs) == 1:
            return by_run[runs[0]]
        known = [str(version.version) for version in self.versions]
        if runs:
            raise UserError(
                f"{name} is the beginning of {len(runs)} runs",
                evidence=runs[:10],
                hint="type more of the id",
                code="ambiguous-model",
            )
        near = nearest(name, [*known, *by_run, *self.aliases])
        shown = ", ".join(known[-8:])
        raise UserError(
            f"there is no model {name} of {self.pipeline}",
            evidence=[f"its versions: {shown}" if known else "no model was pushed yet"],
            hint=f"did you mean {near}?" if near else "`millrace models list` lists them",
            code="unknown-model",
        )

    def find_version(self, name: str) -> ModelVersion:
        """As `find`, for what only a pushed model has.

        Raises:
          UserError: If none is meant, or a model that was never pushed.
        """
        found = self.find(name)
        if isinstance(found, ModelVersion):
            return found
        raise UserError(
            f"the model of run {found.run_id} was not pushed and has no version",
            hint=f"`millrace show {found.run_id}` says why",
            code="model-without-version",
        )
