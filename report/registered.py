"""What the registry knows of a run's model: version, aliases, and whether it was withdrawn."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from core import formats
from registry.model_version import ModelVersion, Withdrawal
from registry.models import CANDIDATE, Models
from registry.registration import read_models
from registry.words import refused_words

if TYPE_CHECKING:
    import ml_metadata


@dataclasses.dataclass(frozen=True)
class Registered:
    """A run's model in the registry, as it is now.

    Attributes:
      version: Its version, empty for a model that was not pushed.
      aliases: ``champion``, ``previous`` or ``candidate``.
      pushed_model: The id of the PushedModel artifact that the version began with.
      reasons: Why the version is what it is.
      refused: Why it was not pushed, empty where it was.
      withdrawn: Why it should not serve, None where it may.
      versions: The versions of all models, by the id of the Model artifact.
    """

    version: str = ""
    aliases: tuple[str, ...] = ()
    pushed_model: int = 0
    reasons: tuple[str, ...] = ()
    refused: str = ""
    withdrawn: Withdrawal | None = None
    versions: Mapping[int, str] = dataclasses.field(default_factory=dict)

    @property
    def words(self) -> tuple[str, ...]:
        """In words, such as ``1.1.0, champion``; empty where nothing is known."""
        if not self.version:
            alias = ", ".join(self.aliases)
            return tuple(
                filter(None, (f"{alias} without a version" if alias else "", self.refused))
            )
        said = [", ".join((self.version, *self.aliases))]
        if self.withdrawn is not None:
            mark = self.withdrawn
            said.append(f"withdrawn {formats.time(mark.when)} by {mark.who}: {mark.why}")
        return (*said, *self.reasons)


def read_registered(
    store: ml_metadata.MetadataStore, pipeline: str, run_id: str, pushed_models: Iterable[int]
) -> Registered:
    """Looks a run's model up.

    Args:
      store: The store, which may be open for reading only.
      pipeline: The pipeline's name.
      run_id: The run.
      pushed_models: The ids of the PushedModel artifacts that the run made or reused.
    """
    models = read_models(store, register=False).get(pipeline, Models(pipeline))
    versions = {version.model: str(version.version) for version in models.versions}
    pushed = set(pushed_models)
    found = _version(models, run_id, pushed)
    if found is not None:
        return Registered(
            version=str(found.version),
            aliases=tuple(models.aliases_of(found)),
            pushed_model=found.artifact,
            reasons=found.reasons,
            withdrawn=found.withdrawn,
            versions=versions,
        )
    for refused in models.refused:
        if refused.artifact in pushed or refused.run_id == run_id:
            aliases = (CANDIDATE,) if refused is models.candidate else ()
            return Registered(aliases=aliases, refused=refused_words(refused), versions=versions)
    return Registered(versions=versions)


def _version(models: Models, run_id: str, pushed: set[int]) -> ModelVersion | None:
    by_artifact = next((v for v in models.versions if v.artifact in pushed), None)
    if by_artifact is not None or pushed:
        return by_artifact
    return next((v for v in models.versions if v.facts.run_id == run_id), None)
