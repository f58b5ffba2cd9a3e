"""Whether the files of one table declare types that mean the same."""

from __future__ import annotations

from collections.abc import Mapping

from components.example_gen.formats.declared_type import DeclaredType
from components.example_gen.formats.detection import SourceFile
from components.example_gen.settings import ColumnType, IngestionSettings
from core.errors import DataError


class TypeAgreement:
    """Remembers what each column was declared to be first.

    Whole numbers beside fractions, or milliseconds beside microseconds, are one column;
    times beside numbers are not, since nobody can tell what those numbers count.

    Args:
      settings: In a column whose type they fix, numbers and texts may stand together.
    """

    def __init__(self, settings: IngestionSettings) -> None:
        self._settings = settings
        self._first: dict[str, tuple[SourceFile, DeclaredType]] = {}

    def add(self, source: SourceFile, declared: Mapping[str, DeclaredType]) -> None:
        """Compares the types of one more file.

        Raises:
          DataError: If a column means something else in a file before.
        """
        for name, found in declared.items():
            if found.kind is None:
                continue
            file, known = self._first.setdefault(name, (source, found))
            if found.meaning == known.meaning:
                continue
            text_and_number = (found.kind is ColumnType.TEXT) != (known.kind is ColumnType.TEXT)
            if not (text_and_number and name in self._settings.columns):
                raise _disagreement(name, (file, known), (source, found), text_and_number)


def _disagreement(
    name: str,
    first: tuple[SourceFile, DeclaredType],
    second: tuple[SourceFile, DeclaredType],
    text_and_number: bool,
) -> DataError:
    hint = "write both files with one type"
    return DataError(
        f"column {name!r} holds {first[1].meaning} in {first[0].name}"
        f" and {second[1].meaning} in {second[0].name}",
        evidence=[
            f"{file.path}, column {name!r}: {kind.declared}" for file, kind in (first, second)
        ],
        hint=f"{hint}, or fix the column's type under `columns`" if text_and_number else hint,
        code="type-change" if text_and_number else "different-types",
    )
