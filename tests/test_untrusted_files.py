"""What runs code out of a file, or may be made to, is called in one place or nowhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

_PACKAGES = ("core", "schema", "preprocessing", "models", "components", "pipeline", "kubeflow")
# Arrow unpickles an extension type that a file names; only its door prevents that.
_ARROW_CALLS = {
    *("ParquetFile", "ParquetDataset", "read_table", "read_pandas", "read_parquet"),
    *("read_feather", "read_orc", "read_metadata", "read_record_batch", "read_message"),
    *("open_file", "open_stream", "RecordBatchFileReader", "RecordBatchStreamReader"),
}
_ARROW_DOOR = Path("core/arrow_files.py")
# YAML can name more values than memory holds, or kill libyaml by depth.
_YAML_CALLS = {"safe_load", "safe_load_all", "load_all", "compose", "compose_all"}
_UNSAFE_CALLS = {"eval", "exec", "unsafe_load", "full_load", "load_model"}
_UNSAFE_IMPORTS = {"pickle", "joblib", "dill", "cloudpickle", "marshal", "shelve"}
_UNSAFE_IMPORTS |= {"pyarrow.dataset", "pyarrow.feather", "pyarrow.orc"}
_SAFE_ARGUMENTS = {"allow_pickle": False, "safe_mode": True}


def _offences(path: Path, tree: ast.AST) -> Iterator[str]:
    """What stands in a module that must not."""
    calls = _UNSAFE_CALLS | (set() if path == _ARROW_DOOR else _ARROW_CALLS)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from {alias.name for alias in node.names} & _UNSAFE_IMPORTS
        elif isinstance(node, ast.ImportFrom):
            names = {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            yield from names & _UNSAFE_IMPORTS
        elif isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            yield from {called} & calls
            for keyword in node.keywords:
                value = getattr(keyword.value, "value", keyword.value)
                if keyword.arg in _SAFE_ARGUMENTS and value is not _SAFE_ARGUMENTS[keyword.arg]:
                    yield f"{keyword.arg}={value}"


def test_no_module_opens_what_may_run_code_otherwise_than_through_its_door(
    repository: Path,
) -> None:
    found = {}
    for package in _PACKAGES:
        for path in (repository / package).rglob("*.py"):
            place = path.relative_to(repository)
            offences = sorted(set(_offences(place, ast.parse(path.read_bytes()))))
            if offences:
                found[str(place)] = offences

    assert found == {}


@pytest.mark.parametrize(
    ("source", "offence"),
    [
        ("import pyarrow.parquet as pq\npq.read_table('x')", "read_table"),
        ("from pyarrow.parquet import ParquetFile\nParquetFile('x')", "ParquetFile"),
        ("import pandas\npandas.read_parquet('x')", "read_parquet"),
        ("from pyarrow import dataset", "pyarrow.dataset"),
        ("import pickle", "pickle"),
        ("numpy.load('x', allow_pickle=True)", "allow_pickle=True"),
        ("keras.saving.load_model('x', safe_mode=False)", "load_model"),
        ("yaml.unsafe_load('x')", "unsafe_load"),
        ("eval('1')", "eval"),
    ],
)
def test_the_search_finds_what_it_looks_for(source: str, offence: str) -> None:
    assert offence in set(_offences(Path("any.py"), ast.parse(source)))
