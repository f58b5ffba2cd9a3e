"""The usual markers of a missing value, by their texts alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

# Compared without regard to case and blanks around them.
_AMONG_NUMBERS = frozenset(
    [
        *("na", "n/a", "n.a.", "n.a", "#n/a", "#na", "<na>", "nan", "-nan", "nat", "n.d."),
        *("null", "(null)", "#null!", "nil", "none", "\\n", "void", "undefined", "unknown"),
        *("?", "??", "-", "--", "---", "\u2013", "\u2014", ".", "..", "*", "x", "tbd"),
        *("missing", "not available", "not applicable", "no data"),
        *("#value!", "#div/0!", "#ref!", "#name?", "#num!", "1.#qnan", "-1.#ind"),
    ]
)
# As they are written, since "na" or "Nan" may be a word or a name.
AMONG_TEXTS = frozenset(
    [
        *("NA", "N/A", "n/a", "#N/A", "#NA", "<NA>", "NaN", "nan", "NaT"),
        *("NULL", "null", "Null", "(null)", "\\N", "?"),
    ]
)


def is_marker(text: str) -> bool:
    """Whether a text is a usual marker of a missing value among numbers."""
    return not text.strip() or text.strip().casefold() in _AMONG_NUMBERS


def are_markers(texts: pa.Array) -> pa.Array:
    """`is_marker` for an array of texts: a boolean mask."""
    import pyarrow as pa
    import pyarrow.compute as pc

    folded = pc.utf8_lower(pc.utf8_trim_whitespace(texts))
    return pc.is_in(folded, value_set=pa.array(["", *sorted(_AMONG_NUMBERS)]))
