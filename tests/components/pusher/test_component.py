"""The Pusher as a node, with a real metadata store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from components.pusher import layout
from tests.components.pusher.conftest import make_model


def run_pusher(folder: Path, *, blessed: bool = True, safe: bool | None = None) -> Any:
    """Runs the node alone and gives the PushedModel artifact."""
    from ml_metadata.metadata_store import metadata_store
    from tfx.dsl.components.common.importer import Importer
    from tfx.orchestration import metadata, pipeline
    from tfx.orchestration.local.local_dag_runner import LocalDagRunner
    from tfx.proto import pusher_pb2
    from tfx.types import standard_artifacts

    from components.pusher.component import Pusher

    if not (folder / "model").exists():
        make_model(folder / "model" / "Format-Serving")
    nodes = [
        Importer(source_uri=str(folder / "model"), artifact_type=standard_artifacts.Model).with_id(
            "Model"
        )
    ]
    blessings = {}
    for name, kind, good in (
        ("model_blessing", standard_artifacts.ModelBlessing, blessed),
        ("infra_blessing", standard_artifacts.InfraBlessing, safe),
    ):
        if good is not None:
            uri = folder / f"{name}-{good}"
            uri.mkdir(exist_ok=True)
            importer = Importer(
                source_uri=str(uri), artifact_type=kind, custom_properties={"blessed": int(good)}
            ).with_id(name)
            nodes.append(importer)
            blessings[name] = importer.outputs["result"]
    pusher = Pusher(
        model=nodes[0].outputs["result"],
        push_destination=pusher_pb2.PushDestination(
            filesystem=pusher_pb2.PushDestination.Filesystem(base_directory=str(folder / "serving"))
        ),
        **blessings,
    )
    connection = metadata.sqlite_metadata_connection_config(str(folder / "metadata.sqlite"))
    LocalDagRunner().run(
        pipeline.Pipeline(
            pipeline_name="pushing",
            pipeline_root=str(folder / "root"),
            components=[*nodes, pusher],
            metadata_connection_config=connection,
        )
    )
    return metadata_store.MetadataStore(connection).get_artifacts_by_type("PushedModel")[-1]


def test_the_node_records_what_tfx_records_and_who_pushed_what(tmp_path: Path) -> None:
    first, second = (run_pusher(tmp_path, safe=True).custom_properties for _ in range(2))

    versions = sorted(path.name for path in (tmp_path / "serving").iterdir())
    assert [first["pushed_version"].string_value, second["pushed_version"].string_value] == versions
    assert first["pushed"].int_value == 1
    assert first["pushed_destination"].string_value == str(tmp_path / "serving" / versions[0])
    assert first["pushed_by"].string_value
    served = tmp_path / "serving" / versions[0]
    assert first["model_digest"].string_value == layout.model_digest(served)


@pytest.mark.parametrize(
    ("blessed", "safe", "lacks"),
    [(False, None, "ModelBlessing"), (True, False, "InfraBlessing")],
)
def test_a_model_that_lacks_a_blessing_is_not_pushed(
    tmp_path: Path, blessed: bool, safe: bool | None, lacks: str
) -> None:
    artifact = run_pusher(tmp_path, blessed=blessed, safe=safe)

    assert artifact.custom_properties["pushed"].int_value == 0
    assert artifact.custom_properties["refused_by"].string_value == lacks
    assert not (tmp_path / "serving").exists()


def test_a_blessed_model_that_must_not_be_pushed_now_is_nowhere(tmp_path: Path) -> None:
    from components.pusher import refusal

    with (
        refusal.of_blessed(ValueError("1.1.0 became the champion")),
        pytest.raises(refusal.RefusedError, match=r"1\.1\.0 became the champion"),
    ):
        run_pusher(tmp_path, safe=True)
    assert not (tmp_path / "serving").exists()

    assert run_pusher(tmp_path, safe=True).custom_properties["pushed"].int_value == 1
