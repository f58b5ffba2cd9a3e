"""Tables as people have them: every one must be understood, or refused with a reason.

Each maker writes a table into a folder, the same one each time, and says what a proposal
should find. The good ones hold something that can be learned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.awkward.columns import COLUMNS
from tests.awkward.few_rows import FEW_ROWS
from tests.awkward.folders import FOLDERS, UNCLEAR_FOLDERS
from tests.awkward.formats import FORMATS
from tests.awkward.labels import LABELS
from tests.awkward.record import AwkwardTable
from tests.awkward.refused import REFUSED
from tests.awkward.typed import TYPED, UNHOLDABLE
from tests.awkward.whole import WHOLE

__all__ = ["BAD", "GOOD", "AwkwardTable", "make"]

Maker = Callable[[Path], AwkwardTable]

GOOD: Mapping[str, Maker] = {
    maker.__name__: maker
    for maker in (*FORMATS, *FOLDERS, *TYPED, *COLUMNS, *LABELS, *FEW_ROWS, *WHOLE)
}
BAD: Mapping[str, Maker] = {
    maker.__name__: maker for maker in (*REFUSED, *UNCLEAR_FOLDERS, *UNHOLDABLE)
}


def make(name: str, folder: Path) -> AwkwardTable:
    """Writes one table.

    Args:
      name: A key of `GOOD` or `BAD`.
      folder: Where to; a folder of its own is made in it.
    """
    own = folder / name
    own.mkdir(parents=True)
    return {**GOOD, **BAD}[name](own)
