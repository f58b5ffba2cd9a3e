"""A component of a project's own, as small as it can be."""

# No postponed annotations: TFX reads them as they stand.
from typing import TypedDict

from tfx.dsl.component.experimental.annotations import InputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types.standard_artifacts import Examples

from core.columnar_examples import read_examples


class Counted(TypedDict):
    """What it returns."""

    rows: int


@component
def RowCount(examples: InputArtifact[Examples], split: Parameter[str]) -> Counted:
    """Counts the rows of a split."""
    return {"rows": sum(batch.num_rows for batch in read_examples(examples.uri, split))}
