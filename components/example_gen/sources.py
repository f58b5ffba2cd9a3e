"""Which files a path stands for, and what they are; nothing of TensorFlow here."""

from __future__ import annotations

import dataclasses
import glob
import itertools
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from components.example_gen.bigquery import is_bigquery
from components.example_gen.database_address import is_database
from components.example_gen.formats.detection import (
    SUFFIXES,
    TITLES,
    SourceFile,
    formats_of,
    identify,
)
from components.example_gen.partitions import (
    check_one_folder,
    partitioned_files,
    with_partitions,
)
from components.example_gen.secret_parts import check_remote
from components.example_gen.settings import IngestionSettings, Partitions, SourceFormat
from components.example_gen.spans.patterns import check_span, glob_files, has_span
from components.example_gen.spans.readiness import resolve_spans
from components.example_gen.width import check_first_bytes
from core.errors import DataError, UserError
from core.globbing import distinct_files

if TYPE_CHECKING:
    from tfx.proto import example_gen_pb2

_GLOB_CHARACTERS = re.compile(r"[*?\[\]]")


def base_and_pattern(
    path: str | Path, settings: IngestionSettings | None = None, pattern: str | None = None
) -> tuple[str, str]:
    """Splits what a person gave as the data into a folder and a pattern below it.

    Args:
      path: A file, a folder, or a pattern such as ``trips/2024-*.csv``. A remote one
        (``gs://…``) is not looked at: one that ends in a slash is a folder.
      settings: Their `format` decides between files of several formats in one folder.
      pattern: A pattern below `path`, which then must be a folder; it may hold TFX's
        ``{SPAN}``, ``{VERSION}``, ``{YYYY}``, ``{MM}`` and ``{DD}``.

    Returns:
      The folder as an absolute path, and the pattern.

    Raises:
      UserError: If there is nothing at `path`, a folder holds files of several formats
        and neither the format nor a pattern chooses, or the folder's name has characters
        that patterns use.
      DataError: If a folder holds no file.
    """
    settings = settings or IngestionSettings()
    if "://" in os.fspath(path):
        if not is_database(os.fspath(path)) and not is_bigquery(os.fspath(path)):
            check_remote(os.fspath(path))
        return _remote(os.fspath(path), pattern)
    text = os.path.abspath(os.path.expanduser(os.fspath(path)))
    if pattern is not None:
        if not os.path.isdir(text):
            raise _nothing_at(text, "a pattern is looked up below a folder")
        return _plain(text), pattern
    if os.path.isdir(text):
        return _plain(text), _pattern_of_folder(text, settings)
    folder, name = os.path.split(text)
    if os.path.exists(text):
        return _plain(folder), glob.escape(name)
    if _GLOB_CHARACTERS.search(text) or has_span(text):
        return _split_at_first_pattern(text)
    raise _nothing_at(text, "check the path")


def input_for_path(
    path: str | Path, settings: IngestionSettings | None = None, pattern: str | None = None
) -> tuple[str, example_gen_pb2.Input]:
    """`base_and_pattern` as FileBasedExampleGen takes it.

    Args:
      path: A file, a folder or a pattern.
      settings: How the data is read.
      pattern: A pattern below the folder, with or without TFX's span placeholders.

    Returns:
      The `input_base` and the `input_config` with one input split.

    Raises:
      UserError, DataError: As `base_and_pattern`.
    """
    from tfx.proto import example_gen_pb2

    base, found = base_and_pattern(path, settings, pattern)
    split = example_gen_pb2.Input.Split(name="single_split", pattern=found)
    return base, example_gen_pb2.Input(splits=[split])


def find_files(
    base: str, pattern: str, settings: IngestionSettings, span: int | None = None
) -> tuple[SourceFile, ...]:
    """Lists the files under a folder, in the order of their paths.

    Files whose names start with ``_`` or ``.`` are other programs' marks and are left
    out. A file of several names, by links, is there once. Where the pattern has places for a
    span, a date or a version, the newest finished span's newest version is taken, as the
    driver does (which fills them in for ExampleGen).

    Args:
      base: The folder.
      pattern: The pattern below it.
      settings: Their `format` says what the files are; auto looks at their first bytes.
        Their `ready` says how a finished span is told; nobody waits for one here.
      span: The span to take; the newest where it is None.

    Raises:
      UserError: If a file cannot be opened, the span that is wanted does not exist, or
        there is a database and no folder.
      DataError: If no file matches, a file is empty, or no span is finished.
    """
    if is_database(base) or is_bigquery(base):
        # The address is not repeated: it may hold a password.
        raise UserError(
            "the data are in a database, and only files are read here",
            hint="run as far as is needed, `millrace run CONFIG --to StatisticsGen`, and go on"
            " from that run",
            code="database-not-files",
        )
    if has_span(pattern):
        ready = resolve_spans(base, pattern, settings.ready, asked=span, wait=False)
        found, pattern = list(ready.spans[0].files), ready.spans[0].pattern
    else:
        check_span(pattern, span)
        found = sorted(
            path
            for path in glob_files(base, pattern)
            if not os.path.basename(path).startswith(("_", "."))
        )
    if not found:
        raise DataError(
            f"no data files in {base}",
            evidence=[f"looked for {pattern}", *_folder_evidence(base)],
            hint="check the path and the pattern",
            code="no-files",
        )
    names = [[path] for path in found] if "://" in base else distinct_files(found)
    files = tuple(
        dataclasses.replace(identify(path, settings.format), place=_place(base, path))
        for path, *_ in names
    )
    for source in files:
        check_first_bytes(source, settings)
    if settings.partitions is Partitions.OFF:
        return files
    check_one_folder(names, base, pattern)
    return with_partitions(files, base, pattern)


def _place(base: str, path: str) -> str:
    """Names a file wherever the folder lies and whatever the file's format."""
    below = path.removeprefix(base.rstrip("/")).lstrip("/")
    suffixes = sorted(itertools.chain.from_iterable(SUFFIXES.values()), key=len, reverse=True)
    return next((below[: -len(s)] for s in suffixes if below.lower().endswith(s)), below)


def _pattern_of_folder(folder: str, settings: IngestionSettings) -> str:
    """The pattern of a folder's files, and of those below it where they lie in partitions."""
    if settings.partitions is Partitions.HIVE:
        below = partitioned_files(folder, settings.format)
        if below is not None:
            folders, names = below
            return os.path.join(folders, _pattern_of_names(folder, names, settings.format))
    names = [
        entry.name
        for entry in os.scandir(folder)
        if entry.is_file() and not entry.name.startswith(("_", "."))
    ]
    if not names:
        raise DataError(
            f"no data files in {folder}",
            evidence=_folder_evidence(folder),
            hint="put data files there; those of subfolders are read with a pattern",
            code="no-files",
        )
    return _pattern_of_names(folder, names, settings.format)


def _pattern_of_names(folder: str, names: Sequence[str], wanted: SourceFormat) -> str:
    kinds = formats_of(names)
    if wanted is SourceFormat.AUTO and len(kinds) > 1:
        titles = [TITLES[kind] for kind in kinds]
        raise UserError(
            f"{folder} holds {'both ' if len(titles) == 2 else ''}{' and '.join(titles)} files",
            evidence=list(_sample(names)),
            hint="give a pattern such as '*.csv', or set `format`",
            code="mixed-formats",
        )
    if wanted is SourceFormat.AUTO:
        chosen = next(iter(kinds.values()), [])
    else:
        chosen = kinds.get(wanted, [])
    if not chosen:
        return "*"
    if len(chosen) == 1:
        return f"*{chosen[0]}"
    # Patterns know no alternatives: `*.csv*` takes .csv and .csv.gz together.
    stems = {"." + suffix.split(".")[1] for suffix in chosen}
    if len(stems) == 1:
        return f"*{stems.pop()}*"
    raise UserError(
        f"{folder} holds {' and '.join(sorted(stems))} files",
        evidence=list(_sample(names)),
        hint="give a pattern such as '*.csv'",
        code="mixed-formats",
    )


def _split_at_first_pattern(text: str) -> tuple[str, str]:
    parts = Path(text).parts
    first = next(i for i, p in enumerate(parts) if _GLOB_CHARACTERS.search(p) or "{" in p)
    base = os.path.join(*parts[:first])
    if not os.path.isdir(base):
        raise _nothing_at(base, "check the path")
    return base, os.path.join(*parts[first:])


def _remote(path: str, pattern: str | None) -> tuple[str, str]:
    if pattern is not None or path.endswith("/"):
        return path.rstrip("/"), pattern or "*"
    scheme, _, rest = path.partition("://")
    parts = rest.split("/")
    places = [i for i, p in enumerate(parts) if _GLOB_CHARACTERS.search(p) or "{" in p]
    first = places[0] if places else len(parts) - 1
    return f"{scheme}://{'/'.join(parts[:first])}", "/".join(parts[first:])


def _plain(folder: str) -> str:
    if _GLOB_CHARACTERS.search(folder):
        raise UserError(
            "the folder's name has characters that file patterns use",
            evidence=[folder],
            hint="rename the folder without * ? [ ]",
            code="pattern-in-folder",
        )
    return folder


def _nothing_at(path: str, hint: str) -> UserError:
    evidence = [path]
    parent = os.path.dirname(path)
    if os.path.isdir(parent):
        names = [entry.name for entry in os.scandir(parent)]
        evidence += [f"beside it: {', '.join(_sample(names))}"] if names else []
    return UserError(f"there is no data at {path}", evidence=evidence, hint=hint, code="no-data")


def _folder_evidence(folder: str) -> Sequence[str]:
    names = [entry.name for entry in os.scandir(folder)] if os.path.isdir(folder) else []
    return [f"there: {', '.join(_sample(names))}"] if names else ["the folder is empty"]


def _sample(names: Sequence[str]) -> Iterator[str]:
    yield from sorted(names)[:5]
    if len(names) > 5:
        yield f"and {len(names) - 5:,} more"
