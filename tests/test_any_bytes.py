"""Any bytes: a reader reads them or refuses them, and nothing else happens.

Bytes of no format, and good files of every format that were damaged here and there, go
through every reader: the quick look and the first pass over data, `init`'s search for a
dialect, configurations, schemas and packages. Nothing but a `DataError` or a `UserError`
may come out.

The suite tries a few, the same ones each time. For longer, with new ones each time and
no more memory than a laptop has (a crash or a killed process is a finding):

    ulimit -v 8000000; MILLRACE_FUZZ=5000 nice python -m pytest -n 0 -x tests/test_any_bytes.py
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import strategies as st

from components.example_gen.inspection import inspect_source
from components.example_gen.settings import IngestionSettings
from components.example_gen.sniffing.dialect import detect_dialect
from components.example_gen.sources import base_and_pattern, find_files
from components.example_gen.writing.examples import write_examples
from components.example_gen.writing.planning import make_plan
from core.errors import DataError, UserError
from kubeflow.package.package import parse_package
from onboarding.reading import plan_reading
from pipeline.configuration.layers import assignments_layer
from pipeline.configuration.loading import load
from schema.reading import read_schema
from tests.components.example_gen.same_table import FORMATS, as_avro

_LONG = int(os.environ.get("MILLRACE_FUZZ", "0"))
fuzz = hypothesis.settings(
    max_examples=_LONG or 40,
    derandomize=not _LONG,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
_TABLE = {
    "id": list(range(40)),
    "price": [None if i % 7 == 0 else i * 0.5 for i in range(40)],
    "name": [f'n {i}, "é"' if i % 5 else None for i in range(40)],
}
# What formats are made of, and what readers stumble over.
_TOKENS = (
    *(b"\x00", b"\r", b"\n", b'"', b",", b"\xff", b"\xef\xbb\xbf", b"\x1f\x8b", b"PAR1"),
    *(b"Obj\x01", b"[" * 3000, b"{" * 3000, b'{"a":' * 2000, b"&a [*a, *a]", b"1e999", b"9" * 400),
    *(b"\x80" * 12, b"\xff\xff\xff\x7f", b"x" * 200_000, b"- " * 2000, b"null", b"\\ud800", b"\t"),
)
_EDIT = st.tuples(
    st.floats(0, 1, exclude_max=True),
    st.integers(0, 12),
    st.one_of(st.binary(max_size=8), st.sampled_from(_TOKENS)),
)


def _damaged(content: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    for where, removed, inserted in edits:
        place = int(where * len(content))
        content = content[:place] + inserted + content[place + removed :]
    return content


def _odd_parquet() -> bytes:
    """Types that `FORMATS` has none of, in several row groups."""
    table = pa.table(
        {
            "time": pa.array(range(40), pa.time64("us")),
            "long": pa.array(range(40), pa.duration("ms")),
            "code": pa.array(["a", "b"] * 20).dictionary_encode(),
            "part": pa.array([b"ab"] * 40, pa.binary(2)),
            "more": pa.array(range(40), pa.uint64()).cast(pa.decimal128(38, 3)),
        }
    )
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, row_group_size=10, compression="zstd")
    return sink.getvalue().to_pybytes()


_FILES: dict[str, Callable[[], bytes]] = {
    **{f"data.{name}": lambda make=make: make(_TABLE) for name, make in FORMATS.items()},
    "deflated.avro": lambda: as_avro(_TABLE, "deflate"),
    "odd.parquet": _odd_parquet,
}


def _read_data(path: Path) -> None:
    """Each pass over a file on its own: what one refuses, another may take."""
    settings = IngestionSettings()
    allowing = IngestionSettings.model_validate({"rejects": {"max_share": 0.9}})
    with contextlib.suppress(DataError, UserError):
        inspect_source(path)
    with contextlib.suppress(DataError, UserError):
        detect_dialect([path])
    with contextlib.suppress(DataError, UserError):
        plan_reading(find_files(*base_and_pattern(path), settings), settings)
    with contextlib.suppress(DataError, UserError):
        files = find_files(*base_and_pattern(path), settings)
        plan = make_plan(files, allowing, [2, 1], path.parent / "scratch")
        weights = {"train": 2, "eval": 1}
        write_examples(plan, {"all": files}, weights, allowing, str(path.parent / "examples"))


@fuzz
@hypothesis.given(content=st.binary(max_size=300), name=st.sampled_from(sorted(_FILES)))
def test_bytes_of_no_format(content: bytes, name: str, tmp_path_factory) -> None:
    path = tmp_path_factory.mktemp("bytes") / name
    path.write_bytes(content)
    _read_data(path)


@pytest.mark.parametrize("name", sorted(_FILES))
@fuzz
@hypothesis.given(edits=st.lists(_EDIT, min_size=1, max_size=4))
def test_damaged_data(name: str, edits: list, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("damaged") / name
    path.write_bytes(_damaged(_FILES[name](), edits))
    _read_data(path)


@fuzz
@hypothesis.given(edits=st.lists(_EDIT, min_size=1, max_size=4))
def test_damaged_configurations(
    edits: list, repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("configurations") / "config.yaml"
    path.write_bytes(_damaged((repository / "configs" / "taxi.yaml").read_bytes(), edits))
    with contextlib.suppress(UserError):
        load(path)
    with contextlib.suppress(UserError):
        parse_package(path.read_bytes().decode("utf-8", "replace"), path)


@fuzz
@hypothesis.given(edits=st.lists(_EDIT, min_size=1, max_size=4))
def test_damaged_schemas(
    edits: list, repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("schemas") / "schema.pbtxt"
    good = (repository / "schema" / "taxi" / "schema.pbtxt").read_bytes()
    path.write_bytes(_damaged(good, edits))
    with contextlib.suppress(UserError):
        read_schema(path)


@fuzz
@hypothesis.given(text=st.text(max_size=60), value=st.text(max_size=60))
def test_any_assignment(text: str, value: str) -> None:
    with contextlib.suppress(UserError):
        assignments_layer([text])
    with contextlib.suppress(UserError):
        assignments_layer([f"trainer.train_steps={value}"])
