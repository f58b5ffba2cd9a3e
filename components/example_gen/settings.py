"""How a table is read and split: what the `data` part of the configuration says."""

from __future__ import annotations

import enum
import re
from typing import Annotated

import pydantic

from core.fingerprints import Mode
from core.settings import Settings
from preprocessing.time_format import check_format

_DECIMALS = (".", ",")
_THOUSANDS = (",", ".", "'", "\u2019", " ", "\u00a0", "\u2009", "\u202f")
_SPLIT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


class SourceFormat(str, enum.Enum):
    """What the files are."""

    AUTO = "auto"
    CSV = "csv"
    PARQUET = "parquet"
    TFRECORD = "tfrecord"
    AVRO = "avro"
    JSONL = "jsonl"


class ColumnType(str, enum.Enum):
    """The three kinds of value that a tf.Example can hold."""

    INTEGER = "integer"
    FLOAT = "float"
    TEXT = "text"


class Partitions(str, enum.Enum):
    """Whether the names of folders hold columns."""

    HIVE = "hive"
    OFF = "off"


class SplitMethod(str, enum.Enum):
    """How a row finds its split."""

    HASH = "hash"
    HASH_RECORD = "hash_record"
    ROW = "row"
    TIME = "time"


class Compression(str, enum.Enum):
    """How the TFRecord files are compressed."""

    GZIP = "gzip"
    NONE = "none"


class SplitSettings(Settings):
    """Which rows train and which rows judge.

    With `hash`, a row's split follows from a SHA-256 of some of its values, or of its
    `key` alone as TFX's CsvExampleGen decides it; rows of equal values are always in the
    same split. The label has no say in it: were it hashed, rows of equal features and
    unequal labels could lie apart, and the evaluation would punish what was learned.
    `hash_record` does hash all of the row, exactly as CsvExampleGen does. With `row`, its
    place in its file decides: for tables of few different rows. With `time`, the oldest
    rows fill the first split.
    """

    method: SplitMethod = pydantic.Field(
        SplitMethod.HASH,
        description="hash: by the values of `columns` or of `key`; row: by file and number of "
        "the row; time: oldest rows first; hash_record: by all values, the label's too, as "
        "TFX's CsvExampleGen does.",
    )
    columns: tuple[Annotated[str, pydantic.Field(min_length=1)], ...] | None = pydantic.Field(
        None,
        min_length=1,
        description="Columns whose equal values stay in one split; only with method hash. Left "
        "out: those that the features read, but for the label's. Named here, they stay the same "
        "when the features change, and no row that a model was trained on comes to judge.",
    )
    without: tuple[Annotated[str, pydantic.Field(min_length=1)], ...] = pydantic.Field(
        (),
        description="Instead of `columns`: all columns but these, and but the label's.",
    )
    key: str | None = pydantic.Field(
        None,
        min_length=1,
        description="Column (whole numbers or text) whose equal values stay in one split, "
        "such as a customer; only with method hash.",
    )
    time_column: str | None = pydantic.Field(
        None,
        min_length=1,
        description="Column (number, or text: ISO 8601, or see `time_format`) to order by; only "
        "with method time.",
    )
    time_format: str | None = pydantic.Field(
        None,
        min_length=1,
        description="How the texts of `time_column` are written, as strptime's pattern, such as "
        "%d.%m.%Y %H:%M; left out, ISO 8601.",
    )
    splits: dict[str, Annotated[int, pydantic.Field(ge=1, le=1_000_000)]] = pydantic.Field(
        default_factory=lambda: {"train": 2, "eval": 1},
        description="Split names with their weights, in order; `train` and `eval` must be there.",
    )

    @pydantic.model_validator(mode="after")
    def _fits_together(self) -> SplitSettings:
        for name in self.splits:
            if not _SPLIT_NAME.fullmatch(name):
                raise ValueError(f"split name {name!r} may hold letters, digits, '-' and '_' only")
        absent = [name for name in ("train", "eval") if name not in self.splits]
        if absent:
            raise ValueError(f"the split {absent[0]!r} is missing from `splits`")
        self._check_hashed()
        if self.method is SplitMethod.TIME:
            if self.time_column is None:
                raise ValueError("method time needs `time_column`, the column to order by")
        elif self.time_column is not None:
            raise ValueError("`time_column` belongs to method time; set `method: time` with it")
        elif self.time_format is not None:
            raise ValueError("`time_format` belongs to method time; set `method: time` with it")
        if self.time_format is not None:
            check_format(self.time_format)
        return self

    def _check_hashed(self) -> None:
        """Refuses columns to hash where nothing is hashed, or where two settings name them."""
        named = [name for name in ("key", "columns", "without") if getattr(self, name)]
        if named and self.method is not SplitMethod.HASH:
            raise ValueError(
                f"`{named[0]}` belongs to method hash; with method {self.method.value} leave it out"
            )
        if len(named) > 1:
            raise ValueError(f"`{named[0]}` and `{named[1]}` both say what is hashed; name one")


class RejectSettings(Settings):
    """What happens to rows that cannot be read."""

    max_share: float = pydantic.Field(
        0.0,
        ge=0.0,
        lt=1.0,
        description="Share of rows (0 to 1) that may be unreadable and are set aside with their "
        "reasons in rejects/rejects.jsonl; 0 stops at the first one.",
    )


class ReadySettings(Settings):
    """How a span that is written to the end is told from one that is not.

    A span that is not finished is passed over for an older one; one that was asked for
    is refused.
    """

    marker: str | None = pydantic.Field(
        None,
        min_length=1,
        description="The name of an (empty) file, such as _SUCCESS, that whoever writes a span "
        "puts into its folder at the end. Where the span is part of the file's name, a marker "
        "beside each file: its name with this at the end.",
    )
    stable_seconds: float | None = pydantic.Field(
        None,
        gt=0,
        le=86_400,
        allow_inf_nan=False,
        description="A span whose files did not change for so many seconds is finished.",
    )
    wait_seconds: float | None = pydantic.Field(
        None,
        ge=0,
        le=86_400,
        allow_inf_nan=False,
        description="How long a run waits for the newest span; left out: stable_seconds, or "
        "not at all for a marker.",
    )

    @property
    def patience(self) -> float:
        """How many seconds a run waits."""
        if self.wait_seconds is not None:
            return self.wait_seconds
        return self.stable_seconds or 0.0

    @pydantic.model_validator(mode="after")
    def _fits_together(self) -> ReadySettings:
        if (self.marker is None) == (self.stable_seconds is None):
            raise ValueError("give either `marker` or `stable_seconds`")
        if self.marker is not None and "/" in self.marker:
            raise ValueError("`marker` is a file's name, without a folder")
        return self


class IngestionSettings(Settings):
    """How files become examples."""

    format: SourceFormat = pydantic.Field(
        SourceFormat.AUTO,
        description="csv, parquet, tfrecord (of tf.Examples), avro or jsonl (a JSON object a "
        "line); auto looks at each file's first bytes. gzip (csv, tfrecord, jsonl) is seen by "
        "itself.",
    )
    delimiter: str = pydantic.Field(
        ",", min_length=1, max_length=1, description="The character between two CSV fields."
    )
    quote: str | None = pydantic.Field(
        '"',
        min_length=1,
        max_length=1,
        description="The character around a CSV field that holds delimiters or line ends; a "
        "doubled one stands for itself. null: quotes mean nothing.",
    )
    null_markers: tuple[Annotated[str, pydantic.Field(min_length=1)], ...] = pydantic.Field(
        (),
        description="Texts that mean a missing value, such as NA, besides the empty text.",
    )
    column_names: tuple[str, ...] | None = pydantic.Field(
        None,
        min_length=1,
        max_length=10_000,
        description="The names of the columns, in order, of CSV files whose first line is a row "
        "already; left out, the first line names them.",
    )
    thousands: str | None = pydantic.Field(
        None,
        description="The character between groups of three digits in CSV numbers: ',' in "
        "1,234.5; also '.', an apostrophe or a space (which stands for no-break spaces, too). "
        "Where the groups are not right, the value is a text.",
    )
    decimal: str = pydantic.Field(
        ".",
        description="The character before the fraction of CSV numbers: ',' in 1.234,5.",
    )
    number_marks: tuple[str, ...] = pydantic.Field(
        (),
        max_length=20,
        description="Texts that may stand before or after CSV numbers and mean nothing, such as "
        "'$' in $1,234.50 or '%' in 13.56 %. 5 % becomes 5.",
    )
    trim: bool = pydantic.Field(
        False,
        description="Whether blanks and tabs around CSV fields without quotes are taken away, as "
        "those after the delimiters of: 39, Private, >50K.",
    )
    columns: dict[str, ColumnType] = pydantic.Field(
        default_factory=dict,
        description="Fixed column types (integer, float, text); other columns are inferred from "
        "the whole data: integer if all values are, float if all are numbers, else text. In "
        "Parquet, Avro, TFRecord and JSON lines a number in quotes is a text.",
    )
    partitions: Partitions = pydantic.Field(
        Partitions.HIVE,
        description="hive: folders such as region=north that the path leaves open (region=*) are "
        "columns, typed like others; off: they are only folders.",
    )
    max_columns: int = pydantic.Field(
        10_000,
        ge=1,
        le=20_000,
        description="A table of more columns is refused before it is read. No more than 20,000: "
        "statistics and transform of wider ones take many minutes.",
    )
    schema_types: dict[str, ColumnType] = pydantic.Field(
        default_factory=dict,
        description="Column types of the schema, which a run takes from `schema_file`: whole "
        "numbers stay integers though a file writes 7.0, or floats, and digits in CSV stay "
        "text. Unlike `columns` they refuse no value: what does not fit keeps its own type.",
    )
    type_evidence: int = pydantic.Field(
        20,
        ge=1,
        description="So many numbers make a CSV column a number column: a text that comes after "
        "them is an error, not a reason to call the whole column text. Fix the type in `columns` "
        "where a text column starts with numbers.",
    )
    split: SplitSettings = pydantic.Field(
        default_factory=SplitSettings, description="Which rows train and which rows judge."
    )
    rejects: RejectSettings = pydantic.Field(
        default_factory=RejectSettings, description="What happens to rows that cannot be read."
    )
    compression: Compression = pydantic.Field(
        Compression.GZIP, description="gzip as TFX writes it, or none: larger, quicker files."
    )
    fingerprint: Mode = pydantic.Field(
        "auto",
        description="What tells files from those of an earlier run: their content, or metadata "
        "(sizes and times); auto reads the content up to 1 GiB in all. In a bucket: metadata.",
    )
    ready: ReadySettings | None = pydantic.Field(
        None, description="How a finished span is told; left out, every span is taken."
    )
    batch_rows: int = pydantic.Field(
        65_536,
        ge=1,
        le=1_000_000,
        description="The most rows held and encoded at once; fewer where rows are wide.",
    )

    @pydantic.field_validator("partitions", mode="before")
    @classmethod
    def _read_off(cls, value: object) -> object:
        # YAML reads a bare `off` as false.
        return Partitions.OFF if value is False else value

    @pydantic.model_validator(mode="after")
    def _fits_together(self) -> IngestionSettings:
        for name, character in (("delimiter", self.delimiter), ("quote", self.quote)):
            if character is not None and (character in "\r\n" or not character.isascii()):
                raise ValueError(f"`{name}` must be one ASCII character and no line end")
        if self.delimiter == self.quote:
            raise ValueError("`delimiter` and `quote` must differ")
        if self.column_names is not None:
            _check_names(self.column_names)
        self._check_number_format()
        for mark in self.number_marks:
            _check_mark(mark)
        key = self.split.key
        if key is not None and self.columns.get(key) is ColumnType.FLOAT:
            raise ValueError(f"`split.key` {key!r} must hold whole numbers or text, not floats")
        return self

    def _check_number_format(self) -> None:
        if self.decimal not in _DECIMALS:
            raise ValueError(f"`decimal` is {self.decimal!r}; it may be '.' or ','")
        if self.thousands is None:
            return
        if self.thousands not in _THOUSANDS:
            raise ValueError(
                f"`thousands` is {self.thousands!r}; it may be ',', '.', an apostrophe or a space"
            )
        for name, other in (("decimal", self.decimal), ("quote", self.quote)):
            if self.thousands == other:
                raise ValueError(f"`thousands` and `{name}` must differ")


def _check_names(names: tuple[str, ...]) -> None:
    """Refuses names of columns that are no names, or stand twice."""
    for place, name in enumerate(names, 1):
        if not name.strip():
            raise ValueError(f"name {place} of `column_names` is empty")
        if (first := names.index(name) + 1) != place:
            raise ValueError(f"`column_names` has {name!r} twice, as names {first} and {place}")


def _check_mark(mark: str) -> None:
    """Refuses a mark that could be part of a number itself."""
    if not mark.strip(".,'\u2019") or mark != mark.strip():
        raise ValueError(f"{mark!r} of `number_marks` is not a text without blanks around it")
    if any(character.isdigit() or character in "+-\r\n" for character in mark):
        raise ValueError(f"{mark!r} of `number_marks` has a digit, a sign or a line end")
