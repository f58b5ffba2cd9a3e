"""How often a task is tried again and how long it waits before.

Follows Argo's ``retryStrategy``, which KFP fills from a task's ``retryPolicy``: the wait
before the retry number n (from 0) is ``duration * factor ** n``. The limit of all waits
(``backoffMaxDuration``) has no meaning here, since waits are shortened.
"""

from __future__ import annotations

import dataclasses
from typing import Any

LONGEST_WAIT_SECONDS = 0.5


@dataclasses.dataclass(frozen=True)
class RetryPolicy:
    """A task's retries.

    Attributes:
      limit: How often it is tried again.
      wait_seconds: The wait before the first retry, as the package says.
      factor: What each further wait is multiplied with.
    """

    limit: int = 0
    wait_seconds: float = 0.0
    factor: float = 1.0

    @classmethod
    def of(cls, specification: Any) -> RetryPolicy:
        """Reads it from a ``PipelineTaskSpec``."""
        policy = specification.retry_policy
        return cls(
            limit=policy.max_retry_count,
            wait_seconds=float(policy.backoff_duration.seconds),
            factor=policy.backoff_factor or 1.0,
        )

    def wait(self, retry: int) -> float:
        """The wait on a cluster before a retry, in seconds.

        Args:
          retry: Which retry, counted from 0.
        """
        return self.wait_seconds * self.factor**retry

    def shortened(self, retry: int) -> float:
        """The wait here."""
        return min(self.wait(retry), LONGEST_WAIT_SECONDS)
