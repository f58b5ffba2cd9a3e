"""TFX's BigQuery executor, which first asks whether BigQuery can be reached at all."""

from __future__ import annotations

from typing import Any

from tfx import types
from tfx.extensions.google_cloud_big_query.example_gen import executor

from components.example_gen.bigquery import check_access


class Executor(executor.Executor):
    """Refuses in plain words where there are no credentials; else TFX's own."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes the examples.

        Raises:
          UserError: If there are no credentials or no bucket.
        """
        check_access(self._beam_pipeline_args or ())
        super().Do(input_dict, output_dict, exec_properties)
