"""A Parquet file or an Arrow stream cannot run the code that somebody wrote into it."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pyarrow_hotfix
import pytest

from components.example_gen.inspection import inspect_source
from core.arrow_files import open_ipc_file, open_ipc_stream
from core.errors import DataError
from tests.e2e.command import millrace


class _Command:
    """Makes a file when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._marker,)


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """A file that is there once a payload has run."""
    return tmp_path / "executed"


@pytest.fixture(params=["a number", "a text after good columns", "a part of a struct"])
def table(request: pytest.FixtureRequest, marker: Path) -> pa.Table:
    """Three rows; the column `bad` is of the extension type that Arrow unpickles."""
    pyarrow_hotfix.install()
    metadata = {
        "ARROW:extension:name": "arrow.py_extension_type",
        "ARROW:extension:metadata": pickle.dumps(_Command(marker)),
    }
    good = [pa.field("id", pa.int64()), pa.field("price", pa.float64())]
    number = pa.field("bad", pa.int64(), metadata=metadata)
    fields = {
        "a number": [number],
        "a text after good columns": [*good, pa.field("bad", pa.string(), metadata=metadata)],
        "a part of a struct": [*good, pa.field("bad", pa.struct([number.with_name("part")]))],
    }[request.param]
    return pa.table([pa.nulls(3, field.type) for field in fields], schema=pa.schema(fields))


@pytest.fixture
def parquet(table: pa.Table, tmp_path: Path) -> Path:
    """The table as a Parquet file."""
    path = tmp_path / "rows.parquet"
    pyarrow.parquet.write_table(table, path)
    return path


def test_arrow_alone_runs_the_code_of_a_parquet_file(parquet: Path, marker: Path) -> None:
    program = "import sys, pyarrow.parquet; pyarrow.parquet.ParquetFile(sys.argv[1])"

    subprocess.run([sys.executable, "-c", program, parquet], capture_output=True, check=False)

    assert marker.exists(), "without this the other tests prove nothing"


def test_a_parquet_file_with_code_is_refused_by_column(parquet: Path, marker: Path) -> None:
    with pytest.raises(DataError) as caught:
        inspect_source(parquet)

    assert caught.value.headline == "column 'bad' of rows.parquet holds a pickled Python object"
    assert caught.value.evidence[0] == f"{parquet}, column 'bad': arrow.py_extension_type"
    assert not marker.exists()


def test_a_footer_that_hides_the_type_is_refused_all_the_same(parquet: Path, marker: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.arrow_files._refuse_pickles", lambda path, stream: None)
        with pytest.raises(DataError) as caught:
            inspect_source(parquet)

    assert caught.value.headline == "a column of rows.parquet holds a pickled Python object"
    assert not marker.exists()


@pytest.mark.parametrize("opener", [open_ipc_file, open_ipc_stream])
def test_arrows_own_files_do_not_run_code(opener: Callable, table: pa.Table, marker: Path) -> None:
    sink = pa.BufferOutputStream()
    new = pa.ipc.new_file if opener is open_ipc_file else pa.ipc.new_stream
    with new(sink, table.schema) as writer:
        writer.write_table(table)

    with pytest.raises(RuntimeError, match=r"Disallowed deserialization"):
        opener(pa.BufferReader(sink.getvalue()))

    assert not marker.exists()


@pytest.mark.parametrize(
    "words", [("data", "describe"), ("init", "--label", "bad", "--data"), ("schema", "infer")]
)
@pytest.mark.parametrize("table", ["a number"], indirect=True)
def test_no_command_runs_the_code(
    words: tuple[str, ...], parquet: Path, marker: Path, tmp_path: Path
) -> None:
    done = millrace(tmp_path, *words, str(parquet))

    assert done.code == DataError.exit_code, done.errors
    assert "column 'bad'" in done.errors
    assert not marker.exists()
