"""What a cluster cannot run is refused at once; data and root need not exist here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core import errors
from kubeflow.graph.compilation import Compilation
from tests.kubeflow.conftest import CompileTaxi


@pytest.mark.parametrize(
    ("assignments", "code", "named"),
    [
        (["kubeflow.image=null"], "missing-image", "make image"),
        (["kubeflow.root=s3://bucket/x"], "unsupported-root", "gs://"),
        (["kubeflow.root=/home/you"], "root-not-shared", "/mnt/millrace"),
        (["kubeflow.nodes.Trainr.retries=1"], "unknown-node", "Trainer"),
        (["schema_file=schema/none.pbtxt"], "missing-schema", "none.pbtxt"),
        (["schema_file=/etc/schema.pbtxt"], "schema-not-in-image", "project folder"),
        (["data.path=trips/"], "data-not-on-cluster", "trips/"),
        (["data.path=/home/you/trips/"], "data-not-on-cluster", "/mnt/millrace/trips"),
        (["data.path=/mnt/millrace-old/a.csv"], "data-not-on-cluster", "/mnt/millrace"),
        (["data.sample=null"], "no-data", "--data"),
        (["pushing.directory=served/"], "push-directory-not-on-cluster", "served/"),
        (
            ["kubeflow.root=gs://bucket/x", "data.path=gs://bucket/data/"],
            "sqlite-needs-volume",
            "--profile kubeflow",
        ),
        (["kubeflow.root=gs://bucket/x"], "no-data", "bucket"),
    ],
)
def test_what_a_cluster_cannot_run_is_refused(
    compile_taxi: CompileTaxi, assignments: list[str], code: str, named: str
) -> None:
    with pytest.raises(errors.UserError) as refused:
        compile_taxi(assignments=assignments)

    assert refused.value.code == code
    assert named in str(refused.value)
    assert refused.value.hint


def test_a_refusal_imports_no_tensorflow(repository: Path, tmp_path: Path) -> None:
    program = (
        "import pathlib, sys\n"
        "from core import errors\n"
        "from kubeflow.graph.compilation import compile_graph\n"
        "try:\n"
        "    compile_graph(pathlib.Path('configs/taxi.yaml'), root=pathlib.Path(sys.argv[1]),\n"
        "                  data='/home/you/trips')\n"
        "except errors.UserError:\n"
        "    print(*sorted(sys.modules))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    modules = ended.stdout.split()
    assert "kubeflow.graph.build" in modules
    assert not {"tensorflow", "tfx.components", "kfp", "apache_beam"} & set(modules)


@pytest.mark.parametrize(
    "data", ["gs://bucket/trips/", "/mnt/millrace/trips/span-{SPAN}/*.csv", "/mnt/millrace"]
)
def test_data_that_only_the_cluster_sees_is_not_looked_at(
    compile_taxi: CompileTaxi, taxi: Compilation, data: str
) -> None:
    found = compile_taxi(data=data)

    assert found.loaded.configuration.data.path == data
    assert [task.upstream for task in found.graph.tasks] == [
        task.upstream for task in taxi.graph.tasks
    ]


def test_compiling_leaves_nothing_but_the_kept_pipelines(
    taxi: Compilation, compiled_root: Path
) -> None:
    assert [path.name for path in compiled_root.iterdir()] == ["compiled"]


def test_sqlite_is_warned_about(taxi: Compilation) -> None:
    assert any("SQLite" in warning for warning in taxi.warnings)


def test_an_image_on_the_command_line_is_that_of_all_tasks(compile_taxi: CompileTaxi) -> None:
    graph = compile_taxi(image="registry.example/millrace:1").graph

    assert {task.image for task in graph.tasks} == {"registry.example/millrace:1"}


def test_the_place_of_the_data_on_the_cluster_is_taken_unless_another_is_named(
    compile_taxi: CompileTaxi,
) -> None:
    there = ["kubeflow.data=/mnt/millrace/trips/"]

    configured = compile_taxi(assignments=there)
    named = compile_taxi(assignments=there, data="gs://bucket/trips/")

    assert configured.loaded.configuration.data.path == "/mnt/millrace/trips/"
    assert named.loaded.configuration.data.path == "gs://bucket/trips/"
