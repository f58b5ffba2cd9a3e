"""Whether the gate would doubt the proposed split: said before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

    from pipeline.configuration.model import PipelineConfiguration


def check_split(
    splits: Mapping[str, pa.Table], configuration: PipelineConfiguration
) -> tuple[str, ...]:
    """Makes the gate's checks of the split with the sampled rows.

    Args:
      splits: The rows of each split.
      configuration: The proposed configuration.

    Returns:
      What a person should look at, a sentence each.

    Raises:
      DataError: If the gate would refuse the split.
    """
    from components.data_gate.labels import labels_by_split
    from components.data_gate.rows import read_rows
    from components.data_gate.split_checks import split_findings
    from components.example_gen.settings import SplitMethod
    from preprocessing.features import raw_columns

    split = configuration.data.split
    if split.method is SplitMethod.ROW:
        return ()
    rows = {
        name: read_rows(table.combine_chunks().to_batches(), table.num_rows, 250_000, hashed=False)
        for name, table in splits.items()
    }
    labels = labels_by_split(configuration.label, configuration.task, configuration.classes, rows)
    findings = list(
        split_findings(
            {name: one.columns for name, one in rows.items()},
            labels,
            sorted(raw_columns(configuration.features)),
            configuration.gate.checks,
            split.key or "",
        )
    )
    refused = [finding for finding in findings if finding.severity == "block"]
    if refused:
        by = split.time_column or split.key
        raise DataError(
            f"split by {by!r}, models would be judged wrongly"
            if by
            else "split by the features' values, models would be judged wrongly",
            evidence=[finding.describe() for finding in refused],
            hint="leave out --key and --time, or name other columns there"
            if by
            else "name a column that rows belong together by, with --key, or --time",
            code="misleading-split",
        )
    return tuple(f"{finding.split}: {finding.headline}." for finding in findings)
