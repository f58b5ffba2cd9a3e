"""What only Airflow needs to know of a pipeline."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class DagOptions:
    """What only Airflow needs to know.

    Attributes:
      namespace: Where the pods run; where Airflow's connection says if None.
      config_file: The kubeconfig on Airflow's workers; None for the connection's own.
      schedule: A cron expression or a preset such as ``@daily``; None for no schedule.
    """

    namespace: str | None = None
    config_file: str | None = None
    schedule: str | None = None
