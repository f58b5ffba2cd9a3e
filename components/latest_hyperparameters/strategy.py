"""A resolver strategy that is content with finding nothing.

TFX's LatestArtifactStrategy fails where there is no artifact yet. Before the first
search there are no tuned hyperparameters, and the trainer then takes the
configured ones.
"""

from __future__ import annotations

from ml_metadata import MetadataStore
from tfx.dsl.components.common import resolver
from tfx.types import Artifact


class LatestIfAnyStrategy(resolver.ResolverStrategy):
    """Takes the newest artifact of each input, or none where there is none."""

    def resolve_artifacts(
        self, store: MetadataStore, input_dict: dict[str, list[Artifact]]
    ) -> dict[str, list[Artifact]]:
        """Picks the newest artifact by its id.

        Args:
          store: The metadata store; not asked.
          input_dict: All candidates by input.

        Returns:
          One artifact, or none, by input.
        """
        return {
            key: sorted(artifacts, key=lambda artifact: artifact.id)[-1:]
            for key, artifacts in input_dict.items()
        }
