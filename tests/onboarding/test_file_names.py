"""Names of pipelines and files, made of paths or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import UserError
from onboarding.file_names import path_in_project, pipeline_name, project_files


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("/home/you/Baby Weights (2024).csv.gz", "baby-weights-2024"),
        ("/data/penguins/data.csv", "penguins"),
        ("/data/trips/span-{SPAN}/*.csv", "trips"),
        ("/data/trips/*.parquet", "trips"),
        ("/data/Größe.csv", "groe"),
        ("/data/orders/train.csv", "orders"),
        ("/data.csv", "table"),
        ("/x/" + "a" * 80 + ".csv", "a" * 63),
    ],
)
def test_a_name_is_made_of_the_path(data: str, name: str) -> None:
    assert pipeline_name(None, data) == name


@pytest.mark.parametrize("asked", ["Trips", "a_b", "-a", "a" * 64, "", "a/b"])
def test_a_name_that_kubernetes_refuses_is_refused(asked: str) -> None:
    with pytest.raises(UserError) as error:
        pipeline_name(asked, "x.csv")
    assert error.value.code == "pipeline-name"


def test_a_refused_name_comes_with_one_that_is_valid() -> None:
    with pytest.raises(UserError) as error:
        pipeline_name("My Trips", "x.csv")
    assert error.value.hint == "--name my-trips"


def test_data_in_the_project_folder_are_named_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "project" / "trips").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)

    assert path_in_project("project/trips", Path("project")) == "trips/"
    assert path_in_project("project/trips/*.csv", Path("project")) == "trips/*.csv"
    assert path_in_project("other.csv", Path("project")) == str(tmp_path / "other.csv")


def test_the_test_s_file_has_a_name_that_python_can_import(tmp_path: Path) -> None:
    assert project_files(tmp_path, "baby-weights").test.stem == "test_baby_weights"
