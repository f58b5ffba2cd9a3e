"""Columns of Arrow's many types as the few types of a tf.Example.

Numbers and texts keep their values. Units go: points in time become whole seconds since
1970 (UTC), times of a day whole seconds since midnight, durations seconds with their
fractions. What the examples cannot hold is refused with the row and the column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.example_gen.formats.declared_type import DeclaredType
from components.example_gen.formats.detection import SourceFile
from components.example_gen.formats.reader import damaged
from components.example_gen.settings import ColumnType, IngestionSettings
from core.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

_EXTENSION = b"ARROW:extension:name"
_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_INT64_MAX = 2**63 - 1
_FLOAT32_MAX = 3.4028235677973366e38
_AS_TEXT = (
    "write the column as text, or set its type under `columns` to text, which keeps all digits"
)
_AS_UTF8 = "write the text as UTF-8; bytes that are no text belong into a column of bytes"


class MisfitError(Exception):
    """A value that a tf.Example cannot hold.

    Attributes:
      row: Its row (from 0).
      reason: Why, in a few words.
      code: A short searchable name of the reason.
      hint: What to do about it.
    """

    def __init__(self, row: int, reason: str, code: str, hint: str) -> None:
        super().__init__(reason)
        self.row = row
        self.reason = reason
        self.code = code
        self.hint = hint


def declared_field(source: SourceFile, field: pa.Field) -> DeclaredType:
    """`declared_type` of a field, which may be of an extension type.

    Raises:
      DataError: If its values have no place in a tf.Example, or only whoever made the type
        knows what its numbers mean.
    """
    import pyarrow as pa

    storage, name = field.type, (field.metadata or {}).get(_EXTENSION)
    if isinstance(storage, pa.BaseExtensionType):
        storage, name = storage.storage_type, storage.extension_name.encode()
    if name is None:
        return declared_type(source, field.name, storage)
    extension = f"the extension type {name.decode('utf-8', 'replace')}"
    found = _kind_and_meaning(storage)
    if found is None or found[0] is not ColumnType.TEXT:
        raise unsupported_type(source, field.name, f"{extension} over {storage}")
    return DeclaredType(*found, extension)


def declared_type(source: SourceFile, name: str, declared: pa.DataType) -> DeclaredType:
    """What a column of an Arrow type is.

    Raises:
      DataError: If its values have no place in a tf.Example.
    """
    from pyarrow import types

    found = _kind_and_meaning(declared.value_type if types.is_dictionary(declared) else declared)
    if found is None:
        raise unsupported_type(source, name, str(declared))
    return DeclaredType(*found, str(declared))


def _kind_and_meaning(kind: pa.DataType) -> tuple[ColumnType | None, str] | None:
    from pyarrow import types

    if types.is_null(kind):
        return None, "nothing"
    if types.is_boolean(kind):
        return ColumnType.INTEGER, "truth values"
    if types.is_integer(kind):
        return ColumnType.INTEGER, "numbers"
    if types.is_float32(kind) or types.is_float64(kind) or types.is_decimal(kind):
        return ColumnType.FLOAT, "numbers"
    if types.is_timestamp(kind):
        return ColumnType.INTEGER, "times" if kind.tz is None else "times with a time zone"
    if types.is_date(kind):
        return ColumnType.INTEGER, "dates"
    if types.is_time(kind):
        return ColumnType.INTEGER, "times of a day"
    if types.is_duration(kind):
        return ColumnType.FLOAT, "durations"
    if _is_text(kind) or _is_binary(kind):
        return ColumnType.TEXT, "text"
    return None


def unsupported_type(source: SourceFile, name: str, holds: str) -> DataError:
    """The error that a column is whose type has no place in a tf.Example."""
    return DataError(
        f"column {name!r} of {source.name} holds {holds}",
        evidence=[source.path],
        hint="columns may hold numbers, truth values, times and text; one value a row",
        code="unsupported-type",
    )


def plain_column(
    source: SourceFile, row: int, name: str, column: pa.Array, settings: IngestionSettings
) -> pa.Array:
    """`plain` for a column of a file.

    Args:
      source: The file.
      row: The number of the first row, from 1.
      name: The column.
      column: Its values.
      settings: The null markers, and whether the column is to be text.

    Raises:
      DataError: If a value has no place in a tf.Example; it names row and column.
    """
    import pyarrow as pa

    try:
        _check_buffers(column)
        return plain(column, settings, as_text=settings.columns.get(name) is ColumnType.TEXT)
    except MisfitError as error:
        place = row + error.row
        raise DataError(
            f"row {place:,} of {source.name} cannot be read: {error.reason}",
            evidence=[f"{source.path}, row {place:,}, column {name!r}"],
            hint=error.hint,
            code=error.code,
        ) from error
    except pa.ArrowException as error:
        raise damaged(source, f"column {name!r}: {error}", row) from error


def _check_buffers(column: pa.Array) -> None:
    """Refuses an array of a damaged file that would lead Arrow astray, to a crash even."""
    import pyarrow as pa

    try:
        column.validate(full=True)
    except pa.ArrowInvalid as error:
        if "UTF8" not in str(error):  # That is found with its row.
            raise


def plain(column: pa.Array, settings: IngestionSettings, *, as_text: bool = False) -> pa.Array:
    """The column as int64, double, string or null.

    Args:
      column: Values of any type that `declared_type` takes.
      settings: The null markers.
      as_text: Whether numbers with more digits than an int64 or a double are texts.

    Raises:
      MisfitError: If a value has no place in a tf.Example.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import types

    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if types.is_dictionary(column.type):
        column = column.dictionary.take(column.indices)
    kind = column.type
    if types.is_null(kind) or types.is_int64(kind) or types.is_float64(kind):
        return column
    if types.is_timestamp(kind) or types.is_date(kind):
        return column.cast(pa.timestamp("s"), safe=False).cast(pa.int64())
    if types.is_time(kind):
        counts = column.cast(pa.int64() if kind.bit_width == 64 else pa.int32())
        return pc.divide(counts.cast(pa.int64()), _per_second(kind))
    if types.is_duration(kind):
        return pc.divide(
            column.cast(pa.int64()).cast(pa.float64(), safe=False), float(_per_second(kind))
        )
    if types.is_decimal(kind):
        return _decimal_texts(column) if as_text else _floats(column)
    if types.is_uint64(kind):
        return column.cast(pa.string()) if as_text else _integers(column)
    if types.is_integer(kind) or types.is_boolean(kind):
        return column.cast(pa.int64())
    if types.is_floating(kind):
        return column.cast(pa.float64())
    text = _checked_texts(column) if _is_text(kind) else _unchecked_texts(column)
    missing = pc.is_in(text, value_set=pa.array(["", *settings.null_markers]))
    return pc.if_else(missing, pa.scalar(None, pa.string()), text)


def _per_second(kind: pa.DataType) -> int:
    # Times of a day have no attribute for their unit: time64[us].
    return _UNITS[str(kind).rstrip("]").rpartition("[")[2]]


def _is_text(kind: pa.DataType) -> bool:
    from pyarrow import types

    return bool(types.is_string(kind) or types.is_large_string(kind))


def _is_binary(kind: pa.DataType) -> bool:
    from pyarrow import types

    return bool(
        types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind)
    )


def _integers(column: pa.Array) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    _refuse(
        column,
        pc.greater(column, pa.scalar(_INT64_MAX, pa.uint64())),
        "{} does not fit 64 bits with a sign",
        "integer-overflow",
    )
    return column.cast(pa.int64())


def _floats(column: pa.Array) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    numbers = column.cast(pa.float64())
    too_large = pc.greater_equal(pc.abs(numbers), _FLOAT32_MAX)
    _refuse(column, too_large, "{} is too large for a float", "float-overflow")
    return numbers


def _refuse(column: pa.Array, misfits: pa.Array, reason: str, code: str) -> None:
    """Refuses the first value of a column that is a misfit."""
    import pyarrow.compute as pc

    if pc.any(misfits).as_py():
        row = pc.index(misfits, True).as_py()
        raise MisfitError(row, reason.format(column[row].as_py()), code, _AS_TEXT)


def _decimal_texts(column: pa.Array) -> pa.Array:
    import pyarrow as pa

    values = column.to_pylist()
    return pa.array([None if v is None else format(v, "f") for v in values], pa.string())


def _checked_texts(column: pa.Array) -> pa.Array:
    import pyarrow as pa

    encoded = column.cast(pa.binary())
    try:
        return encoded.cast(pa.string())
    except pa.ArrowInvalid:
        for row, value in enumerate(encoded.to_pylist()):
            try:
                (value or b"").decode()
            except UnicodeDecodeError as error:
                reason = f"byte {error.start + 1} (0x{value[error.start]:02x}) is not UTF-8"
                raise MisfitError(row, reason, "not-utf-8", _AS_UTF8) from error
        raise


def _unchecked_texts(column: pa.Array) -> pa.Array:
    """Bytes, which need not be UTF-8: a tf.Example holds any."""
    import pyarrow as pa
    from pyarrow import types

    if types.is_fixed_size_binary(column.type):
        # Arrow 10 crashes when it casts a slice of these.
        column = column.take(pa.array(range(len(column)), pa.int64()))
    return column.cast(pa.binary()).cast(pa.string(), safe=False)
