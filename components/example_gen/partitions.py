"""Hive partitions: columns whose values stand in the names of folders, ``region=north``.

The names are taken apart as Hive, Spark and pyarrow write them: percent-encoded UTF-8, with
``__HIVE_DEFAULT_PARTITION__`` for a missing value. A folder that a path spells out is a
choice of data; one that the path leaves open tells rows apart, and is a column.
"""

from __future__ import annotations

import dataclasses
import glob
import os
import re
import urllib.parse
from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePath

from components.example_gen.formats.detection import Partition, SourceFile, formats_of
from components.example_gen.settings import ColumnType, SourceFormat
from components.example_gen.type_inference import ColumnInference
from core.errors import DataError
from core.globbing import matching_files

_MISSING = ("", "__HIVE_DEFAULT_PARTITION__")
_FOLDER = re.compile(r"([^=]+)=(.*)", re.DOTALL)
_OPEN = re.compile(r"[*?\[]")
# Folders are few and named by programs: a single text makes their column one of texts.
_NO_EVIDENCE = 2**62


def with_partitions(files: Sequence[SourceFile], base: str, pattern: str) -> tuple[SourceFile, ...]:
    """The files with the columns that lie in the names of their folders.

    Args:
      files: Files below a folder.
      base: The folder.
      pattern: What found them there, its places for spans filled in.

    Raises:
      DataError: If the files have different partition keys, a path has a key twice with two
        values, or a name is not UTF-8.
    """
    literal = _literal(pattern)
    found = [_keys(source.path, base, literal) for source in files]
    for source, keys in zip(files, found, strict=True):
        if set(keys) != set(found[0]):
            raise _different_keys((files[0].path, found[0]), (source.path, keys))
    types = {name: _type([keys[name] for keys in found]) for name in (found or [{}])[0]}
    return tuple(
        dataclasses.replace(
            source, partitions=tuple(Partition(n, keys[n], kind) for n, kind in types.items())
        )
        for source, keys in zip(files, found, strict=True)
    )


def check_one_folder(names: Sequence[Sequence[str]], base: str, pattern: str) -> None:
    """Refuses a file that has several names in folders of different values.

    Args:
      names: The names of each file.
      base: The folder.
      pattern: What found them there.

    Raises:
      DataError: Naming two of them.
    """
    literal = _literal(pattern)
    for first, *others in names:
        for other in others:
            if _keys(other, base, literal) != _keys(first, base, literal):
                raise DataError(
                    "one file lies in two folders of different values",
                    evidence=[first, other],
                    hint="remove one of the links, or set `data.partitions: off`",
                    code="one-file-two-partitions",
                )


def _literal(pattern: str) -> set[str]:
    return {part for part in pattern.split("/") if not _OPEN.search(part)}


def partition_types(files: Sequence[SourceFile]) -> dict[str, ColumnType | None]:
    """The types of the columns that lie in the names of folders."""
    return {part.name: part.type for source in files for part in source.partitions}


def partitioned_files(folder: str, wanted: SourceFormat) -> tuple[str, list[str]] | None:
    """What lies in a folder that has partitions below it.

    Args:
      folder: The folder.
      wanted: What the files are; with auto, those of any known suffix, or all where none has
        one.

    Returns:
      The pattern of the folders, such as ``region=*/day=*``, and the names of the files;
      None where no folder there is a partition.

    Raises:
      DataError: If some files have other partition keys than others.
    """
    if not any(entry.is_dir() and _FOLDER.fullmatch(entry.name) for entry in os.scandir(folder)):
        return None
    found = map(PurePath, sorted(matching_files(folder, "**/*")))
    marks = ("_", ".")
    paths = [p for p in found if not any(n.startswith(marks) for n in p.relative_to(folder).parts)]
    if chosen := _of_format(paths, wanted):
        paths = chosen
    folders = [path.relative_to(folder).parts[:-1] for path in paths]
    patterns = [tuple(map(_opened, parts)) for parts in folders]
    for path, pattern in zip(paths, patterns, strict=True):
        if pattern != patterns[0]:
            pairs = [(str(p), _keys(str(p), folder, ())) for p in (paths[0], path)]
            raise _different_keys(*pairs)
    return ("/".join(patterns[0]), [path.name for path in paths]) if paths else None


def _of_format(paths: Sequence[PurePath], wanted: SourceFormat) -> list[PurePath]:
    kinds = formats_of(path.name for path in paths)
    taken = kinds if wanted is SourceFormat.AUTO else {wanted: kinds.get(wanted, [])}
    suffixes = tuple(suffix for found in taken.values() for suffix in found)
    return [path for path in paths if path.name.endswith(suffixes)]


def _opened(name: str) -> str:
    match = _FOLDER.fullmatch(name)
    return f"{glob.escape(match[1])}=*" if match else "*"


def _keys(path: str, base: str, literal: Collection[str]) -> dict[str, str | None]:
    """The keys in the folders of a path below a base, and their values."""
    below = path[len(base.rstrip("/")) + 1 :].split("/")[:-1]
    keys: dict[str, str | None] = {}
    for folder in below:
        match = _FOLDER.fullmatch(folder)
        if match is None or folder in literal:
            continue
        name, text = _decoded(match[1], path), _decoded(match[2], path)
        value = None if text in _MISSING else text
        if keys.setdefault(name, value) != value:
            raise DataError(
                f"the partition key {name!r} stands twice in one path, with two values",
                evidence=[path],
                hint="rename one of the folders, or set `data.partitions: off`",
                code="duplicate-partition",
            )
    return keys


def _decoded(part: str, path: str) -> str:
    try:
        # What is no UTF-8 on the disk comes with surrogates, which cannot be encoded.
        return urllib.parse.unquote_to_bytes(part).decode("utf-8")
    except UnicodeError as error:
        shown = part.encode("utf-8", "backslashreplace").decode()
        raise DataError(
            f"the name of the folder {shown!r} is not UTF-8",
            evidence=[path.encode("utf-8", "backslashreplace").decode()],
            hint="rename the folder, or set `data.partitions: off`",
            code="not-utf-8",
        ) from error


def _type(texts: Sequence[str | None]) -> ColumnType | None:
    import pyarrow as pa

    inference = ColumnInference(_NO_EVIDENCE)
    inference.add(pa.array(texts, pa.string()))
    return inference.decided


def _different_keys(
    first: tuple[str, Mapping[str, str | None]], other: tuple[str, Mapping[str, str | None]]
) -> DataError:
    shown = [f"{path}: {', '.join(keys) or 'no key=value folder'}" for path, keys in (first, other)]
    return DataError(
        "the files lie in folders of different partition keys",
        evidence=shown,
        hint="name one kind of them with a pattern, or set `data.partitions: off`: then the"
        " folders' names are no columns",
        code="different-partitions",
    )
