"""What a task is told becomes a configuration and places, or is refused."""

from __future__ import annotations

import dataclasses
import json
from importlib import metadata
from pathlib import Path

import pytest

from core import errors
from kubeflow.entrypoint.arguments import TaskArguments
from kubeflow.entrypoint.request import node_request
from pipeline.configuration.loading import load

VERSION = metadata.version("millrace")


@pytest.fixture
def told(tmp_path: Path, repository: Path) -> TaskArguments:
    """The arguments of a task of the taxi pipeline with data of its own."""
    configuration = load(
        repository / "configs" / "taxi.yaml", assignments=["data.path=/data/trips.csv"]
    ).configuration
    return TaskArguments(
        node="Trainer",
        run_id="run-1",
        root=str(tmp_path),
        compiled_by=VERSION,
        configuration=json.dumps(configuration.model_dump(mode="json", exclude={"kubeflow"})),
        values={},
        executor_output="",
        outputs=(),
    )


def refused(told: TaskArguments, **changes: object) -> errors.UserError:
    with pytest.raises(errors.UserError) as caught:
        node_request(dataclasses.replace(told, **changes), Path("/workspace"))  # type: ignore[arg-type]
    return caught.value


def test_values_are_applied_and_places_known(told: TaskArguments, tmp_path: Path) -> None:
    told = dataclasses.replace(told, values={"trainer.train_steps": "7"})

    request = node_request(told, Path("/workspace"))

    assert request.configuration.trainer.train_steps == 7
    assert request.locations.artifacts == str(tmp_path / "artifacts")
    assert request.locations.in_project("schema/x") == "/workspace/schema/x"
    assert request.store_name() == str(tmp_path / "metadata.sqlite")
    assert not request.is_remote


def test_a_bucket_is_no_path(told: TaskArguments) -> None:
    request = node_request(dataclasses.replace(told, root="gs://b/x"), Path("/workspace"))

    assert request.is_remote
    assert request.locations.artifacts == "gs://b/x/artifacts"


def test_a_package_of_another_version_is_refused(told: TaskArguments) -> None:
    error = refused(told, compiled_by="99.0")

    assert error.code == "package-version"
    assert error.headline == (
        f"the package was compiled by Millrace 99.0, this image has {VERSION}"
    )
    assert "kubeflow.image" in error.hint


@pytest.mark.parametrize(
    ("values", "code", "name"),
    [
        ({"trainer.train_steps": "0"}, "parameter-bounds", "trainer.train_steps"),
        ({"trainer.train_steps": "many"}, "parameter-type", "trainer.train_steps"),
        ({"trainer.train_step": "7"}, "unknown-parameter", "trainer.train_step"),
    ],
)
def test_a_wrong_value_is_refused_with_the_parameters_name(
    told: TaskArguments, values: dict[str, str], code: str, name: str
) -> None:
    error = refused(told, values=values)

    assert error.code == code
    assert name in error.headline


def test_an_unknown_node_is_answered_with_the_nearest(told: TaskArguments) -> None:
    error = refused(told, node="Trainr")

    assert error.code == "unknown-node"
    assert error.hint == "did you mean Trainer?"


def test_a_root_that_tensorflow_cannot_write_is_refused(told: TaskArguments) -> None:
    assert refused(told, root="s3://b/x").code == "unsupported-root"


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_an_unreadable_configuration_is_refused(told: TaskArguments, text: str) -> None:
    assert refused(told, configuration=text).code == "package-configuration"


def test_bundled_data_is_made_once(told: TaskArguments, tmp_path: Path) -> None:
    values = json.loads(told.configuration)
    values["data"] |= {"path": None, "sample": "taxi", "sample_rows": 20}
    told = dataclasses.replace(told, configuration=json.dumps(values))

    first = node_request(told, Path("/workspace"))
    made = tmp_path / "sample" / "taxi-20-0" / "data.csv"
    before = made.stat()
    second = node_request(told, Path("/workspace"))

    assert first.configuration.data.path == str(made.parent)
    assert second.configuration == first.configuration
    assert made.stat() == before


def test_bundled_data_is_not_made_in_a_bucket(told: TaskArguments) -> None:
    values = json.loads(told.configuration)
    values["data"] |= {"path": None, "sample": "taxi"}

    assert refused(told, configuration=json.dumps(values), root="gs://b").code == "no-data"
