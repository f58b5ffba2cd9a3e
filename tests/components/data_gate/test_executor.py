"""The gate between a real ExampleValidator and what follows, on a real metadata store."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from core.errors import DataError

_GOOD = pd.DataFrame({"fare": [5.0, 7.5, 9.0, 4.0] * 25, "payment": ["Cash", "Card"] * 50})
_SPLITS = ["train", "eval"]


def _artifact(kind: type, folder: Path) -> Any:
    from tfx.types import artifact_utils

    artifact = kind()
    artifact.uri = str(folder)
    if "split_names" in (kind.PROPERTIES or {}):
        artifact.split_names = artifact_utils.encode_split_names(_SPLITS)
    return artifact


@pytest.fixture
def validated(tmp_path: Path) -> Callable[[pd.DataFrame], dict[str, list[Any]]]:
    """Gives the gate's inputs for a table as the split ``eval``, `_GOOD` as ``train``."""

    def inputs(table: pd.DataFrame) -> dict[str, list[Any]]:
        import tensorflow_data_validation as tfdv
        from tfx.components.example_validator.executor import Executor as ExampleValidator
        from tfx.types import standard_artifacts
        from tfx.utils import io_utils

        statistics = _artifact(standard_artifacts.ExampleStatistics, tmp_path / "statistics")
        schema = _artifact(standard_artifacts.Schema, tmp_path / "ImportSchemaGen")
        anomalies = _artifact(standard_artifacts.ExampleAnomalies, tmp_path / "anomalies")
        examples = _artifact(standard_artifacts.Examples, tmp_path / "examples")
        computed = {
            split: tfdv.generate_statistics_from_dataframe(part)
            for split, part in zip(_SPLITS, (_GOOD, table), strict=True)
        }
        for split, proto in computed.items():
            path = tmp_path / "statistics" / f"Split-{split}" / "FeatureStats.pb"
            path.parent.mkdir(parents=True)
            path.write_bytes(proto.SerializeToString())
        io_utils.write_pbtxt_file(
            str(tmp_path / "ImportSchemaGen" / "schema.pbtxt"), tfdv.infer_schema(computed["train"])
        )
        ExampleValidator().Do(
            {"statistics": [statistics], "schema": [schema]}, {"anomalies": [anomalies]}, {}
        )
        return {
            "anomalies": [anomalies],
            "statistics": [statistics],
            "schema": [schema],
            "examples": [examples],
        }

    return inputs


def _pass_gate(inputs: dict[str, list[Any]], folder: Path, allowed: list[str] | None = None) -> Any:
    from components.data_gate.artifacts import DataBlessing
    from components.data_gate.executor import Executor

    blessing = _artifact(DataBlessing, folder / "blessing")
    settings = json.dumps({"allowed": allowed or []})
    Executor().Do(inputs, {"blessing": [blessing]}, {"settings": settings})
    return blessing


def test_good_data_pass_with_a_report(validated: Any, tmp_path: Path) -> None:
    blessing = _pass_gate(validated(_GOOD), tmp_path)

    report = json.loads((tmp_path / "blessing" / "data_gate.json").read_text())
    assert blessing.get_int_custom_property("blessed") == 1
    assert report["accepted"] is True
    assert report["splits"] == _SPLITS
    assert report["warnings"] == report["allowed"] == []


def test_data_that_break_the_schema_are_refused_with_the_reasons(
    validated: Any, tmp_path: Path
) -> None:
    bad = _GOOD.assign(payment=["Cash", "Doubloons"] * 50, surprise=1).drop(columns="fare")

    with pytest.raises(DataError) as raised:
        _pass_gate(validated(bad), tmp_path)

    error = raised.value
    assert error.headline == "3 features of the new data break the schema"
    assert len(error.evidence) == 3
    assert all(line.startswith("eval: ") for line in error.evidence)
    [payment] = [line for line in error.evidence if "payment" in line]
    assert "Doubloons" in payment
    assert "50 of 100 examples" in payment
    assert "question 4, type" in payment
    assert "schema.pbtxt" in error.hint
    assert not (tmp_path / "blessing").exists()


def test_allowed_anomalies_pass_and_stay_in_the_report(validated: Any, tmp_path: Path) -> None:
    bad = _GOOD.assign(payment=["Cash", "Doubloons"] * 50)

    blessing = _pass_gate(validated(bad), tmp_path, ["payment:ENUM_TYPE_UNEXPECTED_STRING_VALUES"])

    report = json.loads((tmp_path / "blessing" / "data_gate.json").read_text())
    assert blessing.get_int_custom_property("allowed") == 1
    [finding] = report["allowed"]
    assert (finding["feature"], finding["split"]) == ("payment", "eval")
    assert finding["values"] == ["Doubloons"]


def test_the_gate_runs_as_a_node_and_publishes_its_blessing(validated: Any, tmp_path: Path) -> None:
    from ml_metadata.metadata_store import metadata_store
    from tfx.dsl.components.common.importer import Importer
    from tfx.orchestration import metadata, pipeline
    from tfx.orchestration.local.local_dag_runner import LocalDagRunner
    from tfx.types import artifact_utils

    from components.data_gate.component import DataGate

    importers = {
        name: Importer(
            source_uri=artifact.uri,
            artifact_type=type(artifact),
            properties={"split_names": artifact_utils.encode_split_names(_SPLITS)}
            if "split_names" in (type(artifact).PROPERTIES or {})
            else {},
        ).with_id(name)
        for name, [artifact] in validated(_GOOD).items()
    }
    gate = DataGate(**{name: node.outputs["result"] for name, node in importers.items()})
    connection = metadata.sqlite_metadata_connection_config(str(tmp_path / "metadata.sqlite"))

    LocalDagRunner().run(
        pipeline.Pipeline(
            pipeline_name="gate",
            pipeline_root=str(tmp_path / "root"),
            components=[*importers.values(), gate],
            metadata_connection_config=connection,
        )
    )

    [blessing] = metadata_store.MetadataStore(connection).get_artifacts_by_type("DataBlessing")
    assert blessing.custom_properties["blessed"].int_value == 1
    assert Path(blessing.uri, "data_gate.json").is_file()
