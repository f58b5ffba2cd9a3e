"""Files that are no package are refused with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import errors
from kubeflow.package.package import package_text, parse_package, read_package, write_package
from kubeflow.renderers.kfp.pipeline import render
from tests.kubeflow.made_task_graph import made_graph

SPEC = "pipelineInfo: {name: a}\nschemaVersion: 2.1.0\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "0 pipeline specs"),
        ("name: taxi\n", "0 pipeline specs"),
        ("a: [1\n", "flow sequence"),
        (f"{SPEC}---\n{SPEC}", "2 pipeline specs"),
        (f"{SPEC}---\nplatforms: {{}}\n---\nplatforms: {{}}\n", "2 platform documents"),
        (f"{SPEC}---\nkind: Workflow\n", "not part of a package"),
        ('{"pipelineSpec": {}, "runtimeConfig": {}}', "Vertex"),
        ("pipelineInfo: {name: a}\nrot: {}\n", "rot"),
        ("pipelineInfo: [a]\n", "ml_pipelines.PipelineInfo"),
        ("!!python/object:os.system {}\n", "python/object"),
    ],
)
def test_what_is_no_package_is_refused(text: str, reason: str) -> None:
    with pytest.raises(errors.UserError) as refused:
        parse_package(text)
    assert refused.value.code == "not-a-package"
    assert reason in " ".join(refused.value.evidence)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(errors.UserError) as refused:
        read_package(tmp_path / "none.yaml")
    assert refused.value.code == "missing-package"
    assert "none.yaml" in str(refused.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "image.yaml"
    path.write_bytes(b"\xff\xd8\xff")
    with pytest.raises(errors.UserError, match="not a pipeline package"):
        read_package(path)


def test_a_package_is_not_written_through_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(errors.UserError) as refused:
        write_package(render(made_graph()), tmp_path / "file" / "taxi.yaml")
    assert refused.value.code == "unwritable-package"


def test_json_is_read_as_well(tmp_path: Path) -> None:
    package = parse_package('{"pipelineInfo": {"name": "a"}, "schemaVersion": "2.1.0"}')
    assert package.spec.pipeline_info.name == "a"
    assert package.platform is None


def test_a_written_package_is_read_back_with_its_size(tmp_path: Path) -> None:
    package = render(made_graph())
    path = tmp_path / "folder" / "taxi.yaml"

    size = write_package(package, path)

    assert size == path.stat().st_size == len(package_text(package).encode())
    assert read_package(path) == package


def test_a_description_of_several_lines_stays_a_comment() -> None:
    package = render(made_graph(description="First.\nSecond: {line}\n# third"))

    assert parse_package(package_text(package)) == package
